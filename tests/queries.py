"""Grafana's variables filled in as Grafana does, and Grafana's own grammars asked about a query."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.compose import ROOT

GRAMMARS = ROOT / "tests/grammars"
_VARIABLES = {
    "$__rate_interval": "1m",
    "$__auto": "1m",
    "$request_id": "7b1e0c6a4d2f4f0e9a3b5c6d7e8f9a0b",
    "$trace_id": "4f0e9a3b5c6d7e8f9a0b7b1e0c6a4d2f",
}


@dataclass(frozen=True, slots=True)
class Read:
    """What a grammar says of a query."""

    query: str
    errors: list[dict[str, Any]]
    selected: dict[str, dict[str, str]]  # stream selector: label → how and value
    filtered: list[str]  # labels that a filter after it names
    unpacked: bool  # whether `| json` makes labels out of the line


def filled(query: str) -> str:
    """Return the query with Grafana's variables replaced."""
    for name, value in _VARIABLES.items():
        query = query.replace(name, value)
    return query


def read_logql(queries: list[str]) -> list[Read]:
    """Parse with @grafana/lezer-logql."""
    return [Read(**found) for found in _read({"logql": queries, "traceql": []})["logql"]]


def read_traceql(queries: list[str]) -> list[Read]:
    """Parse with @grafana/lezer-traceql."""
    return [Read(**found) for found in _read({"logql": [], "traceql": queries})["traceql"]]


def _read(asked: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    node = shutil.which("node")
    assert node, "node is missing: run deploy/install.sh servers"
    assert (GRAMMARS / "node_modules").is_dir(), "the grammars are missing: run deploy/install.sh servers"
    said = subprocess.run(
        [node, GRAMMARS / "read.mjs"], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    found: dict[str, list[dict[str, Any]]] = json.loads(said.stdout)
    return found
