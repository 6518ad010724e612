"""A signal → the `fields` that explain and the API show of it: absent parts left out, names of DESIGN sections 7 and 8."""

from datetime import datetime

from observability.detector.parse.exits import signal_name
from observability.detector.signals import (
    Access,
    Alert,
    FatalDump,
    Ids,
    PreflightChecked,
    ProcessExit,
    ProcessStart,
    ProcessStop,
    Signal,
    StageMark,
    Traceback,
    UpstreamError,
)
from observability.fingerprint import ChainedException, Frame

_OF_NGINX = (
    *("level", "pid", "tid", "cid", "client", "server", "method", "path", "protocol"),
    *("upstream", "host", "referrer", "phase", "errno"),
)
_OF_ACCESS = (
    *("pid", "cid", "client", "method", "path", "protocol", "status", "request_time", "upstream", "upstream_status"),
    *("host", "referrer", "request_length"),
)
_OF_TRACEBACK = ("fingerprint", "service", "release", "instance", "pid", "route", "stage", "event", "context")
_OF_DUMP = ("reason", "signal", "code", "pid", "role")
_OF_EXIT = (
    *("signal", "code", "pid", "role", "oom_killed", "expected", "asked_by", "max_rss_bytes", "uptime_s"),
    *("address", "instance", "release", "service", "detail", "limit", "stage", "rows_done"),
)
_OF_STOP = ("signal", "pid", "role", "asked_by", "address", "instance")
_OF_START = ("pid", "role", "address", "instance", "release")
_OF_MARK = ("domain", "stage", "edge", "route", "pid", "instance", "rows_done", "rss_bytes", "moved_at")
_OF_IDS = ("request_id", "trace_id", "job_id", "sentry_event_id")


def fields_of(signal: Signal) -> dict[str, object]:
    """Return what the line said, as JSON-able values."""
    match signal:
        case UpstreamError():
            return _given(signal, _OF_NGINX, time=signal.written, signal=_signal_name(signal.exit_signal)) | _ids(
                signal.ids
            )
        case Access():
            return _given(signal, _OF_ACCESS) | _ids(signal.ids)
        case Traceback():
            shown = {"exceptions": [_exception(exception) for exception in signal.exceptions]}
            return shown | _given(signal, _OF_TRACEBACK, handled=signal.handled or None) | _ids(signal.ids)
        case FatalDump():
            return _given(signal, _OF_DUMP) | _frames(signal.frames) | _ids(signal.ids)
        case ProcessExit():
            return _given(signal, _OF_EXIT) | _ids(signal.ids)
        case ProcessStop():
            return _given(signal, _OF_STOP) | _ids(signal.ids)
        case ProcessStart():
            return _given(signal, _OF_START) | _ids(signal.ids)
        case StageMark():
            return _given(signal, _OF_MARK) | _ids(signal.ids)
        case PreflightChecked():
            return _given(signal, ("when", "ok", "instance")) | {"checks": _checks(signal)} | _ids(signal.ids)
        case Alert():
            return (
                {"name": signal.name} | {key: _plain(value) for key, value in signal.fields.items()} | _ids(signal.ids)
            )


def _signal_name(number: int | None) -> str | None:
    return signal_name(number) if number is not None else None


def _given(of: Signal, names: tuple[str, ...], /, **more: object) -> dict[str, object]:
    said = more | {name: getattr(of, name) for name in names}
    return {name: _plain(value) for name, value in said.items() if value not in (None, "")}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _ids(ids: Ids) -> dict[str, object]:
    return {name: value for name in _OF_IDS if (value := getattr(ids, name)) is not None}


def _exception(exception: ChainedException) -> dict[str, object]:
    """`frames` is their number; None where writers were interleaved beyond repair."""
    frames = exception.frames
    return {
        "type": exception.type,
        "message": exception.message,
        "frames": None if frames is None else len(frames),
        "innermost": _place(frames[-1]) if frames else None,
    }


def _place(frame: Frame) -> dict[str, object]:
    return {"file": frame.file, "line": frame.line, "function": frame.function}


def _frames(frames: tuple[Frame, ...]) -> dict[str, object]:
    """faulthandler prints the most recent call first."""
    return {"frames": len(frames), "innermost": _place(frames[0])} if frames else {}


def _checks(signal: PreflightChecked) -> list[dict[str, object]]:
    return [
        {"name": check.name, "ok": check.ok, "what": check.what, "found": check.found, "remedy": check.remedy}
        for check in signal.checks
    ]
