"""Signals to units: what belongs to one request, or what one process said. Never split, so a unit cannot bridge two incidents."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from observability.detector.correlate.keys import address_of, is_hard, latest, order, request_line, seconds, within
from observability.detector.correlate.same_request import may_be_one
from observability.detector.correlate.state import Joined
from observability.detector.incidents import JoinedBy
from observability.detector.signals import Access, FatalDump, ProcessExit, Signal, Traceback, UpstreamError

# An access line is written when the request ends; an earlier try at another upstream may be a minute older.
_REQUEST_S = 75.0
_SAME_MOMENT_S = 2.0
# nginx's own words where the status may be a good one although the upstream failed (ngx_http_upstream.c, ngx_event_pipe.c)
_LATE_PHASES = frozenset({"reading upstream", "sending to client", "proxying upgraded connection"})
_FAILED = re.compile(r"\b(?:499|5\d\d)\b")


@dataclass(frozen=True)
class Unit:
    """Members in order of time, each with the key that joined it to the unit."""

    members: tuple[Joined, ...]

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        return tuple(joined.signal for joined in self.members)

    @cached_property
    def request_ids(self) -> frozenset[str]:
        return frozenset(s.ids.request_id for s in self.signals if s.ids.request_id)

    @cached_property
    def errors(self) -> tuple[UpstreamError, ...]:
        return tuple(s for s in self.signals if isinstance(s, UpstreamError))

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        return tuple(s for s in self.signals if isinstance(s, Access))

    @cached_property
    def tracebacks(self) -> tuple[Traceback, ...]:
        return tuple(s for s in self.signals if isinstance(s, Traceback))

    @cached_property
    def at(self) -> datetime | None:
        """The best time of the unit: an access line has milliseconds, the error log whole seconds."""
        precise = latest(s.at for s in self.signals if not isinstance(s, UpstreamError))
        return precise if self.accesses and precise else latest(s.at for s in self.signals if is_hard(s)) or precise

    @cached_property
    def address(self) -> str | None:
        """The upstream that failed: of the error line, else of the access line."""
        of_errors = (address_of(e.upstream) for e in self.errors)
        return next((a for a in (*of_errors, *(address_of(s.upstream) for s in self.accesses)) if a), None)

    @cached_property
    def pids(self) -> frozenset[int]:
        """Pids of the backend's processes; those of nginx are another matter."""
        said = (s for s in self.signals if isinstance(s, ProcessExit | FatalDump | Traceback) or s.kind == "stage_mark")
        return frozenset(pid for s in said if (pid := getattr(s, "pid", None)) is not None)

    @cached_property
    def answered(self) -> bool:
        """The backend itself gave an answer to nginx, so this request did not die with the process."""
        return any(answered(access) for access in self.accesses)


def answered(access: Access) -> bool:
    """Return whether the backend itself gave an answer to nginx."""
    return (access.upstream_status or "").rpartition(" ")[2] not in ("", "-", "502", "504")


def units(signals: Iterable[Signal]) -> tuple[Unit, ...]:
    """Return the units: by request id, else trace id, else job id, else connection and request line; the rest stays alone."""
    built: list[list[Joined]] = []
    rest = sorted(signals, key=order)
    for key, name, confidence in _IDS:
        rest = _by_id(rest, built, key, name, confidence)
    rest = _by_connection(rest, built)
    built += [[Joined(signal, "opened_it", 1.0)] for signal in rest]
    made = (Unit(tuple(sorted(members, key=lambda j: order(j.signal)))) for members in built)
    return tuple(sorted(made, key=lambda unit: order(unit.members[0].signal)))


_Key = Callable[[Signal], str | None]
_IDS: tuple[tuple[_Key, JoinedBy, float], ...] = (
    (lambda s: s.ids.request_id, "request_id", 1.0),
    (lambda s: s.ids.trace_id, "trace_id", 0.95),  # a client's trace may hold several requests
    (lambda s: s.ids.job_id, "job_id", 0.95),
)


def _by_id(
    signals: list[Signal], built: list[list[Joined]], key: _Key, name: JoinedBy, confidence: float
) -> list[Signal]:
    """Join signals that carry the id to the nearest unit that has it, and return those that carry none."""
    index: dict[str, list[list[Joined]]] = {}
    for members in built:
        for value in {key(joined.signal) for joined in members} - {None}:
            index.setdefault(value or "", []).append(members)
    rest: list[Signal] = []
    for signal in signals:
        value = key(signal)
        if value is None:
            rest.append(signal)
            continue
        known = index.get(value)
        if known is None:
            built.append([Joined(signal, name, confidence)])
            index[value] = [built[-1]]
        else:
            min(known, key=lambda members: _apart(members[0].signal, signal)).append(Joined(signal, name, confidence))
    return rest


def _apart(one: Signal, other: Signal) -> float:
    return abs(seconds(one.at, other.at) or 0.0)


def _by_connection(signals: list[Signal], built: list[list[Joined]]) -> list[Signal]:
    """Join error lines to the access line of the same (pid, connection, request line), or to each other; return the rest."""
    index: dict[tuple[object, ...], list[tuple[Access, list[Joined]]]] = {}
    loose = [[Joined(s, "opened_it", 1.0)] for s in signals if isinstance(s, Access)]
    for members in (*built, *loose):
        for access in (j.signal for j in members if isinstance(j.signal, Access)):
            for key in connection_keys(access):
                index.setdefault(key, []).append((access, members))
    own: dict[tuple[object, ...], list[Joined]] = {}
    rest: list[Signal] = []
    for signal in signals:
        if isinstance(signal, Access):
            continue
        if not isinstance(signal, UpstreamError):
            rest.append(signal)
        elif (home := _home(signal, index)) is not None:
            home.append(Joined(signal, "connection", 0.98 if signal.cid is not None else 0.85))
        elif (rows := _siblings(signal, own)) is not None:
            rows.append(Joined(signal, "connection", 0.9))
    built += loose
    built += own.values()
    return rest


def connection_keys(signal: UpstreamError | Access) -> list[tuple[object, ...]]:
    """Strong key first. Two keep-alive requests share the connection: the request line and the time tell them apart."""
    line = request_line(signal)
    keys: list[tuple[object, ...]] = []
    if signal.pid is not None and signal.cid is not None:
        keys.append((signal.pid, signal.cid, line))
    elif line and signal.client:  # a combined access log says neither pid nor connection
        keys.append((signal.client, line))
    return keys


def _home(
    error: UpstreamError, index: dict[tuple[object, ...], list[tuple[Access, list[Joined]]]]
) -> list[Joined] | None:
    """Return the unit of the request's access line: the first one that ended at or after the error.

    On keep-alive the same request line may come many times a second over one connection, and the error has whole seconds:
    one that went well is not the one that the error speaks of, however near it is.
    """
    keys = connection_keys(error)
    if error.client and (line := request_line(error)):
        keys.append((error.client, line))
    for key, patience in zip(keys, (_REQUEST_S, _SAME_MOMENT_S), strict=False):
        near = [
            row
            for row in index.get(key, ())
            if within(row[0].at, error.at, 1.0, patience) and may_be_one(error, row[0])
        ]
        if near:
            return min(near, key=lambda row: (not _fits(row[0], error), abs(seconds(row[0].at, error.at) or 0.0)))[1]
    return None


def _fits(access: Access, error: UpstreamError) -> bool:
    """Return whether the request ended as the error says: with an attempt that failed, unless its headers were out already."""
    attempts = f"{access.status} {access.upstream_status or ''}"
    return _FAILED.search(attempts) is not None or (error.phase or "") in _LATE_PHASES


def _siblings(error: UpstreamError, own: dict[tuple[object, ...], list[Joined]]) -> list[Joined]:
    """Return the unit of error lines of the same request within a second: nginx says why, then that it disabled the server."""
    key = (error.pid, error.cid, request_line(error)) if error.cid is not None else (order(error),)
    for step in range(1000):
        rows = own.setdefault((*key, step), [])
        if not rows or within(error.at, rows[0].signal.at, 1.0, 1.0):
            return rows
    return rows
