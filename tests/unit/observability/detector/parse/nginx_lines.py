"""What the tests of nginx's lines share: lines with their expectations, and where the shared material lies."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from observability.detector.signals import Line, Origin, Position

READ_AT = datetime(2026, 11, 7, 19, 0, 20, tzinfo=UTC)
ORIGIN = Origin("error.log", 1, "", READ_AT)
CHECKOUT = Path(__file__).parents[5]
OWN = CHECKOUT / "tests" / "corpus"
SHARED = Path(os.environ.get("BARWATCH_SHARED") or CHECKOUT.parent / "shared")


@dataclass(frozen=True, slots=True)
class Expected:
    """A line, and the signal in it; `kind` is None where there is none."""

    text: str
    kind: str | None
    fields: dict[str, Any]


def own(name: str) -> Iterator[Expected]:
    """Yield the lines of a file of tests/corpus: the expectation stands above each as JSON."""
    said: dict[str, Any] | None = None
    for line in (OWN / name).read_text("utf-8").splitlines():
        if line.startswith(("# {", "# null")):
            said = json.loads(line[2:])
        elif not line.startswith("#"):
            yield Expected(line, said["kind"] if said else None, said["fields"] if said else {})


def shared(name: str) -> list[dict[str, Any]]:
    """Return the items of a file of the shared corpus; the test is skipped where this checkout has none beside it."""
    path = SHARED / "corpus" / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def recorded(name: str) -> str:
    """Return a recording of a real server."""
    path = OWN / name if (OWN / name).exists() else SHARED / "recordings" / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return path.read_text("utf-8")


def lines_of(*texts: str, source: str = "error.log", read_at: datetime = READ_AT, number: int = 1) -> list[Line]:
    """Return texts as consecutive lines of one source."""
    return [Line(source, Position(7, 100 * at, at), text, read_at) for at, text in enumerate(texts, start=number)]
