"""Pasted text or a whole file → signals. What people do to logs is undone first: wraps, quotes, headers cut off."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Final

from observability.detector.parse.dispatch import read_alone
from observability.detector.parse.nginx_error import parse_nginx_fragment
from observability.detector.parse.prefixes import strip
from observability.detector.parse.python_text import python_signals
from observability.detector.parse.stream import Pending, bounded, flush, step
from observability.detector.parse.wrapped import rejoin, unquote
from observability.detector.signals import Line, Position, Signal

# A paste is read as a whole, for its pieces explain each other; a file is read as a stream
_MAX_LINES: Final = 2_000
_MAX_CHARACTERS: Final = 512 * 1024
_FRAME: Final = re.compile(r"\s*File \"|Traceback \(most recent|Fatal Python error|Current thread 0x")


def parse_text(text: str, source: str, read_at: datetime, *, tz: tzinfo = UTC) -> tuple[int, tuple[Signal, ...]]:
    """Return the number of lines and the signals in them, in the order of their lines. Never raises.

    `tz` is the zone of clocks that write none.
    """
    lines = _lines(text, source, read_at)
    if len(lines) > _MAX_LINES or len(text) > _MAX_CHARACTERS:
        pending, signals = step(Pending(), lines, read_at, tz=tz)
        found = [*signals, *flush(pending, read_at, tz=tz)]
    else:
        found = _read_whole(lines, tz)
    return len(lines), tuple(sorted(found, key=lambda signal: signal.origin.line))


def _lines(text: str, source: str, read_at: datetime) -> list[Line]:
    lines: list[Line] = []
    offset = 0
    parts = text.split("\n")
    if parts and not parts[-1]:
        parts.pop()
    for number, part in enumerate(parts, start=1):
        lines.append(bounded(Line(source, Position(0, offset, number), part.rstrip("\r"), read_at)))
        offset += len(part.encode("utf-8", "surrogatepass")) + 1
    return lines


def _read_whole(lines: Sequence[Line], tz: tzinfo) -> list[Signal]:
    found: list[Signal] = []
    left: list[tuple[str | None, Line]] = []
    told_at: dict[int, datetime | None] = {}
    writer: str | None = None
    pieces = ""
    for line in rejoin(lines):
        stripped = strip(unquote(line.text))
        writer = stripped.writer or stripped.stream or writer
        if stripped.partial:
            pieces += stripped.text
            continue
        alone = read_alone(line, pieces + stripped.text, tz, parse_nginx_fragment)
        pieces = ""
        found.extend(alone.signals)
        if alone.rest is not None:
            left.append((writer, replace(line, text=alone.rest)))
            told_at[line.position.number] = stripped.at
    if pieces:
        found.extend(read_alone(lines[-1], pieces, tz, parse_nginx_fragment).signals)
    for block in _blocks(left):
        found.extend(_timed(signal, told_at) for signal in python_signals(block, tz=tz))
    return found


def _timed(signal: Signal, told_at: Mapping[int, datetime | None]) -> Signal:
    """A collector's prefix told the time where the text itself does not."""
    return replace(signal, at=told_at.get(signal.origin.line)) if signal.at is None else signal


def _blocks(left: Sequence[tuple[str | None, Line]]) -> list[list[Line]]:
    """One block, for lines of different programs explain each other; but tracebacks of several are taken apart."""
    tracing = {writer for writer, line in left if _FRAME.match(line.text)}
    if len(tracing) <= 1:
        return [[line for _, line in left]]
    writers = dict.fromkeys(writer for writer, _ in left)
    return [[line for whose, line in left if whose == writer] for writer in writers]
