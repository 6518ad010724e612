"""Chunks of bytes to lines with positions. Bounded: of a line without end only its beginning is kept."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from itertools import count

from observability.detector.signals import Line, Position

MAX_LINE_BYTES = 1024 * 1024  # the supervisor bounds an entry to 64 KiB, JSON may make six times that of it


class LineSplitter:
    """Cuts one file or stream into lines. `position` is where the unfinished line begins: what a checkpoint may keep."""

    def __init__(self, source: str, position: Position) -> None:
        self.position = position
        self._source = source
        self._held = bytearray()
        self._cut = 0

    @property
    def read_to(self) -> int:
        """Return the offset up to which bytes were taken in."""
        return self.position.offset + len(self._held) + self._cut

    def feed(self, chunk: bytes, read_at: datetime) -> list[Line]:
        """Return the lines that `chunk` completes."""
        *complete, rest = chunk.split(b"\n")
        lines = []
        for piece in complete:
            self._hold(piece)
            lines.append(self._finish(read_at, break_bytes=1))
        self._hold(rest)
        return lines

    def pick(self, chunk: bytes, spans: Iterable[tuple[int, int]], read_at: datetime) -> list[Line]:
        """Return only the lines at `spans` of a chunk of whole lines that begins at `position`, and stand behind the chunk."""
        at, number, counted = self.position, self.position.number, 0
        lines = []
        for begin, end in spans:
            number += _count_lines(chunk[counted:begin])
            counted = begin
            place = Position(at.file_id, at.offset + begin, number)
            lines.append(Line(self._source, place, _text(chunk[begin:end]), read_at))
        number += _count_lines(chunk[counted:])
        self.position = Position(at.file_id, at.offset + len(chunk), number)
        self._held.clear()
        self._cut = 0
        return lines

    def flush(self, read_at: datetime) -> list[Line]:
        """Return the last line where it lacks its line break: nothing more will come."""
        return [self._finish(read_at, break_bytes=0)] if self._held else []

    def again(self) -> "LineSplitter":
        """Return a splitter for the same file from its beginning."""
        return LineSplitter(self._source, Position(self.position.file_id, 0, 1))

    def _hold(self, piece: bytes) -> None:
        room = MAX_LINE_BYTES - len(self._held)
        self._held += piece[:room]
        self._cut += max(0, len(piece) - room)

    def _finish(self, read_at: datetime, break_bytes: int) -> Line:
        line = Line(self._source, self.position, self._text(), read_at)
        self.position = Position(self.position.file_id, self.read_to + break_bytes, self.position.number + 1)
        self._held.clear()
        self._cut = 0
        return line

    def _text(self) -> str:
        text = _text(bytes(self._held))
        return f"{text}…[{self._cut} bytes cut]" if self._cut else text


def _count_lines(whole: bytes) -> int:
    """Return the number of whole lines. `bytes.count` looks at byte after byte; a file goes from line break to line break."""
    counter = count()
    deque(zip(BytesIO(whole), counter, strict=False), maxlen=0)
    return next(counter)


def _text(written: bytes) -> str:
    # Leading NULs are the hole that a writer without O_APPEND leaves after copytruncate, not something it wrote.
    return written.lstrip(b"\0").decode("utf-8", "backslashreplace").removesuffix("\r")
