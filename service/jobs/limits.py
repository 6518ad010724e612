"""What a child process may use: numbers in, limits of the kernel set on the calling process."""

import ctypes
import os
import resource
import signal
from dataclasses import dataclass
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_OPEN_FILES: Final = 64
_libc: Final = ctypes.CDLL(None, use_errno=True)  # loaded once, before any fork


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Limits of one child. `wall_s` is kept by the parent, the rest by the kernel."""

    memory_bytes: int = 1 << 30  # address space, the preloaded modules included
    cpu_s: int = 60
    wall_s: float = 60.0
    file_bytes: int = 1 << 30  # the largest file that it may write


def confine(limits: ChildLimits) -> None:
    """Set the limits on this process, for good."""
    _set(resource.RLIMIT_CORE, 0)  # a dump would hold a stranger's workbook
    _set(resource.RLIMIT_AS, limits.memory_bytes)
    _set(resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 2)  # SIGXCPU first: at the hard limit it would be SIGKILL
    _set(resource.RLIMIT_FSIZE, limits.file_bytes)
    _set(resource.RLIMIT_NOFILE, _OPEN_FILES)


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when the thread that made it is gone; exit at once if it is gone already."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def _set(what: int, soft: int, hard: int | None = None) -> None:
    _, given = resource.getrlimit(what)
    most = soft if hard is None else hard
    most = most if given == resource.RLIM_INFINITY else min(most, given)
    resource.setrlimit(what, (min(soft, most), most))
