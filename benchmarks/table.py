"""Rows of a measurement as a Markdown table, and order statistics. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Row:
    """One measured value beside its peer (or limit) of the same run."""

    what: str
    ours: str
    peer: str  # what it was compared with, and its value
    ratio: str
    aim: str
    met: bool | None  # None: no aim was set


def quantile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile of the values. Raises ValueError when there are none."""
    if not values:
        raise ValueError("no values: nothing was measured")
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def markdown(rows: Iterable[Row]) -> str:
    """Return the table."""
    marks = {True: "met", False: "**missed**", None: "–"}
    lines = ["| what | barwatch | in the same run | ratio | aim | |", "|---|---|---|---|---|---|"]
    lines += [f"| {row.what} | {row.ours} | {row.peer} | {row.ratio} | {row.aim} | {marks[row.met]} |" for row in rows]
    return "\n".join(lines)
