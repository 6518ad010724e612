"""Finds rotated files: by inode, by the order of their names, by their content (copytruncate)."""

import os
import re
from pathlib import Path
from typing import NamedTuple

_NUMBER = re.compile(r"\.(\d{1,4})", re.ASCII)  # logrotate: access.log.1 is newer than access.log.2
_DATE = re.compile(r"[.-](\d{8}[\d._T-]*)", re.ASCII)  # logrotate dateext: access.log-20251107


def named(path: Path, file_id: int) -> Path | None:
    """Return the file in the same directory that has this inode, whatever its name."""
    return next((Path(entry.path) for entry in _entries(path.parent) if entry.inode == file_id), None)


def later_files(path: Path, file_id: int) -> list[Path]:
    """Return the files that were begun after the rotated one with this inode, oldest first; `path` is the last."""
    rotated = sorted(
        (age, entry) for entry in _entries(path.parent) if (age := _age(path.name, entry.name)) is not None
    )
    places = [place for place, (_, entry) in enumerate(rotated) if entry.inode == file_id]
    later = rotated[places[0] + 1 :] if places else []
    return [*(Path(entry.path) for _, entry in later), path]


def copy_with(path: Path, offset: int, tail: bytes) -> Path | None:
    """Return the rotated copy of a truncated file: it has at least `offset` bytes, and `tail` just before them."""
    names = sorted((age, entry.path) for entry in _entries(path.parent) if (age := _age(path.name, entry.name)))
    return next((Path(name) for _, name in reversed(names) if holds(name, offset, tail)), None)


def holds(path: str, offset: int, tail: bytes) -> bool:
    """Return whether the file has `tail` just before `offset`."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return os.pread(fd, len(tail), offset - len(tail)) == tail
    except OSError:
        return False
    finally:
        os.close(fd)


def _age(name: str, candidate: str) -> tuple[int, int, str] | None:
    """Return what sorts rotated files from the oldest to the newest, or None: not one of them (a compressed one neither)."""
    suffix = candidate.removeprefix(name)
    if suffix == candidate:
        return None
    if m := _DATE.fullmatch(suffix):
        return (0, 0, m[1])
    if m := _NUMBER.fullmatch(suffix):
        return (1, -int(m[1]), "")
    return None


class _Entry(NamedTuple):
    name: str
    path: str
    inode: int


def _entries(directory: Path) -> list[_Entry]:
    try:
        with os.scandir(directory) as entries:
            return [_Entry(entry.name, entry.path, entry.inode()) for entry in entries]
    except OSError:  # not there yet, or not for us to read: the tail waits
        return []
