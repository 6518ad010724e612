"""The shared log is turned over when it has grown: nothing is lost, although the child's stdout is the file itself.

What is there is copied while the child goes on writing; for the last bytes it is stopped, some milliseconds, and the file is cut.
The detector goes on in the copy where it had not read all (sources/rotation.py).
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_STOPS_WITHIN_S: Final = 0.5
_PIECE: Final = 1 << 24


def turn_over(path: Path, fd: int, pid: int) -> bool:
    """Copy the file to `PATH.1` in the place of an older one, and empty it. `pid` leads the group of those who write to it.

    Returns False where the group did not stop in time: nothing has changed then. Raises OSError: no room for the copy.
    """
    part = Path(f"{path}.1.part")
    try:
        with part.open("wb") as copy:
            copied = _copy(fd, copy.fileno(), 0)
            with _standing_still(pid) as still:
                if not still:
                    return False
                _copy(fd, copy.fileno(), copied)
                part.replace(f"{path}.1")
                os.ftruncate(fd, 0)
    finally:
        part.unlink(missing_ok=True)
    return True


def _copy(source: int, target: int, begin: int) -> int:
    """Copy from `begin` to the end, and return where that is."""
    while count := os.sendfile(target, source, begin, _PIECE):
        begin += count
    return begin


@contextmanager
def _standing_still(pid: int) -> Iterator[bool]:
    """Stop a process group; yields whether its leader, our child, stands still with all of its threads."""
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield _has_stopped(pid)
    finally:
        os.killpg(pid, signal.SIGCONT)


def _has_stopped(pid: int) -> bool:
    deadline = time.monotonic() + _STOPS_WITHIN_S
    while time.monotonic() < deadline:
        seen = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG)  # told once all threads stand still
        if seen is not None:
            return True
        time.sleep(0.0005)
    return False
