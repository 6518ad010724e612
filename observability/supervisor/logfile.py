"""The log that child and supervisor share: one file in append mode, or our stdout.

Rotation: the child's stdout *is* the file, so a copy that is cut off rotates without a restart: ours (turning.py) loses nothing,
logrotate's copytruncate may. After a rename the supervisor follows the name with its own lines and gives the new file to the
next child; a living child goes on in the old one.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import orjson

from observability.lines import LineWriter, Source
from observability.supervisor.turning import turn_over

_TAIL_BYTES: Final = 64 * 1024
MAX_LINE_BYTES: Final = 512 * 1024  # 64 KiB of text, each byte escaped
_RESERVE_BYTES: Final = 64 * 1024  # a process's last words and the preflight after them
_PLENTY_BYTES: Final = 1024 * 1024


class SharedLog:
    """Writes the supervisor's events; its descriptor is the child's stdout."""

    def __init__(self, path: Path | None, source: Source) -> None:
        """Open the file. Raises OSError."""
        self._path = path
        fd = sys.stdout.fileno() if path is None else _open(path)
        self.events = LineWriter(fd, source, max_bytes=MAX_LINE_BYTES)

    @property
    def fd(self) -> int:
        return self.events.fd

    def follow_name(self) -> None:
        """Open the file anew where somebody renamed or removed it. Without room for it the old one stays."""
        if self._path is None or _same_file(self._path, self.fd):
            return
        try:
            new = _open(self._path)
        except OSError:
            return
        os.close(self.fd)
        self.events.fd = new

    def keep_reserve(self) -> None:
        """Hold room back beside the log, so that a death on a full disk can be told. Where there is little room, none is taken."""
        if self._path is None:
            return
        try:
            fs = os.statvfs(self._path.parent)
            if fs.f_bavail * fs.f_frsize < _PLENTY_BYTES:
                return
            fd = os.open(self._reserve, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError:
            return
        try:
            os.posix_fallocate(fd, 0, _RESERVE_BYTES)
        except OSError:
            self.use_reserve()
        finally:
            os.close(fd)

    def use_reserve(self) -> None:
        """Give the room back: what is written next is why it was held."""
        if self._path is not None:
            self._reserve.unlink(missing_ok=True)

    @property
    def _reserve(self) -> Path:
        return Path(f"{self._path}.reserve")

    def turn_over(self, limit: int, pid: int) -> None:
        """Empty a file of more than `limit` bytes into its copy. Where that cannot be done now it is tried again later."""
        if self._path is None or os.fstat(self.fd).st_size <= limit:
            return
        with suppress(OSError):  # no room for the copy, or the child has just died
            turn_over(self._path, self.fd, pid)

    def end_line(self) -> None:
        """Break a line that the child left unfinished, so that ours does not hang on it."""
        if self._path is None:
            return
        size = os.fstat(self.fd).st_size
        if size and os.pread(self.fd, 1, size - 1) != b"\n":
            self.events.write(b"\n")

    def last_words(self, event: str, pid: int) -> dict[str, object] | None:
        """Return the last line of this event that the process wrote, of those near the end of the file; None: it wrote none."""
        if self._path is None:
            return None
        start = max(0, os.fstat(self.fd).st_size - _TAIL_BYTES)
        for line in reversed(os.pread(self.fd, _TAIL_BYTES, start).splitlines()):
            if event.encode() in line and (said := _parsed(line)).get("event") == event and said.get("pid") == pid:
                return said
        return None


def _parsed(line: bytes) -> dict[str, object]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)


def _same_file(path: Path, fd: int) -> bool:
    try:
        named, opened = path.stat(), os.fstat(fd)
    except OSError:
        return False
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
