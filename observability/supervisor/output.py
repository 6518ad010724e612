"""What a child writes to stderr: bytes in, JSON lines and groups of text out. No clock, no I/O."""

from dataclasses import dataclass, field
from typing import Final

import orjson

SILENCE_S: Final = 0.05  # a traceback comes in one burst; two of them seldom within 50 ms
MAX_TEXT_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A line that is a log event already, with its line break."""

    line: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """Lines that belong together: a whole traceback, a whole dump."""

    text: str


Entry = JsonLine | Text


@dataclass(slots=True)
class Grouping:
    """Holds back text until its burst is over. JSON passes at once: it may stand in the middle of another's traceback."""

    _partial: bytes = b""
    _text: list[bytes] = field(default_factory=list)
    _size: int = 0
    due: float | None = None  # when the burst is over, unless more comes

    def feed(self, data: bytes, now: float) -> list[Entry]:
        """Return what is complete. `now` in seconds of any steady clock."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        entries = [entry for line in lines for entry in self._take(line + b"\n")]
        if len(self._partial) >= MAX_TEXT_BYTES:
            entries += self._take(self._partial)
            self._partial = b""
        self.due = now + SILENCE_S if self._text or self._partial else None
        return entries

    def flush(self) -> list[Entry]:
        """Return what was held back: the burst, or the process, is over."""
        entries = self._take(self._partial) if self._partial else []
        self._partial = b""
        return entries + self._close()

    def _take(self, line: bytes) -> list[Entry]:
        if _is_event(line):
            return [JsonLine(line if line.endswith(b"\n") else line + b"\n")]
        entries: list[Entry] = []
        for start in range(0, len(line), MAX_TEXT_BYTES):
            piece = line[start : start + MAX_TEXT_BYTES]
            if self._size + len(piece) > MAX_TEXT_BYTES:
                entries += self._close()
            self._text.append(piece)
            self._size += len(piece)
        return entries

    def _close(self) -> list[Entry]:
        text = b"".join(self._text).decode("utf-8", "backslashreplace").rstrip("\n")
        self._text, self._size, self.due = [], 0, None
        return [Text(text)] if text.strip() else []


def _is_event(line: bytes) -> bool:
    stripped = line.strip()
    if not (stripped.startswith(b"{") and stripped.endswith(b"}")):
        return False
    try:
        return "event" in orjson.loads(stripped)
    except orjson.JSONDecodeError:
        return False
