"""When a group of lines is complete: as early as it can be told, and bounded."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse.assembly import MAX_LINES, SILENCE, Block, add, close
from observability.detector.signals import Line

from .lines import READ_AT, lines_of
from .test_traceback import CHAIN, FORMS, PLAIN

LOG = "2026-11-07 19:00:19,001 INFO all is well"
FATAL = (
    "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n"
    '  File "/app/a.py", line 13 in draw\n  File "/app/a.py", line 14 in <module>'
)


def groups_of(lines: list[Line]) -> list[str]:
    """The groups that come out line by line, and `|` where only silence ended the last one."""
    block, out = Block(), []
    for line in lines:
        block, groups = add(block, line, READ_AT)
        out += ["\n".join(line.text for line in group) for group in groups]
    block, groups = close(block, READ_AT + SILENCE)
    assert block == Block()
    return out + ["|\n" + "\n".join(line.text for line in group) for group in groups]


CASES: dict[str, tuple[str, list[str]]] = {
    "a line that begins nothing comes back at once": (LOG, [LOG]),
    "a traceback ends by silence": (PLAIN, [f"|\n{PLAIN}"]),
    "a traceback ends at the next log entry": (f"{PLAIN}\n{LOG}", [PLAIN, LOG]),
    "a chain is one group": (f"{CHAIN}\n{LOG}", [CHAIN, LOG]),
    "two tracebacks in a row are two groups": (f"{PLAIN}\n{CHAIN}", [PLAIN, f"|\n{CHAIN}"]),
    "the entry above belongs to it": (
        f"ERROR: Exception on /x\n{PLAIN}\n{LOG}",
        [f"ERROR: Exception on /x\n{PLAIN}", LOG],
    ),
    "an error entry without a traceback stands alone": (f"ERROR: no\n{LOG}", ["ERROR: no", LOG]),
    "several error entries stand alone": ("ERROR: no\nERROR: again", ["ERROR: no", "|\nERROR: again"]),
    "asyncio's second line stays with the first": (
        f"ERROR:asyncio:Task exception was never retrieved\nfuture: <Task finished>\n{PLAIN}\n{LOG}",
        [f"ERROR:asyncio:Task exception was never retrieved\nfuture: <Task finished>\n{PLAIN}", LOG],
    ),
    "another writer's entry within a traceback passes by": (
        PLAIN.replace("\n", f"\n{LOG}\n", 1),
        [LOG, f"|\n{PLAIN}"],
    ),
    "a fatal dump with its threads": (f"{FATAL}\n{LOG}", [FATAL, LOG]),
    "an abort and what the shell says of it": (
        "free(): invalid pointer\nAborted (core dumped)",
        ["|\nfree(): invalid pointer\nAborted (core dumped)"],
    ),
    "a state of docker inspect": (
        '"State": {\n  "OOMKilled": true,\n  "ExitCode": 137\n}',
        ['|\n"State": {\n  "OOMKilled": true,\n  "ExitCode": 137\n}'],
    ),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES)
def test_groups_are_complete_as_early_as_can_be_told(text: str, wanted: list[str]) -> None:
    assert groups_of(lines_of(text)) == wanted


@pytest.mark.parametrize("prefix", ["1.340 ", "[07: WARNING/Worker-4] "])
def test_an_unknown_prefix_does_not_break_a_traceback(prefix: str) -> None:
    text = "\n".join(prefix + line for line in PLAIN.split("\n"))
    assert groups_of(lines_of(text)) == [f"|\n{text}"]


@pytest.mark.parametrize("text", [text for text, _ in FORMS.values()], ids=FORMS)
def test_nothing_is_lost_or_told_twice(text: str) -> None:
    lines = lines_of(text)
    out = [line for group in groups_of(lines) for line in group.removeprefix("|\n").split("\n")]
    assert sorted(out) == sorted(line.text for line in lines)


def test_silence_ends_a_group_and_a_moment_before_does_not() -> None:
    block = Block()
    for line in lines_of(PLAIN):
        block, groups = add(block, line, READ_AT)
        assert groups == ()
    assert close(block, READ_AT + SILENCE - timedelta(milliseconds=1)) == (block, ())
    assert close(block, READ_AT + SILENCE)[1] == (block.lines,)


def test_a_traceback_without_end_is_cut_at_two_thousand_lines() -> None:
    block, sizes = Block(), []
    frame = '  File "a.py", line 1, in f'
    for line in lines_of("\n".join([frame] * (2 * MAX_LINES + 3))):
        block, groups = add(block, line, READ_AT)
        sizes += [len(group) for group in groups]
    assert sizes == [MAX_LINES, MAX_LINES]
    assert len(block.lines) == 3


def test_a_cut_traceback_does_not_hold_a_busy_log_for_ever() -> None:
    lines = lines_of("\n".join([*PLAIN.split("\n")[:4], *[LOG] * 200]))
    block = Block()
    for line in lines:
        block, _ = add(block, line, READ_AT)
    assert block == Block()


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*PLAIN.split("\n"), *CHAIN.split("\n"), *FATAL.split("\n"), LOG, '"""']),
            st.text(max_size=40),
        )
    )
)
def test_every_line_comes_out_once(texts: list[str]) -> None:
    lines = lines_of("\n".join(text.replace("\n", " ") for text in texts))
    block, out = Block(), []
    for line in lines:
        block, groups = add(block, line, READ_AT)
        out += [line.position.number for group in groups for line in group]
    out += [line.position.number for group in close(block, READ_AT + SILENCE)[1] for line in group]
    assert sorted(out) == [line.position.number for line in lines]
