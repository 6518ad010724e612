"""Laws of the readers of Python text: they never raise, and take time in proportion to the text."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse.python_text import python_signals
from observability.detector.parse.rows import MAX_TEXT, rows_of

from .lines import CORPUS, lines_of
from .test_traceback import DAMAGES, FORMS, PLAIN

PIECES = st.sampled_from(
    [
        "Traceback (most recent call last):",
        '  File "a.py", line 3, in f',
        '  File "a.py", line 3',
        "    source()",
        "    ^^^^",
        "ValueError: x",
        "Caught: y",
        "During handling of the above exception, another exception occurred:",
        '"""',
        "",
        "  + Exception Group Traceback (most recent call last):",
        "  | ExceptionGroup: x (1 sub-exception)",
        "\\n",
        '{"a": "',
        "  +-+---------------- 1 ----------------",
        "Call stack:",
        "  [Previous line repeated 9 more times]",
        "  File",
        "#012",
        "Fatal Python error: Aborted",
        "Current thread 0x1 (most recent call first):",
        '  File "a.py", line 3 in f',
        "\x1b[31m",
        "Worker (pid:1) was sent SIGKILL!",
        "OOMKilled: true",
        '"ExitCode": 137,',
        "Exit Code: 9",
        "─ Traceback (most recent call last) ─╮",
        "│ /a.py:1 in f │",
        "2026-11-07 19:00:19 ",
        "web | ",
    ]
)


@given(st.lists(st.lists(PIECES | st.text(string.printable, max_size=10), max_size=4).map("".join), max_size=30))
def test_no_lines_make_it_raise(texts: list[str]) -> None:
    for signal in python_signals(lines_of("\n".join(texts))):
        assert signal.origin.line >= 1


@given(
    st.sampled_from([text for text, _ in FORMS.values()]),
    st.sampled_from(list(DAMAGES.values())),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_any_part_of_a_traceback_can_be_read(text: str, damage: object, start: int, length: int) -> None:
    assert callable(damage)
    python_signals(lines_of(str(damage(text))[start : start + length]))


@pytest.mark.parametrize(
    "piece",
    [
        'File "',
        "\\n",
        "\\",
        "'",
        '"',
        "a.",
        "A.",
        "+-",
        " ",
        "\t",
        "^~",
        "1",
        "[",
        "(",
        "#012",
        "x: ",
        "free(): ",
        "Exit Code: ",
    ],
)
@pytest.mark.parametrize("before", ["", f"{PLAIN}\n", 'File \\"x\\n '])
def test_a_line_of_a_million_characters_is_looked_at_within_bounds(piece: str, before: str) -> None:
    text = before + piece * (1_000_000 // len(piece))
    assert all(len(row.text) <= MAX_TEXT for row in rows_of(lines_of(text)))
    python_signals(lines_of(text))


def test_signals_come_in_the_order_of_their_lines() -> None:
    text = f"Worker (pid:1) was sent SIGKILL!\n{PLAIN}\nINFO: x\nWorker (pid:2) was sent SIGKILL!"
    lines = [signal.origin.line for signal in python_signals(lines_of(text))]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_a_list_of_process_lines_as_one_block_does_not_raise() -> None:
    python_signals(lines_of((CORPUS / "process_lines.txt").read_text("utf-8")))
