"""How a process ended, in numbers → in words: exit codes of shells and Docker, wait status, signal names."""

import signal as signals
from dataclasses import dataclass
from typing import Final

_NAMES: Final = {int(one): one.name for one in signals.Signals}  # Linux numbers: the logs are a server's
_BY_CODE: Final = frozenset({*range(1, 16), 24, 25, 31})  # what kills; 155 is billiard's EX_RECYCLE, not SIGPROF
_ALIASES: Final = {"SIGIOT": "SIGABRT", "SIGCLD": "SIGCHLD", "SIGPOLL": "SIGIO"}
ASKED: Final = frozenset(
    {"SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"}
)  # how a stop is asked for


@dataclass(frozen=True, slots=True)
class Exit:
    """`expected`: it ended well, or by a signal with which a stop is asked for."""

    code: int | None
    signal: str | None
    expected: bool


def exit_parts(code: int | None) -> Exit:
    """Return what an exit code says; over 128 it is a signal's number (POSIX shells, Docker), below 0 one of Python's."""
    if code is None:
        return Exit(None, None, False)
    number = -code if code < 0 else code - 128
    name = signal_name(number) if number in _BY_CODE else None
    return Exit(code, name, code == 0 or name in ASKED)


def signal_name(written: int | str) -> str | None:
    """Return "SIGKILL" for 9, "9", "KILL" or "SIGKILL"; None for no signal."""
    if isinstance(written, int) or written.isdecimal():
        return _NAMES.get(int(written)) if len(str(written)) < 4 else None
    name = written.upper() if written.upper().startswith("SIG") else f"SIG{written.upper()}"
    name = _ALIASES.get(name, name)
    return name if name in _NAMES.values() else None
