"""What signals can have in common: identity, time, address, request line. And which of them mean that something broke."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from observability.detector.signals import (
    Access,
    FatalDump,
    PreflightChecked,
    ProcessExit,
    Signal,
    Traceback,
    UpstreamError,
)

# nginx itself or the client is at fault: no upstream failed
QUIET_KINDS = frozenset({"client_abort", "client_body_too_large", "client_timeout"})
# what a dead or absent backend looks like from nginx
DOWN_KINDS = frozenset(
    {"upstream_closed_early", "upstream_reset", "upstream_refused", "no_live_upstreams", "upstream_unreachable"}
)
_SERVER_ERRORS = frozenset({500, 502, 504})  # 503 is an answer that somebody chose: overloaded, maintenance
_ASKED_SIGNALS = frozenset({"SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"})
_ASKED_CODES = frozenset({130, 143, 129})
_UNIX = re.compile(r"unix:(/[^:]*)")
_HOST_PORT = re.compile(r"(?:^|//)(\[[^\]]+\]|[^/:\s]+)(?::(\d+))?(?=[/\s]|$)")
_DEFAULT_PORTS = {"https": "443", "grpcs": "443", "http": "80", "grpc": "80"}
_WILDCARDS = frozenset({"0.0.0.0", "[::]", "*", "::", ""})


def identity(signal: Signal) -> str:
    """Return what tells this signal from every other one, the same after a replay of the same lines."""
    o = signal.origin
    extra = getattr(signal, "cid", None) or getattr(signal, "pid", None) or ""
    return f"{o.source}:{o.file_id}:{o.offset}:{o.line}:{signal.kind}:{extra}"


def seconds(later: datetime | None, earlier: datetime | None) -> float | None:
    """Return the seconds from `earlier` to `later`, or None: one of them is not known."""
    return None if later is None or earlier is None else (later - earlier).total_seconds()


def within(moment: datetime | None, anchor: datetime | None, before: float, after: float) -> bool:
    """Return whether `moment` lies in [anchor - before, anchor + after]; a time that is not known contradicts nothing."""
    apart = seconds(moment, anchor)
    return apart is None or -before <= apart <= after


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((m for m in moments if m is not None), default=None)


def order(signal: Signal) -> tuple[datetime, str, int, int, str]:
    """Return the sort key of evidence: by time where it is known, else as it was read. The same for every order of arrival."""
    o = signal.origin
    at = signal.at or o.read_at
    whole = isinstance(signal, UpstreamError)  # the error log has whole seconds: it may be up to 1 s later than it says
    return (at + timedelta(milliseconds=500) if whole else at, o.source, o.line, o.offset, signal.kind)


def address_of(upstream: str | None) -> str | None:
    """Return host:port, or the path of a unix socket, of an nginx upstream ("http://10.0.7.2:8034/x") or a process's address."""
    if not upstream or upstream == "-":
        return None
    last = upstream.split(", ")[-1]
    if unix := _UNIX.search(last):
        return f"unix:{unix[1]}"
    found = _HOST_PORT.search(last)
    if found is None:
        return None
    port = found[2] or _DEFAULT_PORTS.get(last.partition("://")[0])
    return f"{found[1]}:{port}" if (port and "://" in last) or found[2] else found[1]


def matches(upstream: str | None, process: str | None) -> float:
    """Return how sure it is that a process at this address is that upstream: 1.0 the same, 0.85 by port alone, 0.0 another."""
    if not upstream or not process:
        return 0.0
    if upstream == process:
        return 1.0
    host, _, port = process.rpartition(":")
    their_host, _, their_port = upstream.rpartition(":")
    if port != their_port or not port.isdecimal():
        return 0.0
    return (
        0.95 if host in _WILDCARDS or their_host in _WILDCARDS else 0.85
    )  # behind a container's network the host differs


def request_line(signal: UpstreamError | Access) -> tuple[str, str] | None:
    """Return (method, path), or None: the line had no request."""
    return (signal.method or "", signal.path) if signal.path is not None else None


def is_death(signal: Signal) -> bool:
    """Return whether a process died unasked. Exit code 0 and the signals of a stop are none, unless a limit was the reason."""
    if isinstance(signal, FatalDump):
        return True
    if not isinstance(signal, ProcessExit):
        return False
    if signal.oom_killed or signal.kind == "oom_kill" or signal.limit:
        return True
    if signal.expected or signal.signal in _ASKED_SIGNALS or signal.code in _ASKED_CODES:
        return False
    return signal.code != 0  # a process that left on its own terms; whom it left waiting, nginx says


def is_hard(signal: Signal) -> bool:
    """Return whether this signal alone is reason enough for an incident."""
    if isinstance(signal, UpstreamError):
        return signal.kind not in QUIET_KINDS
    if isinstance(signal, PreflightChecked):
        return signal.when == "start" and not signal.ok
    return isinstance(signal, Traceback) or signal.kind == "alert" or is_death(signal)


def is_server_error(signal: Signal) -> bool:
    """Return whether an access says by itself that something broke: soft, the better witness usually follows."""
    return isinstance(signal, Access) and signal.status in _SERVER_ERRORS


def is_success(access: Access) -> bool:
    return access.status is not None and 200 <= access.status < 400
