"""What a job is and where it stands. A leaf."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from observability.ids import JobId, RequestId

State = Literal["queued", "running", "succeeded", "succeeded_with_errors", "failed", "cancelled"]
ACTIVE: Final[tuple[State, ...]] = ("queued", "running")
MAX_ATTEMPTS: Final = 3  # the first run and two retries


@dataclass(frozen=True, slots=True)
class Upload:
    """The file as it was received, and what was asked for. `options` is the JSON text of the request, checked."""

    name: str
    sha256: str
    size_bytes: int
    options: str


@dataclass(frozen=True, slots=True)
class Job:
    """One upload on its way. `version` grows with every change: it is the id of a server-sent event."""

    id: JobId
    state: State
    upload: Upload
    request_id: RequestId
    traceparent: str
    executor: str
    created: datetime
    stage: str | None = None
    done: int = 0
    total: int = 0
    attempts: int = 0
    version: int = 1
    table: Mapping[str, Any] = field(default_factory=dict)  # format, sheet, header_row, columns
    counts: Mapping[str, int] = field(default_factory=dict)
    verified: Mapping[str, int] | None = None
    next_start: int | None = None
    problem: Mapping[str, Any] | None = None
    finished: datetime | None = None
    expired: bool = False

    @property
    def ended(self) -> bool:
        return self.state not in ACTIVE


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The client's key, and a hash of the body that it came with."""

    key: str
    body_hash: str


class IdempotencyMismatch(Exception):
    """The key was used before, with another body."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"Idempotency-Key {key} was used with another file or other options")


class QueueFull(Exception):
    """As many jobs wait or run as may."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"{limit} jobs are waiting or running")
