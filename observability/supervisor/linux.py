"""Two system calls that Python does not offer: signalfd (who sent a signal) and PR_SET_PDEATHSIG."""

import ctypes
import os
import signal
import struct
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_libc = ctypes.CDLL(None, use_errno=True)
_SIGSET_BYTES: Final = 128  # glibc and musl
_SIGINFO: Final = struct.Struct("<IiiII108x")  # signalfd(2): signo, errno, code, pid, uid, …
_SFD_FLAGS: Final = os.O_NONBLOCK | os.O_CLOEXEC
_PR_SET_PDEATHSIG: Final = 1
_SI_KERNEL: Final = 128


class Sent(NamedTuple):
    """A signal and who sent it."""

    signum: int
    code: int
    pid: int
    uid: int

    @property
    def by_kernel(self) -> bool:
        """Whether a terminal sent it: Ctrl-C, or hang-up."""
        return self.code == _SI_KERNEL


def open_signals(signals: Iterable[signal.Signals]) -> int:
    """Block the signals and return a descriptor that delivers them. Raises OSError."""
    wanted = set(signals)
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
    mask = sum(1 << (number - 1) for number in wanted).to_bytes(_SIGSET_BYTES, "little")
    fd = int(_libc.signalfd(-1, mask, _SFD_FLAGS))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "signalfd")
    return fd


def read_signals(fd: int) -> Iterator[Sent]:
    """Yield what arrived; nothing if nothing did."""
    try:
        data = os.read(fd, _SIGINFO.size * 32)
    except BlockingIOError:
        return
    for signum, _, code, pid, uid in _SIGINFO.iter_unpack(data):
        yield Sent(signum, code, pid, uid)


def die_with_parent(signum: signal.Signals) -> None:
    """Ask the kernel for this signal when our parent dies. For a forked child, before it executes."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
