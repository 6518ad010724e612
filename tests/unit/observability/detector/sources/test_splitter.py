"""Bytes to lines: positions, bad bytes, bounds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.signals import Position
from observability.detector.sources.splitter import MAX_LINE_BYTES, LineSplitter

NOW = datetime(2025, 11, 7, 19, 0, 19, tzinfo=UTC)

CASES: dict[str, tuple[bytes, list[str]]] = {
    "a line ends at its line break": (b"one\ntwo\n", ["one", "two"]),
    "a line without a line break is held": (b"one\ntw", ["one"]),
    "an empty line is a line, a traceback may hold it": (b"one\n\ntwo\n", ["one", "", "two"]),
    "a line break of Windows is a line break": (b"one\r\ntwo\r\n", ["one", "two"]),
    "a carriage return inside a line stays": (b"10%\r20%\n", ["10%\r20%"]),
    "bad bytes are shown, not dropped": (b"caf\xe9 \xff\n", ["caf\\xe9 \\xff"]),
    "good UTF-8 stays as it is": ("Größe ✓\n".encode(), ["Größe ✓"]),
    "the hole that copytruncate leaves under a writer is no text": (b"\0" * 100 + b"one\n", ["one"]),
    "a NUL that was written stays": (b"o\0ne\n", ["o\0ne"]),
}


@pytest.mark.parametrize(("written", "want"), CASES.values(), ids=CASES)
def test_lines_of_a_chunk(written: bytes, want: list[str]) -> None:
    splitter = LineSplitter("a.log", Position(7, 0, 1))
    assert [line.text for line in splitter.feed(written, NOW)] == want


def test_the_last_line_is_delivered_when_nothing_more_will_come() -> None:
    splitter = LineSplitter("a.log", Position(7, 0, 1))
    assert splitter.feed(b"one\ntwo", NOW)[0].text == "one"
    assert [line.text for line in splitter.flush(NOW)] == ["two"]
    assert splitter.flush(NOW) == []


def test_a_line_of_10_mb_keeps_its_beginning_and_says_what_is_missing() -> None:
    splitter = LineSplitter("a.log", Position(7, 0, 1))
    for _ in range(10):
        assert splitter.feed(b"x" * 1_000_000, NOW) == []
    long, after = splitter.feed(b"\nnext\n", NOW)
    assert long.text == "x" * MAX_LINE_BYTES + f"…[{10_000_000 - MAX_LINE_BYTES} bytes cut]"
    assert (after.text, after.position) == ("next", Position(7, 10_000_001, 2))


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(1, 17))
def test_positions_point_to_the_line_whatever_the_chunks(pieces: list[bytes], step: int) -> None:
    written = b"\n".join(pieces) + b"\n"
    splitter = LineSplitter("a.log", Position(7, 0, 1))
    lines = [line for at in range(0, len(written), step) for line in splitter.feed(written[at : at + step], NOW)]
    assert [line.position.number for line in lines] == list(range(1, written.count(b"\n") + 1))
    starts = [0, *(at + 1 for at, byte in enumerate(written) if byte == 0x0A)][:-1]
    assert [line.position.offset for line in lines] == starts
    assert splitter.position.offset == splitter.read_to == len(written)
