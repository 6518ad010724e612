"""Whatever a log holds: parsing never raises, is bounded, and costs in proportion to what is read."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observability.detector.parse import Pending, flush, parse_text, step
from observability.detector.signals import Line, Position, Signal

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
PIECES = (
    *("Traceback (most recent call last):", '  File "/a.py", line 3, in f', "KeyError: 1", "    raise", "  | ", "  + "),
    *("2026/11/24 14:00:00 [error] 28#28: *9 ", "upstream prematurely closed connection", 'request: "GET / HTTP/1.1"'),
    *(
        '{"log":"',
        '\\n","stream":"stderr","time":"2026-11-24T14:00:00.1Z"}',
        '{"event":"process.exited",',
        '"level":"error"}',
    ),
    *(
        "backend-1  | ",
        "<34>Nov 24 14:00:00 host app[1]: ",
        "2026-11-24T14:00:00.1Z stderr P ",
        "MESSAGE=",
        "\x1b[31m",
        "\r",
    ),
    *(
        "Fatal Python error: Segmentation fault",
        "Current thread 0x1 (most recent call first):",
        "State: {",
        "\0",
        "\\xff",
    ),
    *(
        "9999/12/31 23:59:59 [error] 1#1: ",
        "0001-01-01 00:00:00 ",
        '"',
        "{",
        "[",
        "}" * 9,
        "\u2028",
        "\ud800",
        "é",
        " " * 70,
    ),
)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=6).map("".join)


def line(number: int, text: str) -> Line:
    return Line("fuzz.log", Position(1, number * 10, number), text, NOW)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, max_size=12), st.integers(1, 5))
def test_no_lines_break_it_and_what_waits_is_known(written: list[str], batch: int) -> None:
    pending, signals = Pending(), list[Signal]()
    lines = [line(number, text) for number, text in enumerate(written, start=1)]
    for at in range(0, len(lines), batch):
        pending, more = step(pending, lines[at : at + batch], NOW)
        signals += more
        assert all(1 <= position.number <= at + batch for position in pending.held_from.values())
    signals += flush(pending, NOW)
    assert len(signals) <= 3 * max(1, sum(map(len, written)))
    assert step(pending, (), NOW + timedelta(days=2))[0] == Pending()


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, max_size=12).map("\n".join))
def test_no_paste_breaks_it(written: str) -> None:
    parse_text(written, "paste", NOW)


SHAPES: dict[str, Callable[[int], list[str]]] = {
    "access lines": lambda n: ['1.2.3.4 - - [24/Nov/2026:14:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"'] * n,
    "error lines": lambda n: ["2026/11/24 14:00:00 [error] 28#28: *9 connect() failed (111: x) while y, client: 1"] * n,
    "frames without an end": lambda n: ['  File "/a.py", line 3, in f'] * n,
    "headers only": lambda n: ["Traceback (most recent call last):"] * n,
    "a chain without end": lambda n: (
        [*PIECES[:3], "", "During handling of the above exception, another exception occurred:", ""] * (n // 6)
    ),
    "exceptions": lambda n: ["ValueError: x"] * n,
    "entries that promise a traceback": lambda n: ["2026-11-24 14:00:00 ERROR x"] * n,
    "a dump without end": lambda n: ["Fatal Python error: Aborted", *['  File "/a.py", line 3 in f'] * (n - 1)],
    "pieces of Docker without an end": lambda n: ["2026-11-24T14:00:00.1Z stderr P xxxxxxxxxxxxxxxx"] * n,
    "writers without number": lambda n: [f"c{number}-1  | Traceback (most recent call last):" for number in range(n)],
    "JSON that is cut": lambda n: ['{"log":"x\\n","stream":"st'] * n,
    "JSON that is deep": lambda n: ['{"a":' * 50] * n,
}


def calls(texts: list[str]) -> int:
    """Return how many calls it takes to read these lines, those into C included."""
    count = 0

    def counted(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    lines = [line(number, text) for number, text in enumerate(texts, start=1)]
    sys.setprofile(counted)
    try:
        pending = Pending()
        for at in range(0, len(lines), 50):
            pending, _ = step(pending, lines[at : at + 50], NOW)
        flush(pending, NOW)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_four_times_as_much_costs_four_times_as_much(shape: Callable[[int], list[str]]) -> None:
    few, many = calls(shape(200)), calls(shape(800))
    assert many <= 5 * few  # up to 512 writers are waited for: the last batches go through all of them
