"""What /proc says of other processes, and how a group of them is ended."""

import os
import signal
from pathlib import Path

from observability.supervisor.linux import Sent


def minds(pid: int, signum: int) -> bool:
    """Tell whether the process handles the signal: one that does not would die of a mere SIGHUP (proc(5), SigCgt)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signum - 1) & 1)


def asker(sent: Sent) -> str:
    """Return who sent a signal, as `asked_by` says it."""
    if sent.by_kernel:
        return "terminal"
    return f"pid {sent.pid} uid {sent.uid}" if sent.pid else "operator"  # 0: outside of our pid namespace


def command_of(sent: Sent) -> str | None:
    """Return the sender's command name; None where it is gone or out of sight."""
    try:
        return Path(f"/proc/{sent.pid}/comm").read_text("utf-8", "replace").strip() if sent.pid else None
    except OSError:
        return None


def kill_group(pid: int) -> None:
    """Kill a process and all that it started in its group. Before its leader is collected, so that the id is still its own."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
