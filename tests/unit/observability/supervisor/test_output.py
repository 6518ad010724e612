"""stderr bytes to entries: a burst of text is one event, JSON passes at once, nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.supervisor.output import MAX_TEXT_BYTES, SILENCE_S, Entry, Grouping, JsonLine, Text

TRACEBACK = b'Traceback (most recent call last):\n  File "x.py", line 1, in f\nValueError: no\n'

BURSTS: dict[str, tuple[list[bytes], list[Entry]]] = {
    "a traceback is one entry": ([TRACEBACK], [Text(TRACEBACK.decode().rstrip())]),
    "in two pieces, cut within a line, too": ([TRACEBACK[:50], TRACEBACK[50:]], [Text(TRACEBACK.decode().rstrip())]),
    "a log event passes as it is": ([b'{"event":"x.y"}\n'], [JsonLine(b'{"event":"x.y"}\n')]),
    "one in the middle of a traceback does not cut it": (
        [TRACEBACK[:35], b'{"event":"x"}\n', TRACEBACK[35:]],
        [JsonLine(b'{"event":"x"}\n'), Text(TRACEBACK.decode().rstrip())],
    ),
    "JSON that is no event is text": ([b'{"a":1}\n'], [Text('{"a":1}')]),
    "what only looks like JSON is text": ([b"{not json}\n"], [Text("{not json}")]),
    "a last line without a break counts": ([b"Killed"], [Text("Killed")]),
    "an event without a break gets one": ([b'{"event":"x"}'], [JsonLine(b'{"event":"x"}\n')]),
    "bytes that are no UTF-8 are shown": ([b"bad \xff\n"], [Text("bad \\xff")]),
    "blank lines alone are nothing": ([b"\n\n"], []),
    "blank lines within are kept": ([b"a\n\nb\n"], [Text("a\n\nb")]),
}


@pytest.mark.parametrize(("pieces", "entries"), BURSTS.values(), ids=BURSTS)
def test_a_burst(pieces: list[bytes], entries: list[Entry]) -> None:
    grouping = Grouping()
    found = [entry for piece in pieces for entry in grouping.feed(piece, now=0.0)]
    assert found + grouping.flush() == entries
    assert grouping.due is None


def test_a_burst_ends_with_silence() -> None:
    grouping = Grouping()
    grouping.feed(b"first\n", now=1.0)
    assert grouping.due == 1.0 + SILENCE_S
    grouping.feed(b"second\n", now=1.04)
    assert grouping.due == 1.04 + SILENCE_S
    assert grouping.flush() == [Text("first\nsecond")]


def test_a_flood_comes_in_bounded_pieces() -> None:
    grouping = Grouping()
    entries = grouping.feed(b"x" * 79 + b"\n", 0.0)
    for _ in range(10_000):
        entries += grouping.feed(b"x" * 79 + b"\n", 0.0)
    entries += grouping.flush()
    texts = [entry.text for entry in entries if isinstance(entry, Text)]
    assert all(len(text) <= MAX_TEXT_BYTES for text in texts)
    assert sum(text.count("x") for text in texts) == 10_001 * 79


@given(st.lists(st.binary(max_size=200)), st.integers(0, 3))
def test_nothing_is_lost_however_it_is_cut(pieces: list[bytes], seed: int) -> None:
    grouping = Grouping()
    entries = [entry for piece in pieces for entry in grouping.feed(piece, float(seed))] + grouping.flush()
    shown = "\n".join(entry.text if isinstance(entry, Text) else entry.line.decode().rstrip() for entry in entries)
    expected = b"".join(pieces).decode("utf-8", "backslashreplace")
    assert "".join(shown.split()) == "".join(expected.split())


def test_one_line_without_end_does_not_fill_the_memory() -> None:
    grouping = Grouping()
    entries = [entry for _ in range(20) for entry in grouping.feed(b"y" * 10_000, 0.0)] + grouping.flush()
    texts = [entry.text for entry in entries if isinstance(entry, Text)]
    assert all(len(text) <= MAX_TEXT_BYTES for text in texts)
    assert "".join(texts) == "y" * 200_000
