"""How a child ended: its exit and what was known of it in; a log event, its answer or a typed failure out."""

import signal
from dataclasses import dataclass
from typing import Any, Literal

from observability import events
from observability.logs import get_logger
from service.jobs.exceptions import TaskFailed, WorkerDied, WorkerOutOfMemory, WorkerTimedOut
from service.jobs.limits import ChildLimits

Limit = Literal["memory", "cpu", "wall"]
AskedBy = Literal["timeout", "cancelled"]  # why we killed it ourselves


@dataclass(frozen=True, slots=True)
class Exit:
    """What the kernel says of a child that is gone."""

    code: int  # negative: the signal
    max_rss_bytes: int


@dataclass(frozen=True, slots=True)
class Ending:
    """A child that is gone, and all that is known of it. `reply` is the last that it said."""

    task: str
    pid: int
    exit: Exit
    limits: ChildLimits
    reply: dict[str, Any] | None
    rows_done: int | None
    uptime_s: float
    asked_by: AskedBy | None
    oom_kills: int | None  # in our cgroup while it lived; None: not counted here

    @property
    def signal(self) -> str | None:
        """The name of the signal that ended it."""
        return signal.Signals(-self.exit.code).name if self.exit.code < 0 else None

    @property
    def limit(self) -> Limit | None:
        """Which of its limits ended it."""
        if self.asked_by == "timeout":
            return "wall"
        if self.signal == "SIGXCPU":
            return "cpu"
        return "memory" if self._error_type == "MemoryError" else None

    @property
    def _error_type(self) -> str | None:
        return self.reply["error"]["type"] if self.reply is not None and "error" in self.reply else None


def result_of(ending: Ending) -> dict[str, Any]:
    """Return what the child answered. Raises WorkerError."""
    task, reply, limits = ending.task, ending.reply, ending.limits
    match ending.limit:
        case "wall":
            raise WorkerTimedOut(task, limits.wall_s)
        case "cpu":
            raise WorkerTimedOut(task, limits.cpu_s)
        case "memory":
            raise WorkerOutOfMemory(task, limits.memory_bytes)
    if reply is None or ending.exit.code != 0 or not ("result" in reply or "error" in reply):
        exit_code = None if ending.signal else ending.exit.code
        raise WorkerDied(task, ending.pid, exit_code, ending.signal, ending.exit.max_rss_bytes)
    if "result" in reply:
        result: dict[str, Any] = reply["result"]
        return result
    error = reply["error"]
    raise TaskFailed(task, error["type"], error["message"], error["stack"])


def log_ending(ending: Ending) -> None:
    """Log an end that is no normal one: evidence for whoever asks why a job failed. Ids and stage are those of the context."""
    if ending.exit.code == 0 and ending.limit is None:
        return
    expected = ending.asked_by == "cancelled"
    by_kernel = ending.signal == "SIGKILL" and ending.asked_by is None
    known = {
        "signal": ending.signal,
        "exit_code": None if ending.signal else ending.exit.code,
        "limit": ending.limit,
        "oom_kill": ending.oom_kills if by_kernel else None,  # another child's, if this one died of something else
        "rows_done": ending.rows_done,
        "asked_by": ending.asked_by,
    }
    log = get_logger().info if expected else get_logger().error
    log(
        events.PROCESS_EXITED,
        role="worker",
        pid=ending.pid,
        task=ending.task,
        max_rss_bytes=ending.exit.max_rss_bytes,
        uptime_s=round(ending.uptime_s, 3),
        expected=expected,
        **{name: value for name, value in known.items() if value is not None},
    )
