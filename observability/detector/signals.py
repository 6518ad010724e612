"""What was read: lines and the signals in them. A leaf: imports nothing of ours but other leaves (DESIGN sections 6 and 7)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from observability.fingerprint import ChainedException, Frame
from observability.ids import JobId, RequestId, TraceId

UpstreamKind = Literal[
    "upstream_closed_early",
    "upstream_reset",
    "upstream_refused",
    "upstream_timeout",
    "no_live_upstreams",
    "upstream_host_not_found",
    "upstream_unreachable",
    "upstream_too_big_header",
    "upstream_invalid_header",
    "upstream_ssl",
    "client_body_too_large",
    "client_abort",
    "client_timeout",
    "other_upstream",
    "nginx_worker_exit",
    "nginx_exhausted",
]
ProcessKind = Literal["process_exit", "oom_kill"]
# Not in DESIGN section 7: context that correlate needs, never listed as a signal by explain.
ContextKind = Literal["process_start", "preflight"]
SignalKind = Literal[
    UpstreamKind, ProcessKind, ContextKind, "access", "traceback", "fatal_dump", "process_stop", "stage_mark", "alert"
]

Limit = Literal["memory", "cpu", "wall"]
StageEdge = Literal["started", "finished", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a line begins: file identity (inode; 0 for a stream), byte offset, and line number from 1."""

    file_id: int
    offset: int
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line break, bad bytes already as ``\\xNN``."""

    source: str
    position: Position
    text: str
    read_at: datetime  # aware


@dataclass(frozen=True, slots=True)
class Origin:
    """The first line that a signal was read from, and its text as it stood (bounded), as evidence."""

    source: str
    line: int
    text: str
    read_at: datetime  # aware
    offset: int = 0
    file_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Join keys that a line carries; None: it did not say."""

    request_id: RequestId | None = None
    trace_id: TraceId | None = None
    job_id: JobId | None = None
    sentry_event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamError:
    """A line of nginx's error log. Absent parts are None; `written` is the time exactly as it stood there."""

    kind: UpstreamKind
    at: datetime | None  # aware; whole seconds
    origin: Origin
    written: str | None = None
    level: str | None = None
    pid: int | None = None
    tid: int | None = None
    cid: int | None = None  # nginx "*N" = $connection; on keep-alive several requests share it
    client: str | None = None
    server: str | None = None
    method: str | None = None
    path: str | None = None  # with the query string
    protocol: str | None = None
    upstream: str | None = None
    host: str | None = None
    referrer: str | None = None
    phase: str | None = None
    errno: int | None = None
    exit_signal: int | None = None  # nginx_worker_exit only
    ids: Ids = field(default_factory=Ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A line of an access log, JSON (DESIGN section 5), combined, upstream-timed or ingress."""

    kind: Literal["access"] = "access"
    at: datetime | None  # aware; from $msec where there is one
    origin: Origin
    ids: Ids = field(default_factory=Ids)
    pid: int | None = None
    cid: int | None = None
    client: str | None = None
    method: str | None = None
    path: str | None = None
    protocol: str | None = None
    status: int | None = None
    request_time: float | None = None  # seconds
    upstream: str | None = None  # $upstream_addr
    upstream_status: str | None = None  # as written: may be a list, "502, 200", or "-"
    host: str | None = None
    referrer: str | None = None
    request_length: int | None = None  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Traceback:
    """One printed traceback: exceptions in the order printed (the last is what was raised in the end), group children flattened."""

    kind: Literal["traceback"] = "traceback"
    at: datetime | None
    origin: Origin
    exceptions: tuple[ChainedException, ...]
    ids: Ids = field(default_factory=Ids)
    fingerprint: str | None = None  # as logged by the backend, or computed from the text
    service: str | None = None
    release: str | None = None  # `version` of the log line
    instance: str | None = None
    pid: int | None = None
    route: str | None = None
    stage: str | None = None
    event: str | None = None
    handled: bool = False  # the backend answered (stage.failed of a job that ends with a problem), it did not crash
    context: str = ""  # lines around the traceback that belong to its entry (log message, wrapper's words)


@dataclass(frozen=True, slots=True, kw_only=True)
class FatalDump:
    """The text of `faulthandler`, or of glibc or the kernel, when a process died by itself. Most recent call first."""

    kind: Literal["fatal_dump"] = "fatal_dump"
    at: datetime | None
    origin: Origin
    reason: str  # "Segmentation fault", "double free or corruption (!prev)"
    signal: str | None = None  # "SIGSEGV"
    code: int | None = None
    pid: int | None = None
    role: str | None = None
    frames: tuple[Frame, ...] = ()  # most recent first, as printed
    ids: Ids = field(default_factory=Ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExit:
    """A process is gone: from our supervisor, or from the words of systemd, Docker, gunicorn, the kernel."""

    kind: ProcessKind
    at: datetime | None
    origin: Origin
    pid: int | None = None
    role: str | None = None  # "backend" | "worker" | None: not said
    code: int | None = None
    signal: str | None = None  # "SIGKILL"
    oom_killed: bool | None = None  # the cgroup counter moved, OOMKilled=true, or the kernel said so
    expected: bool = False  # somebody had asked for the stop
    asked_by: str | None = None
    max_rss_bytes: int | None = None
    uptime_s: float | None = None
    address: str | None = None  # host:port it listened on
    instance: str | None = None
    release: str | None = None
    service: str | None = None
    detail: str | None = None  # "WORKER TIMEOUT", "Perhaps out of memory?": the writer's own words
    limit: Limit | None = None  # a worker's: which of its limits ended it
    stage: str | None = None  # a worker's: what it worked at, and how far it had come
    rows_done: int | None = None
    ids: Ids = field(default_factory=Ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStop:
    """Somebody asked a process to stop: the beginning of a deploy, not of a crash."""

    kind: Literal["process_stop"] = "process_stop"
    at: datetime | None
    origin: Origin
    pid: int | None = None
    role: str | None = None
    signal: str | None = None
    asked_by: str | None = None
    address: str | None = None
    instance: str | None = None
    ids: Ids = field(default_factory=Ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStart:
    """A process came up: ends a deploy's window, opens the proof that an incident is over."""

    kind: Literal["process_start"] = "process_start"
    at: datetime | None
    origin: Origin
    pid: int | None = None
    role: str | None = None
    address: str | None = None
    instance: str | None = None
    release: str | None = None
    ids: Ids = field(default_factory=Ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMark:
    """How far one request or job has come."""

    kind: Literal["stage_mark"] = "stage_mark"
    at: datetime | None
    origin: Origin
    ids: Ids = field(default_factory=Ids)
    domain: str = ""  # "upload"
    stage: str
    edge: StageEdge
    route: str | None = None
    pid: int | None = None
    instance: str | None = None
    rows_done: int | None = None
    rss_bytes: int | None = None
    moved_at: datetime | None = None  # interrupted: when its journal record last moved


@dataclass(frozen=True, slots=True)
class Check:
    """One preflight check as logged: what was looked at, what was found, the remedy."""

    name: str  # "UPLOAD_DIR", "database", "port"
    ok: bool
    what: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightChecked:
    """All checks that a process ran at one moment."""

    kind: Literal["preflight"] = "preflight"
    at: datetime | None
    origin: Origin
    when: str  # "start" | "death" | "ready" | "failure"
    ok: bool
    checks: tuple[Check, ...]
    instance: str | None = None
    ids: Ids = field(default_factory=Ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that asks for attention and is none of the others, such as an alert of Prometheus."""

    kind: Literal["alert"] = "alert"
    at: datetime | None
    origin: Origin
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    ids: Ids = field(default_factory=Ids)


Signal = (
    UpstreamError
    | Access
    | Traceback
    | FatalDump
    | ProcessExit
    | ProcessStop
    | ProcessStart
    | StageMark
    | PreflightChecked
    | Alert
)
