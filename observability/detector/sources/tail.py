"""One followed path through all its rotations: what is written is read once, in order."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from observability.detector.signals import Line, Position
from observability.detector.sources.batch import rotated_key
from observability.detector.sources.reading import Reading, Select, open_reading
from observability.detector.sources.rotation import copy_with, later_files, named

LINGER_S = 10.0  # a writer goes on in the rotated file until it is told to reopen; nginx's workers follow its master
_MAX_OPEN = 8


class Part(NamedTuple):
    """Lines of one file; `key` and `after` are its checkpoint once they are handed on."""

    key: str
    lines: list[Line]
    after: Position


class Tail:
    """The open files of one path, oldest first: all but the last are rotated ones that still may grow."""

    def __init__(self, path: Path, checkpoints: Mapping[str, Position]) -> None:
        self._path = path
        self._source = str(path)
        self._open: list[Reading] = []
        self._unfinished: list[Line] = []  # the last line of a truncated file
        self._resume: list[Position] | None = _of_source(self._source, checkpoints)

    @property
    def behind(self) -> bool:
        """Return whether there is more to read at once."""
        return any(not reading.at_end for reading in self._open)

    @property
    def source(self) -> str:
        return self._source

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Return the open files, oldest first."""
        return tuple(self._open)

    def left(self) -> int:
        """Return how many bytes are not read yet."""
        return sum(reading.left() for reading in self._open)

    def checkpoints(self) -> dict[str, Position]:
        """Return where each open file stands; before the first file was found, where it stood when we left."""
        if self._resume is not None:
            return {self._key(position.file_id, position is self._resume[-1]): position for position in self._resume}
        return {self._key(r.file_id, r is self._open[-1]): r.position for r in self._open}

    def look(self, read_at: datetime, monotonic: float) -> None:
        """See whether the path appeared, was rotated or truncated."""
        if self._resume is not None:
            self._begin(self._resume, monotonic)
        if not self._open:
            return
        if self._open[-1].truncated():
            self._restart(read_at, monotonic)
        self._follow_rotation(monotonic)

    def read(self, read_at: datetime, monotonic: float, select: Select | None = None) -> Iterator[Part]:
        """Give a chunk of each open file. A newer one waits until the older was read to its end once."""
        if self._unfinished:
            yield Part(self._source, self._unfinished, self._open[-1].position)
            self._unfinished = []
        for reading in list(self._open):
            lines = (
                reading.read(read_at, monotonic) if select is None else reading.read_some(read_at, monotonic, select)
            )
            key = self._key(reading.file_id, reading is self._open[-1])
            if self._finished(reading, monotonic):
                self._open.remove(reading)
                lines += reading.finish(read_at)
            if lines:
                yield Part(key, lines, reading.position)
            if not reading.at_end:
                return

    def close(self) -> None:
        """Close all files; their unfinished lines stay for the next start."""
        for reading in self._open:
            reading.close()
        self._open.clear()

    def _key(self, file_id: int, is_last: bool) -> str:
        return self._source if is_last else rotated_key(self._source, file_id)

    def _begin(self, resume: list[Position], monotonic: float) -> None:
        reused = self._reused(resume)
        kept = [position for position in resume if position.file_id not in reused]
        found = [reading for position in kept if (reading := self._reopen(position, monotonic))]
        if not found and (fresh := open_reading(self._path, self._source, None, monotonic)):
            found = [fresh]
        if found:
            self._open, self._resume = found, None

    def _reused(self, resume: list[Position]) -> set[int]:
        """Return the inodes of files that are gone, and that files begun after we left have now."""
        if not resume:
            return set()
        last = resume[-1].file_id
        newer = {inode for path in later_files(self._path, last) if (inode := _inode(path)) is not None}
        return newer - {last}

    def _reopen(self, position: Position, monotonic: float) -> Reading | None:
        """Return the file where we left it, under whatever name; of a truncated one the copy that was made of it."""
        name = named(self._path, position.file_id)
        reading = name and open_reading(name, self._source, position, monotonic)
        if not reading or reading.position.offset == position.offset:
            return reading or None
        reading.close()
        if name != self._path:  # only the live file is truncated in place
            return None
        return self._open_copy(copy_with(self._path, position.offset, b"\n"), position, monotonic)

    def _restart(self, read_at: datetime, monotonic: float) -> None:
        """Begin a truncated file again; what we had not read yet is in its copy where logrotate made one."""
        old = self._open.pop()
        rest = self._open_copy(copy_with(self._path, old.read_to, old.guard), old.position, monotonic)
        self._open += [reading for reading in (rest, old.restarted(monotonic)) if reading]
        unfinished = old.finish(read_at)
        self._unfinished += [] if rest else unfinished

    def _open_copy(self, copy: Path | None, position: Position, monotonic: float) -> Reading | None:
        """Open a copy, which is another file with the same bytes, at the place where we were in the original."""
        if copy is None or (file_id := _inode(copy)) is None:
            return None
        place = Position(file_id, position.offset, position.number)
        return open_reading(copy, self._source, place, monotonic, final=True)

    def _follow_rotation(self, monotonic: float) -> None:
        """Open what was begun after the last open file. Mostly nothing: the path still is that file."""
        last = self._open[-1]
        if _inode(self._path) in (None, last.file_id):
            return
        for path in later_files(self._path, last.file_id):
            if reading := open_reading(path, self._source, None, monotonic):
                self._open.append(reading)

    def _finished(self, reading: Reading, monotonic: float) -> bool:
        """Return whether a rotated file will not grow any more, as far as one can know."""
        place = self._open.index(reading)
        if place == len(self._open) - 1 or not reading.at_end:
            return False
        if reading.final or len(self._open) > _MAX_OPEN:
            return True
        # A quiet log may be written on in the old file for long (mv, create … then the signal to reopen):
        # only bytes in a newer one show that its writer has moved.
        moved_on = reading.unlinked or any(later.begun for later in self._open[place + 1 :])
        return moved_on and monotonic - reading.moved_at >= LINGER_S


def all_checkpoints(tails: Iterable[Tail]) -> dict[str, Position]:
    """Return where all open files of all paths stand."""
    return {key: position for tail in tails for key, position in tail.checkpoints().items()}


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:  # moved away, or not for us to see: the tail waits
        return None


def _of_source(source: str, checkpoints: Mapping[str, Position]) -> list[Position]:
    """Return the checkpoints of one source, rotated files first, each file once."""
    rotated = [position for key, position in checkpoints.items() if key.rpartition("#")[0] == source]
    main = [checkpoints[source]] if source in checkpoints else []
    return list({position.file_id: position for position in (*rotated, *main)}.values())
