"""What is concluded: incidents, their evidence and causes, and how they change. A leaf (DESIGN sections 6 to 8)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

CauseCode = Literal[
    "missing_env",
    "permission_denied",
    "path_not_found",
    "disk_full",
    "import_error",
    "db_connection",
    "out_of_memory",
    "segfault",
    "killed",
    "bad_input",
    "dependency_timeout",
    "network",
    "programming_error",
    "asyncio_cancel",
    "config_error",
    "slow_upstream",
    "deploy",
    "other",
]
IncidentState = Literal["open", "acknowledged", "resolved"]
Severity = Literal["page", "ticket", "info"]
ChangeWord = Literal["opened", "enriched", "recurred", "resolved", "reopened"]
JoinedBy = Literal[
    "opened_it",
    "request_id",
    "trace_id",
    "job_id",
    "connection",
    "same_path",
    "death_window",
    "pid",
    "fingerprint",
    "same_paste",
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A signal joined to an incident, with why it was joined and how sure that is."""

    kind: str
    at: datetime | None
    source: str
    line: int
    text: str
    fields: dict[str, Any]
    joined_by: JoinedBy
    confidence: float  # 0..1


@dataclass(frozen=True, slots=True)
class Cause:
    """What a rule concluded. `because` are indexes into the incident's evidence."""

    code: CauseCode
    summary: str
    confidence: float  # 0..1
    because: tuple[int, ...] = ()
    next_steps: tuple[str, ...] = ()
    runbook: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    code: CauseCode
    confidence: float
    confirm_with: str


@dataclass(frozen=True, slots=True)
class RuledOut:
    code: CauseCode
    because: str


@dataclass(frozen=True, slots=True)
class Incident:
    """One explained failure (DESIGN section 8). Notifications and links are added where it is shown, they are not part of it."""

    id: str
    fingerprint: str
    state: IncidentState
    severity: Severity
    title: str
    service: str | None
    route: str | None
    stage: str | None
    release: str | None
    cause: Cause
    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...]
    first_seen: datetime
    last_seen: datetime
    occurrences: int
    suspect_request_id: str | None
    request_ids: tuple[str, ...]
    trace_ids: tuple[str, ...]
    sentry_event_ids: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    synthetic: bool = False  # made by selftest
    resolved_in: str | None = None  # the release that ran when it was last resolved


# `line_at` of a change: when the line that began this occurrence was read; None where no line did.


@dataclass(frozen=True, slots=True)
class Opened:
    incident: Incident
    change: Literal["opened"] = "opened"
    line_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Enriched:
    incident: Incident
    cause_changed: bool
    change: Literal["enriched"] = "enriched"
    line_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Recurred:
    incident: Incident
    change: Literal["recurred"] = "recurred"
    line_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Resolved:
    incident: Incident
    because: str
    by: str = ""  # the person who said so; "": it was proven
    change: Literal["resolved"] = "resolved"
    line_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reopened:
    incident: Incident
    because: str
    change: Literal["reopened"] = "reopened"
    line_at: datetime | None = field(default=None, compare=False)


IncidentChange = Opened | Enriched | Recurred | Resolved | Reopened


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a notification."""

    channel: str
    at: datetime
    outcome: Literal["delivered", "retry", "refused"]
    reason: str = ""
    change: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
