"""Chunks of bytes to lines with positions. Bounded: of a line without end only its beginning is kept."""

from datetime import datetime

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
        # Leading NULs are the hole that a writer without O_APPEND leaves after copytruncate, not something it wrote.
        text = bytes(self._held).lstrip(b"\0").decode("utf-8", "backslashreplace")
        if self._cut:
            return f"{text}…[{self._cut} bytes cut]"
        return text.removesuffix("\r")
