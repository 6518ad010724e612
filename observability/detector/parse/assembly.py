"""Lines of one source, one at a time → groups that belong together: a traceback or dump with its surrounding lines."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from observability.detector.parse.fatal import begins_dump
from observability.detector.parse.rich_box import is_box_top
from observability.detector.parse.traceback_lines import (
    before_header,
    exception_line,
    frame_line,
    is_header,
    is_strong,
    kind_of,
    without_margin,
)
from observability.detector.signals import Line

MAX_LINES: Final = 2_000
MAX_BYTES: Final = 1024 * 1024  # counted in characters
SILENCE: Final = timedelta(milliseconds=50)
_MAX_STRANGERS: Final = 50  # lines of others within one traceback: more, and it was cut off
QUOTES: Final = '"""'  # around the traceback that multiprocessing carries over from another process

Group = tuple[Line, ...]
# error: a log entry that a traceback may follow · open: frames come · done: an exception's line came, its message may go on
Phase = Literal["idle", "error", "open", "done", "dump", "state"]

_ERROR_ENTRY: Final = re.compile(
    r"\b(?:ERROR|CRITICAL|FATAL|WARNING|[Ee]xception|raised|[Ff]atal Python error|never retrieved|Logging error)\b"
)
_ENTRY: Final = re.compile(
    r"[\W_]{0,3}(?:\d{1,4}[-/:.]\d|(?:INFO|ERROR|WARN(?:ING)?|DEBUG|CRITICAL)\b)|\{\"|[^\W\d_]{3,4} +\d{1,2} \d\d:\d\d:\d\d"
)
_DUMP: Final = re.compile(
    r"Fatal Python error|\(most recent call first\)|\*\*\* .*\*\*\*|={5,} ?(?:Backtrace|Memory map)"
)
_STATE: Final = re.compile(r"\s*\"?(?:Last )?State\"?: ?\s*(?:\{|Terminated)|\s*Active: failed|\s*Reason:\s+\w+$")


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one source that wait for more: at most 2,000, and a million characters."""

    lines: Group = ()
    phase: Phase = "idle"
    characters: int = 0
    strangers: int = 0
    margin: str = ""  # an unknown log prefix that the frames had
    linked: bool = False  # a chain's or group's mark came: a header belongs to the same traceback


Step = tuple[Block, tuple[Group, ...]]


def add(block: Block, line: Line, now: datetime) -> Step:
    """Take one line; return the block that goes on waiting, and the groups that are complete by it, in order.

    A line that neither continues what waits nor can begin something comes back at once, alone. So does a log entry of another
    writer within a traceback, before the traceback itself.
    """
    expired, groups = close(block, now)
    next_block, more = _take(expired, line)
    return next_block, (*groups, *more)


def close(block: Block, now: datetime) -> Step:
    """Return what waits, as complete, if nothing was added for 50 ms. Call it on each tick, and with a far `now` at the end."""
    if not block.lines or now - block.lines[-1].read_at < SILENCE:
        return block, ()
    return Block(), _released(block)


def _released(block: Block) -> tuple[Group, ...]:
    if block.phase == "error":  # no traceback followed: entries that stand alone
        return tuple((line,) for line in block.lines)
    return (block.lines,)


def _take(block: Block, line: Line) -> Step:
    inner = without_margin(line.text, block.margin) if block.margin else None
    phase = _phase_after(block, line.text if inner is None else inner)
    if phase is None:
        if block.phase == "open" and block.strangers < _MAX_STRANGERS:
            return replace(block, strangers=block.strangers + 1), ((line,),)
        ended = _released(block) if block.lines else ()
        phase = _beginning(line.text)
        if phase == "idle":
            return Block(), (*ended, (line,))
        return _with(Block(phase=phase), line, phase), ended
    grown = _with(block, line, phase)
    if len(grown.lines) >= MAX_LINES or grown.characters >= MAX_BYTES:
        return Block(), (grown.lines,)
    return grown, ()


def _with(block: Block, line: Line, phase: Phase) -> Block:
    kind = kind_of(line.text)
    linked = kind in {"link", "group"} or line.text.strip() == QUOTES or (block.linked and kind == "blank")
    size = block.characters + len(line.text)
    return Block((*block.lines, line), phase, size, 0, _margin_after(block, line.text), linked)


def _margin_after(block: Block, text: str) -> str:
    """A traceback's prefix shows before its header or its frames."""
    if (seen := frame_line(text)) is not None:
        return seen.margin
    return before_header(text).rstrip() if is_header(text) else block.margin


def _beginning(text: str) -> Phase:
    """Return the phase that a line opens by itself."""
    kind = kind_of(text)
    if kind in {"header", "frame", "stack"} or is_box_top(text):
        return "open"
    if begins_dump(text):
        return "dump"
    if _STATE.match(text[:200]):
        return "state"
    seen = exception_line(text)
    if seen is not None and is_strong(seen[0]):
        return "done"
    return "error" if _ERROR_ENTRY.search(text[:512]) else "idle"


def _phase_after(block: Block, text: str) -> Phase | None:
    """Return the phase with this line added, or None: it cannot continue what waits."""
    match block.phase:
        case "idle":
            return None
        case "error":
            return _after_error(text)
        case "open":
            return _after_open(text)
        case "done":
            return _after_done(block, text)
        case "dump":
            return None if _ENTRY.match(text) and not begins_dump(text) else "dump"
        case "state":
            return None if _ENTRY.match(text) and not text[:1].isspace() else "state"


def _after_error(text: str) -> Phase | None:
    beginning = _beginning(text)
    if beginning in {"open", "dump"}:
        return beginning
    return "error" if text.startswith(("future: ", "task: ", "handle: ")) else None


def _after_open(text: str) -> Phase | None:
    kind = kind_of(text)
    if kind == "other" and not text[:1].isspace():
        seen = exception_line(text)
        if seen is not None:
            return "done"
        return None if _ENTRY.match(text) else "open"
    return "open"


def _after_done(block: Block, text: str) -> Phase | None:
    kind = kind_of(text)
    if kind == "header":
        return "open" if block.linked or not _is_fresh(text) else None
    if kind in {"frame", "link", "group", "stack"}:
        return "open" if kind == "frame" else "done"
    if _ENTRY.match(text):
        return None
    return "done"


def _is_fresh(text: str) -> bool:
    """A header after a complete exception begins another traceback, unless it is quoted: then it does not stand at the margin."""
    return not text[:1].isspace()
