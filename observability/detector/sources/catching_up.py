"""Followed files that are far behind → batches in the order of time, without the access lines that tell nothing.

The files advance together: a chunk is read of the file that is furthest in the past, and its lines are handed on once no
other file can have older ones. So an error, the request that it broke, the restart and the first successes after it come as
they came to a detector that was there, and memory holds one chunk of each file.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from observability.detector.parse.clues import LOOK_AHEAD_S, Clue, Clues
from observability.detector.parse.sieve import access_times, sift, sift_errors
from observability.detector.parse.stamps import stamp_of
from observability.detector.signals import Line, Position
from observability.detector.sources.batch import Batch, held_back
from observability.detector.sources.scout import Scout, last_time
from observability.detector.sources.tail import Tail, all_checkpoints

BEHIND_BYTES = 4 * 1024 * 1024
MAX_BATCH_LINES = 4000
# Lines that are handed on one by one are understood one by one, at a thousand times the cost of finding them
GATHER_LINES = 256
GATHER_S = 0.25
_MSEC = re.compile(r'\{"msec":(\d{9,11}\.\d{3})')


class _Timed(NamedTuple):
    at: float  # seconds since 1970; never older than the line before it
    line: Line


class CatchingUp:
    """One time of catching up, from the moment it was noticed until every file was read to its end."""

    def __init__(self, tails: Sequence[Tail], known: Iterable[Clue], zone: Callable[[], tzinfo]) -> None:
        self._tails = tails
        self._zone = zone
        self._clues = Clues().joined_by(known)
        self._scouts = [Scout(tail) for tail in tails]
        self._held: list[deque[_Timed]] = [deque() for _ in tails]
        self._reached = [0.0 for _ in tails]  # time of the last line read
        self._gathered: list[Line] = []
        self._handed_at = 0.0  # monotonic

    @property
    def done(self) -> bool:
        """Return whether every file was read to its end, and all of it handed on."""
        return not any(self._held) and not self._gathered and not any(tail.behind for tail in self._tails)

    def advance(self, read_at: datetime, monotonic: float) -> Iterator[Batch]:
        """Read one chunk, and yield what is due once it is worth it."""
        behind = [place for place, tail in enumerate(self._tails) if tail.behind]
        if behind:
            self._read(min(behind, key=lambda place: self._reached[place]), read_at, monotonic)
        behind = [place for place in behind if self._tails[place].behind]
        yield from self._released(min((self._reached[place] for place in behind), default=float("inf")))
        if len(self._gathered) >= GATHER_LINES or monotonic - self._handed_at >= GATHER_S or not behind:
            self._handed_at = monotonic
            lines, self._gathered = self._gathered, []
            yield Batch(tuple(lines), self._checkpoints())

    def _read(self, place: int, read_at: datetime, monotonic: float) -> None:
        at = ended = self._reached[place]
        for part in self._tails[place].read(read_at, monotonic, lambda chunk: self._select(chunk, read_at, place)):
            ended = max(ended, self._reached[place])
            for line in part.lines:
                at = max(at, _time_of(line, self._zone()))
                self._held[place].append(_Timed(at, line))
        self._reached[place] = max(at, ended, self._reached[place])

    def _select(self, chunk: bytes, read_at: datetime, place: int) -> Sequence[tuple[int, int]] | None:
        times = access_times(chunk)
        if times is None:
            kept = sift_errors(chunk)
            if kept is not None:
                self._reached[place] = max(self._reached[place], last_time(chunk, read_at, self._zone()))
            return kept
        for scout in self._scouts:
            self._clues = self._clues.joined_by(scout.explore(times[1] + LOOK_AHEAD_S, read_at, self._zone()))
        sifted = sift(chunk, self._clues)
        self._clues = sifted.clues
        self._reached[place] = max(self._reached[place], times[1])
        return sifted.spans

    def _released(self, until: float) -> Iterator[Batch]:
        """Gather what no file can have older lines than, in the order of time; yield it where it is more than a batch."""
        while (due := self._oldest(until)) is not None:
            self._gathered.append(due.popleft().line)
            if len(self._gathered) == MAX_BATCH_LINES:
                lines, self._gathered = self._gathered, []
                yield Batch(tuple(lines), self._checkpoints())

    def _oldest(self, until: float) -> deque[_Timed] | None:
        return min((held for held in self._held if held and held[0].at <= until), key=_first, default=None)

    def _checkpoints(self) -> dict[str, Position]:
        """Return where to go on: no checkpoint passes a line that is still held."""
        found = all_checkpoints(self._tails)
        for held in self._held:
            for source, position in {
                (t.line.source, t.line.position.file_id): t.line.position for t in reversed(held)
            }.items():
                found = held_back(found, {source[0]: position})
        return found


def _first(held: deque[_Timed]) -> float:
    return held[0].at


def _time_of(line: Line, tz: tzinfo) -> float:
    """Return the time that a line tells; 0.0: none, it goes with the line before it."""
    if m := _MSEC.match(line.text):
        return float(m[1])
    at = stamp_of(line.text, read_at=line.read_at, tz=tz)
    return at.timestamp() if at else 0.0
