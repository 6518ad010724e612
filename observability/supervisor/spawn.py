"""Command to running child: own process group, stdout to the log, stderr to a pipe, gone when its supervisor is gone."""

import os
import signal
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from observability.supervisor.linux import die_with_parent

CANNOT_EXECUTE: Final = 127  # as a shell says it


def spawn(
    command: Sequence[str], env: Mapping[str, str], *, stdout: int, stderr: int, on_orphaned: signal.Signals
) -> int:
    """Return the pid. A command that cannot be executed says so on its stderr and exits with 127."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(command, env, parent, stdout, stderr, on_orphaned)
    return pid


def _become(
    command: Sequence[str], env: Mapping[str, str], parent: int, stdout: int, stderr: int, on_orphaned: signal.Signals
) -> NoReturn:
    try:
        os.setpgid(0, 0)  # Ctrl-C reaches us only; we pass it on once
        die_with_parent(on_orphaned)
        if os.getppid() != parent:  # it died before the kernel knew
            os._exit(CANNOT_EXECUTE)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and execve would hand that on
            signal.signal(ignored, signal.SIG_DFL)
        os.execvpe(command[0], list(command), dict(env))  # noqa: S606 — a shell is what we do not want
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode(errors="replace"))
    finally:
        os._exit(CANNOT_EXECUTE)
