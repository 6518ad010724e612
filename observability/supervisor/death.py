"""What became of a process: wait status, journal and counters in, log fields out."""

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from observability import events, journal
from observability.lines import timestamp


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


def interrupted(data: bytes, *, since_ns: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield event name and fields for each stage that was running when the life that began at `since_ns` ended."""
    for record in journal.in_flight(journal.latest(data, since_ns=since_ns)):
        yield (
            f"{record.domain}.{events.STAGE_INTERRUPTED}",
            {
                "stage": record.stage,
                "request_id": record.request_id or None,
                "trace_id": record.trace_id or None,
                "job_id": record.job_id or None,
                "route": record.route or None,
                "rows_done": record.rows_done,
                "rows": record.rows_total,
                "rss_bytes": record.rss_bytes,
                "moved_at": timestamp(record.wall_ns),
                "pid": record.pid,
            },
        )


def read_journal(path: Path) -> bytes:
    """Return the file's content; nothing where the child never came to open it."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"
