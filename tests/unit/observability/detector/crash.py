"""Signals as a script: one crash of one backend, with the lines that nginx, backend and supervisor would write."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from observability.detector.signals import (
    Access,
    Check,
    FatalDump,
    Ids,
    Origin,
    PreflightChecked,
    ProcessExit,
    ProcessStart,
    ProcessStop,
    Signal,
    StageEdge,
    StageMark,
    Traceback,
    UpstreamError,
    UpstreamKind,
)
from observability.fingerprint import ChainedException, Frame
from observability.ids import JobId, RequestId, TraceId

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
UPLOAD = "/api/barcodes/upload-excel"
ROUTE = f"POST {UPLOAD}"
BACKEND = "127.0.0.1:8034"
_number = iter(range(1, 10**9))


def at(seconds: float) -> datetime:
    """Return the moment so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def origin(source: str, seconds: float, text: str = "") -> Origin:
    """Return an origin of its own: lines are numbered as they are made."""
    return Origin(source, next(_number), text or f"{source} {seconds}", at(seconds))


def ids(request: str | None = None, trace: str | None = None, job: str | None = None) -> Ids:
    return Ids(
        request_id=RequestId(request) if request else None,
        trace_id=TraceId(trace) if trace else None,
        job_id=JobId(job) if job else None,
    )


def error(
    kind: UpstreamKind, seconds: float, *, cid: int | None = 9, path: str = UPLOAD, upstream: str = BACKEND, **more: Any
) -> UpstreamError:
    """Return a line of nginx's error log: whole seconds, no request id."""
    url = f"http://{upstream}{path}" if upstream else None
    return UpstreamError(
        kind=kind,
        at=at(int(seconds)),
        origin=origin("error.log", seconds),
        level="error",
        pid=28,
        tid=28,
        cid=cid,
        client="102.86.10.23",
        method="POST",
        path=path,
        upstream=url,
        **more,
    )


def access(
    status: int,
    seconds: float,
    *,
    cid: int = 9,
    request: str | None = None,
    path: str = UPLOAD,
    method: str = "POST",
    upstream: str = BACKEND,
    upstream_status: str | None = None,
    text: str = "",
) -> Access:
    """Return a line of the JSON access log."""
    return Access(
        at=at(seconds),
        origin=origin("access.log", seconds, text),
        ids=ids(request),
        pid=28,
        cid=cid,
        client="102.86.10.23",
        method=method,
        path=path,
        status=status,
        upstream=upstream,
        upstream_status=upstream_status or str(status),
        request_time=0.5,
    )


def exited(
    seconds: float,
    *,
    pid: int = 77,
    signal: str | None = "SIGKILL",
    code: int | None = None,
    role: str | None = "backend",
    **more: Any,
) -> ProcessExit:
    """Return what the supervisor says of a death."""
    address = BACKEND if role == "backend" else None
    return ProcessExit(
        kind="process_exit",
        at=at(seconds),
        origin=origin("backend.log", seconds),
        pid=pid,
        role=role,
        code=code,
        signal=signal,
        address=more.pop("address", address),
        oom_killed=more.pop("oom_killed", False),
        instance=more.pop("instance", "a"),
        **more,
    )


def started(seconds: float, *, pid: int = 78, role: str = "backend", address: str | None = BACKEND) -> ProcessStart:
    return ProcessStart(
        at=at(seconds),
        origin=origin("backend.log", seconds),
        pid=pid,
        role=role,
        address=address,
        instance="a",
        release="1.2",
    )


def stopping(seconds: float, *, pid: int = 77, address: str | None = BACKEND) -> ProcessStop:
    return ProcessStop(
        at=at(seconds),
        origin=origin("backend.log", seconds),
        pid=pid,
        role="backend",
        signal="SIGTERM",
        asked_by="operator",
        address=address,
    )


def mark(
    stage: str,
    seconds: float,
    *,
    request: str | None,
    edge: StageEdge = "started",
    pid: int = 77,
    moved: float | None = None,
) -> StageMark:
    return StageMark(
        at=at(seconds),
        origin=origin("backend.log", seconds),
        ids=ids(request),
        domain="upload",
        stage=stage,
        edge=edge,
        route=ROUTE,
        pid=pid,
        moved_at=at(moved) if moved is not None else None,
    )


def raised(
    type_: str,
    message: str,
    seconds: float,
    *,
    request: str | None = None,
    route: str | None = ROUTE,
    pid: int | None = 77,
    **more: Any,
) -> Traceback:
    """Return a traceback of one exception in own code."""
    frame = Frame("/srv/app/draw.py", 41, "draw", "canvas.draw(label)", "app.draw")
    return Traceback(
        at=at(seconds),
        origin=origin("backend.log", seconds),
        exceptions=(ChainedException(type_, message, (frame,)),),
        ids=more.pop("ids", ids(request)),
        fingerprint=more.pop("fingerprint", f"v1:{type_}"),
        pid=pid,
        route=route,
        **more,
    )


def dump(
    seconds: float, *, pid: int | None = 77, signal: str = "SIGSEGV", reason: str = "Segmentation fault"
) -> FatalDump:
    frames = (Frame("/srv/app/native.py", 7, "encode"),)
    return FatalDump(
        at=at(seconds), origin=origin("backend.log", seconds), reason=reason, signal=signal, pid=pid, frames=frames
    )


def checked(
    seconds: float,
    *,
    when: str = "death",
    name: str = "DOWNLOAD_DIR",
    found: str = "",
    remedy: str = "chown 1000 /srv/downloads",
) -> PreflightChecked:
    """Return a preflight with one check; it failed where something was `found`."""
    check = Check(name, not found, f"{name}=/srv/downloads", found or "uid 1000 may write", remedy if found else "")
    return PreflightChecked(
        at=at(seconds), origin=origin("backend.log", seconds), when=when, ok=not found, checks=(check,), instance="a"
    )


def late(signal: Signal, seconds: float) -> Signal:
    """Return the signal as it would be if it were read so much later."""
    return replace(signal, origin=replace(signal.origin, read_at=signal.origin.read_at + timedelta(seconds=seconds)))
