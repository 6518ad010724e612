"""`journalctl -o export` as bytes → its records as `journalctl -o json` would write them. Bounded.

https://systemd.io/JOURNAL_EXPORT_FORMATS/: fields are `NAME=text`, or where the text has line breaks or is not printable,
`NAME`, a line break, its size as 64 bits (little endian), the bytes and a line break. An empty line ends a record.
"""

import json
from datetime import datetime
from typing import Final

from observability.detector.signals import Line, Position

BEGIN: Final = b"__CURSOR="
_KEPT: Final = ("__REALTIME_TIMESTAMP", "MESSAGE", "SYSLOG_IDENTIFIER", "_COMM", "_PID", "_SYSTEMD_UNIT")
_MAX_VALUE: Final = 1024 * 1024
_MAX_HELD: Final = 64 * 1024 * 1024  # coredumps are stored as fields; a larger one is given up with its record


class ExportSplitter:
    """Cuts an export into records. `position` is where the unfinished record begins."""

    def __init__(self, source: str, position: Position) -> None:
        self.position = position
        self._source = source
        self._held = bytearray()
        self._fields: dict[str, str] = {}
        self._taken = 0  # bytes of the unfinished record that are in `_fields`

    def feed(self, chunk: bytes, read_at: datetime) -> list[Line]:
        """Return the records that `chunk` completes."""
        self._held += chunk
        lines: list[Line] = []
        while (size := self._next_size()) is not None:
            field = bytes(self._held[:size])
            del self._held[:size]
            self._taken += size
            if field == b"\n":
                lines += self._finish(read_at)
            else:
                self._take(field)
        if len(self._held) > _MAX_HELD:
            self._held.clear()
        return lines

    def flush(self, read_at: datetime) -> list[Line]:
        """Return the last record where the empty line after it is missing."""
        return self._finish(read_at)

    def _next_size(self) -> int | None:
        """Return the size of the next field with its line break, None: it is not all there."""
        end = self._held.find(b"\n")
        if end < 0:
            return None
        if end == 0 or b"=" in self._held[:end]:
            return end + 1
        if len(self._held) < end + 9:
            return None
        size = end + 9 + int.from_bytes(self._held[end + 1 : end + 9], "little") + 1
        return size if len(self._held) >= size else None

    def _take(self, field: bytes) -> None:
        name, _, value = field.partition(b"\n") if b"=" not in field.partition(b"\n")[0] else field.partition(b"=")
        if name.isascii() and (known := name.decode("ascii")) in _KEPT:
            plain = value[:-1] if field[len(name) : len(name) + 1] == b"=" else value[8:-1]
            self._fields[known] = plain[:_MAX_VALUE].decode("utf-8", "backslashreplace")

    def _finish(self, read_at: datetime) -> list[Line]:
        at = self.position
        fields, self._fields = self._fields, {}
        self.position = Position(at.file_id, at.offset + self._taken, at.number + bool(fields))
        self._taken = 0
        if not fields:
            return []
        return [Line(self._source, at, json.dumps(fields, ensure_ascii=False), read_at)]
