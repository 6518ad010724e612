"""Runs ahead of what is read of one followed path, and brings back what access lines may have to do with."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from observability.detector.parse.clues import Clue, clues_of
from observability.detector.parse.sieve import access_times
from observability.detector.parse.stamps import stamp_of
from observability.detector.sources.reading import CHUNK_BYTES, Reading
from observability.detector.sources.tail import Tail

_LATEST = float("inf")


class Scout:
    """A second place in the open files of a path. It keeps nothing but that place."""

    def __init__(self, tail: Tail) -> None:
        self._tail = tail
        self._places: dict[int, int] = {}  # by inode
        self.reached = 0.0  # the time up to which all was seen, in seconds since 1970

    def explore(self, until: float, read_at: datetime, tz: tzinfo) -> Iterator[Clue]:
        """Yield the clues up to the time `until`, or to the end of what is written; a chunk too many does no harm."""
        while self.reached < until and (chunk := self._next()):
            if access_times(chunk):
                self.reached = _LATEST  # an access log tells nothing about another one
                return
            yield from clues_of(chunk, read_at, tz)
            self.reached = max(self.reached, last_time(chunk, read_at, tz))

    def _next(self) -> bytes:
        for reading in self._tail.readings:
            at = max(self._places.get(reading.file_id, 0), reading.position.offset)
            if chunk := self._chunk(reading, at):
                return chunk
        return b""

    def _chunk(self, reading: Reading, at: int) -> bytes:
        while at < reading.size():
            chunk = reading.peek(at)
            self._places[reading.file_id] = at + (len(chunk) or CHUNK_BYTES)
            if chunk:
                return chunk
            at += CHUNK_BYTES
        return b""


def last_time(chunk: bytes, read_at: datetime, tz: tzinfo) -> float:
    """Return the time of the last line that has one, 0.0: none of the last few has."""
    for line in reversed(chunk[-8192:].splitlines()[-20:]):
        at = stamp_of(line[:200].decode("utf-8", "replace"), read_at=read_at, tz=tz)
        if at is not None:
            return at.timestamp()
    return 0.0
