"""One open file: reads on from where it stands, and notices when it was truncated under it."""

import os
import stat
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from observability.detector.signals import Line, Position
from observability.detector.sources.splitter import LineSplitter

CHUNK_BYTES = 256 * 1024  # per pass and file: bounds memory while catching up, and how long other files wait
SIFTED_BYTES = 2 * 1024 * 1024  # of an access log that is far behind: few of its lines are kept
_LAST_LINE_BYTES = 8 * 1024
_GUARD_BYTES = 64

Select = Callable[[bytes], Sequence[tuple[int, int]] | None]  # whole lines → (begin, end) of those to read; None: all


class Reading:
    """An open file with its place. Held open, its inode cannot be given to another file."""

    def __init__(self, fd: int, splitter: LineSplitter, opened_at: float, *, final: bool = False) -> None:
        self._fd = fd
        self.final = final  # a finished copy: it never grows
        self._splitter = splitter
        self._guard = b""
        self.file_id = splitter.position.file_id
        self.moved_at = opened_at  # monotonic: when it last gave bytes
        self.at_end = False
        self.begun = splitter.read_to > 0

    @property
    def position(self) -> Position:
        """Return where the unfinished line begins."""
        return self._splitter.position

    @property
    def unlinked(self) -> bool:
        return os.fstat(self._fd).st_nlink == 0

    @property
    def guard(self) -> bytes:
        """Return the last bytes read, up to `read_to`: they must still be there at the next look."""
        return self._guard

    @property
    def read_to(self) -> int:
        return self._splitter.read_to

    def truncated(self) -> bool:
        """Return whether the file is shorter than what was read of it, or grew again over other content."""
        read_to = self._splitter.read_to
        if os.fstat(self._fd).st_size < read_to:
            return True
        return os.pread(self._fd, len(self._guard), read_to - len(self._guard)) != self._guard

    def read(self, read_at: datetime, monotonic: float) -> list[Line]:
        """Return the lines of the next chunk; `at_end` tells whether that was all."""
        chunk = os.pread(self._fd, CHUNK_BYTES, self._splitter.read_to)
        self.at_end = len(chunk) < CHUNK_BYTES
        if not chunk:
            return []
        self.moved_at, self.begun = monotonic, True
        self._guard = (self._guard + chunk[-_GUARD_BYTES:])[-_GUARD_BYTES:]
        return self._splitter.feed(chunk, read_at)

    def read_some(self, read_at: datetime, monotonic: float, select: Select) -> list[Line]:
        """Return the lines of the next chunk that `select` wants, all of them where it has no say."""
        ahead = min(SIFTED_BYTES, max(0, self.size() - self.position.offset))
        whole = self._whole_lines(ahead)
        spans = select(whole) if whole else None
        if spans is None:
            return self.read(read_at, monotonic)
        self.at_end = ahead < SIFTED_BYTES
        self.moved_at, self.begun = monotonic, True
        self._guard = whole[-_GUARD_BYTES:]
        return self._splitter.pick(whole, spans, read_at)

    def _whole_lines(self, ahead: int) -> bytes:
        """Return the whole lines of so many bytes. Where the last one ends is looked for first: to cut a chunk is to copy it."""
        begin = self.position.offset
        look = min(ahead, _LAST_LINE_BYTES)
        end = os.pread(self._fd, look, begin + ahead - look).rfind(b"\n") + 1
        chunk = os.pread(self._fd, ahead - look + end, begin)
        return chunk[: chunk.rfind(b"\n") + 1]

    def peek(self, offset: int) -> bytes:
        """Return the whole lines of the chunk at `offset`, without moving; empty at the end, and within a longer line."""
        chunk = os.pread(self._fd, CHUNK_BYTES, offset)
        return chunk[: chunk.rfind(b"\n") + 1]

    def size(self) -> int:
        """Return how many bytes there are."""
        return os.fstat(self._fd).st_size

    def left(self) -> int:
        """Return how many bytes are not read yet."""
        return max(0, self.size() - self.read_to)

    def restarted(self, monotonic: float) -> "Reading":
        """Return the same file from its beginning: it was truncated. The old reading still is to be finished."""
        return Reading(os.dup(self._fd), self._splitter.again(), monotonic)

    def finish(self, read_at: datetime) -> list[Line]:
        """Close the file; return its last line where it had no line break."""
        self.close()
        return self._splitter.flush(read_at)

    def close(self) -> None:
        """Close the file; an unfinished line stays for the next start."""
        os.close(self._fd)


def open_reading(
    path: Path, source: str, position: Position | None, monotonic: float, *, final: bool = False
) -> Reading | None:
    """Open `path` at `position`, or at its beginning where that is another file or does not fit it. None: no regular file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        return None
    if position is None or position.file_id != found.st_ino or not _fits(fd, position, found.st_size):
        position = Position(found.st_ino, 0, 1)
    return Reading(fd, LineSplitter(source, position), monotonic, final=final)


def _fits(fd: int, position: Position, size: int) -> bool:
    """Return whether a line begins there: an inode is reused soon after its file was removed."""
    if position.offset == 0:
        return True
    return position.offset <= size and os.pread(fd, 1, position.offset - 1) == b"\n"
