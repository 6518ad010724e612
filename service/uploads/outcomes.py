"""How far an upload is, in short: what each stage hands to the next, and DBOS keeps. JSON values only. A leaf."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Read:
    rows: int


@dataclass(frozen=True, slots=True)
class Checked:
    """`table` and `counts` as the API shows them; `problem` {"code", "detail", "fields"} where nothing may be drawn."""

    table: dict[str, Any]
    counts: dict[str, int]
    labels: int
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Drawn:
    labels: int
    pages: int


@dataclass(frozen=True, slots=True)
class Verified:
    """`checked` and `decoded` are of the first look; `counts` and the rest are of what is delivered. `problem`: nothing may be."""

    checked: int
    decoded: int
    counts: dict[str, int]
    labels: int
    pages: int
    next_start: int
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Published:
    size_bytes: int
