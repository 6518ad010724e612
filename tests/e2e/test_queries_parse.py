"""Every LogQL and TraceQL query of dashboards and rules, through Grafana's own grammars, against the labels that Alloy sets."""

import re

import pytest
import yaml

from dashboards.queries import LOKI, TEMPO
from tests.compose import ROOT
from tests.queries import filled, read_logql, read_traceql

pytestmark = pytest.mark.e2e
ALLOY = (ROOT / "deploy/alloy/config.alloy").read_text("utf-8")


def _rules() -> dict[str, str]:
    files = (ROOT / "alerts/loki").glob("*.yml")
    groups = [group for file in files for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


QUERIES = {name: filled(query) for name, query in (LOKI | _rules()).items()}


def _streams() -> dict[str, set[str]]:
    """Return the labels of log streams that the shipping configuration sets, with their values; level has those of a log."""
    targets = [
        dict(re.findall(r'"([a-z_]+)"\s*= "([^"]*)"', found))
        for found in re.findall(r"path_targets = \[\{(.*?)\}\]", ALLOY)
    ]
    labels = {name: {target[name] for target in targets} for name in ("service", "log")}
    return labels | {
        "level": {"debug", "info", "notice", "warning", "warn", "error", "critical", "crit", "alert", "emerg"}
    }


def _metadata() -> set[str]:
    blocks = re.findall(r"stage\.structured_metadata \{\s*values = \{(.*?)\}", ALLOY, re.S)
    return {name for block in blocks for name in re.findall(r"([a-z_]+) = ", block)}


def test_the_shipping_configuration_sets_what_the_tests_below_hold_queries_against() -> None:
    assert _streams()["log"] == {"access", "error", "backend", "detector"}
    assert {"request_id", "trace_id", "job_id", "event", "status"} <= _metadata()


def test_every_logql_query_parses() -> None:
    assert {read.query: read.errors for read in read_logql(list(QUERIES.values())) if read.errors} == {}


def test_a_broken_query_would_be_noticed() -> None:
    (broken, fine) = read_logql(['{service="front"', '{service="front"} | json'])
    assert broken.errors
    assert (fine.errors, fine.selected, fine.unpacked) == ([], {"service": {"how": "=", "value": '"front"'}}, True)


def test_every_selector_names_labels_that_are_set_and_values_that_exist() -> None:
    streams = _streams()
    for read in read_logql(list(QUERIES.values())):
        assert read.selected, read.query
        for label, matcher in read.selected.items():
            assert label in streams, read.query
            matches = [value for value in streams[label] if re.fullmatch(matcher["value"].strip('"`'), value)]
            assert matches, read.query


def test_every_filter_names_what_is_set_or_taken_out_of_the_line() -> None:
    for read in read_logql(list(QUERIES.values())):
        known = _metadata() | ({*read.filtered} if read.unpacked else set()) | {"__error__"}
        assert set(read.filtered) <= known, read.query


def test_every_traceql_query_parses() -> None:
    queries = [filled(query) for name, query in TEMPO.items() if name != "one trace"]  # that one is an id alone
    assert {read.query: read.errors for read in read_traceql(queries) if read.errors} == {}
    (broken,) = read_traceql(["{ name = }"])
    assert broken.errors
