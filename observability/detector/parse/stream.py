"""Lines as they come, of any number of sources → signals. State goes in and comes out; bounded; nothing dropped in silence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from observability.detector.parse import assembly
from observability.detector.parse.dispatch import read_alone
from observability.detector.parse.prefilter import may_tell_of_process
from observability.detector.parse.prefixes import Stripped, strip
from observability.detector.parse.python_text import python_signals
from observability.detector.parse.stamps import stamp_of
from observability.detector.signals import Line, Position, Signal

MAX_CHARACTERS: Final = 1024 * 1024  # of one line, also of one that Docker had split
_MAX_WRITERS: Final = 512  # that have something half-read at the same time
_THE_END: Final = timedelta(days=1)

Key = tuple[str, str | None, str | None]  # source, container or program, stdout or stderr


@dataclass(frozen=True, slots=True)
class Writer:
    """What one writer has begun and not finished: a block of Python text, or a line that its collector split."""

    block: assembly.Block = field(default_factory=assembly.Block)
    at: datetime | None = None  # of the block's first line, as its prefix said
    first: Line | None = None  # first piece of a split line
    pieces: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """Everything half-read. `Pending()` is the empty start."""

    writers: Mapping[Key, Writer] = field(default_factory=dict)
    last: Mapping[str, Key] = field(default_factory=dict)  # the writer that a line without a prefix goes on with

    @property
    def held_from(self) -> Mapping[str, Position]:
        """Where the oldest line that is still held begins, per source: a checkpoint must not pass it."""
        oldest: dict[str, Line] = {}
        for writer in self.writers.values():
            for line in (*writer.block.lines[:1], *((writer.first,) if writer.first else ())):
                held = oldest.get(line.source)
                if held is None or (line.read_at, line.position.number) < (held.read_at, held.position.number):
                    oldest[line.source] = line
        return {source: line.position for source, line in oldest.items()}


def step(
    pending: Pending, lines: Sequence[Line], now: datetime, *, tz: tzinfo = UTC
) -> tuple[Pending, tuple[Signal, ...]]:
    """Take a batch of lines, in order per source; call it with none on each tick, so that silence ends an entry.

    `tz` is the zone of clocks that write none, nginx's error log above all. Never raises, whatever the lines hold.
    """
    writers, last = dict(pending.writers), dict(pending.last)
    signals: list[Signal] = []
    busy: set[Key] = set()
    for line in lines:
        signals.extend(_take(writers, last, busy, line, tz))
    for key in [key for key in writers if key not in busy]:
        signals.extend(_close(writers, key, now, tz))
    while len(writers) > _MAX_WRITERS:
        signals.extend(_close(writers, next(iter(writers)), now + _THE_END, tz))
    kept = {source: key for source, key in last.items() if key in writers}
    return Pending(writers, kept), tuple(signals)


def flush(pending: Pending, now: datetime, *, tz: tzinfo = UTC) -> tuple[Signal, ...]:
    """Return the signals in what is half-read: the sources have ended."""
    writers = dict(pending.writers)
    return tuple(signal for key in tuple(writers) for signal in _close(writers, key, now + _THE_END, tz))


def _take(writers: dict[Key, Writer], last: dict[str, Key], busy: set[Key], line: Line, tz: tzinfo) -> Iterator[Signal]:
    line = bounded(line)
    stripped = strip(line.text.rstrip("\r"))
    key = _key(writers, last, line, stripped)
    busy.add(key)
    writer = writers.get(key, Writer())
    if stripped.partial:
        writers[key] = _with_piece(writer, line, stripped.text)
        return
    if writer.first is not None:
        stripped = replace(stripped, text=(writer.pieces + stripped.text)[:MAX_CHARACTERS])
        line, writer = writer.first, replace(writer, first=None, pieces="")
    for text in stripped.text.split("\n"):  # journald keeps the lines of one write together
        alone = read_alone(line, text, tz)
        yield from alone.signals
        if alone.rest is not None:
            at = stripped.at or _told_by_prefix(line, alone.rest, tz)
            writer, more = _add(writer, replace(line, text=alone.rest), at, tz)
            yield from more
    _keep(writers, last, key, writer)


def bounded(line: Line) -> Line:
    """Return the line, cut with a mark if it is longer than a million characters."""
    over = len(line.text) - MAX_CHARACTERS
    return replace(line, text=f"{line.text[:MAX_CHARACTERS]}…[{over} characters cut]") if over > 0 else line


def _key(writers: Mapping[Key, Writer], last: Mapping[str, Key], line: Line, stripped: Stripped) -> Key:
    key = (line.source, stripped.writer, stripped.stream)
    if stripped.writer is None and stripped.stream is None and key not in writers:
        return last.get(line.source, key)
    return key


def _with_piece(writer: Writer, line: Line, text: str) -> Writer:
    pieces = (writer.pieces + text)[:MAX_CHARACTERS]
    return replace(writer, first=writer.first or line, pieces=pieces)


def _told_by_prefix(line: Line, text: str, tz: tzinfo) -> datetime | None:
    """The time in a prefix that has no zone, such as syslog's."""
    if line.text.endswith(text) and len(line.text) > len(text):
        return stamp_of(line.text[: -len(text)] if text else line.text, read_at=line.read_at, tz=tz)
    return None


def _add(writer: Writer, line: Line, at: datetime | None, tz: tzinfo) -> tuple[Writer, list[Signal]]:
    """Silence never ends a block here: a batch may be worked on long after it was read. Only a tick does."""
    held = writer.block.lines
    block, groups = assembly.add(writer.block, line, held[-1].read_at if held else line.read_at)
    signals = [signal for group in groups for signal in _python(group, at if group[0] is line else writer.at, tz)]
    first_at = writer.at if block.lines[:1] == held[:1] and held else at
    return replace(writer, block=block, at=first_at if block.lines else None), signals


def _python(group: assembly.Group, at: datetime | None, tz: tzinfo) -> Iterator[Signal]:
    if len(group) == 1 and not may_tell_of_process(group[0].text):
        return
    for signal in python_signals(group, tz=tz):
        yield replace(signal, at=at) if signal.at is None and at is not None else signal


def _keep(writers: dict[Key, Writer], last: dict[str, Key], key: Key, writer: Writer) -> None:
    if writer.block.lines or writer.first is not None:
        writers[key] = writer
        last[key[0]] = key
    else:
        writers.pop(key, None)
        if last.get(key[0]) == key:
            del last[key[0]]


def _close(writers: dict[Key, Writer], key: Key, now: datetime, tz: tzinfo) -> Iterator[Signal]:
    writer = writers[key]
    if writer.first is not None and now - writer.first.read_at >= assembly.SILENCE:
        alone = read_alone(writer.first, writer.pieces, tz)
        yield from alone.signals
        writer = replace(writer, first=None, pieces="")
    block, groups = assembly.close(writer.block, now)
    for group in groups:
        yield from _python(group, writer.at, tz)
    if block.lines or writer.first is not None:
        writers[key] = replace(writer, block=block)
    else:
        del writers[key]
