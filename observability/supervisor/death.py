"""What became of a process: wait status, usage and counters in, log fields out."""

import os
import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Death:
    """One end of one process."""

    status: int  # of wait4
    max_rss_bytes: int
    uptime_s: float
    oom_kills: int | None

    @property
    def signal_name(self) -> str | None:
        return _name(os.WTERMSIG(self.status)) if os.WIFSIGNALED(self.status) else None

    @property
    def exit_code(self) -> int | None:
        return os.WEXITSTATUS(self.status) if os.WIFEXITED(self.status) else None

    @property
    def shell_code(self) -> int:
        """Return the code that a shell would give: 128 and the number of the signal."""
        return self.exit_code if self.exit_code is not None else 128 + os.WTERMSIG(self.status)

    def fields(self) -> dict[str, object]:
        """Return the fields of `process.exited` that tell how it died."""
        return {
            "exit_code": self.exit_code,
            "signal": self.signal_name,
            "core_dumped": True if self.signal_name and os.WCOREDUMP(self.status) else None,
            "oom_kill": self.oom_kills,
            "max_rss_bytes": self.max_rss_bytes,
            "uptime_s": round(self.uptime_s, 3),
        }


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"
