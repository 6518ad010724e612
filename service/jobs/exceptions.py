"""How a child can fail its task: WorkerError ─ WorkerDied, WorkerTimedOut, WorkerOutOfMemory, TaskFailed."""

from dataclasses import dataclass


class WorkerError(Exception):
    """A child did not do its task."""


@dataclass(eq=False)
class WorkerDied(WorkerError):
    """The child ended without an answer: `signal` is a name such as SIGSEGV, or None with an `exit_code`."""

    task: str
    pid: int
    exit_code: int | None
    signal: str | None
    max_rss_bytes: int

    def __str__(self) -> str:
        how = f"signal {self.signal}" if self.signal else f"exit code {self.exit_code}"
        return f"{self.task} in process {self.pid} ended with {how}, at {self.max_rss_bytes >> 20} MiB"


@dataclass(eq=False)
class WorkerTimedOut(WorkerError):
    """The child used more than its time, on the clock or of the processor, and was killed."""

    task: str
    limit_s: float

    def __str__(self) -> str:
        return f"{self.task} took more than {self.limit_s:g} s"


@dataclass(eq=False)
class WorkerOutOfMemory(WorkerError):
    """The child asked for more memory than its limit."""

    task: str
    limit_bytes: int

    def __str__(self) -> str:
        return f"{self.task} needs more than {self.limit_bytes >> 20} MiB"


@dataclass(eq=False)
class TaskFailed(WorkerError):
    """The task raised. `stack` is its traceback as text, shown with ours."""

    task: str
    type: str
    message: str
    stack: str

    def __post_init__(self) -> None:
        self.add_note(self.stack)

    def __str__(self) -> str:
        return f"{self.task}: {self.type}: {self.message}"
