"""One step of the detector's understanding: state and signals in, state and changes out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from observability.detector.causes import Facts, conclude
from observability.detector.correlate.assign import assign
from observability.detector.correlate.describe import is_synthetic
from observability.detector.correlate.grouping import Group, Grouped, group
from observability.detector.correlate.intake import let_go, take_in
from observability.detector.correlate.keys import is_hard, order
from observability.detector.correlate.proof import prove
from observability.detector.correlate.state import YOUNG_S, Joined, Process, State
from observability.detector.incidents import CauseCode, IncidentChange, JoinedBy
from observability.detector.signals import Access, FatalDump, ProcessExit, Signal, StageMark, Traceback, UpstreamError

# What better evidence usually follows at once: a refused connection may be a deploy whose stop is not read yet,
# an access line with 502 has its error line in another file, and an error line its access line, which alone says the
# request id (nginx writes it within a millisecond): without it, a traceback of that request would look like another crash.
_ERROR_HOLD_S: Final = 0.2
_REFUSED_HOLD_S: Final = 0.5
_ACCESS_HOLD_S: Final = 2.0
_CLIENT_LEFT: Final = 499  # nginx ngx_http_request.h: NGX_HTTP_CLIENT_CLOSED_REQUEST
_EXPECTED: frozenset[CauseCode] = frozenset({"bad_input", "other", "asyncio_cancel"})


def correlate(state: State, signals: Iterable[Signal], now: datetime) -> tuple[State, tuple[IncidentChange, ...]]:
    """Return the new state and what changed. Pure. Call it on each tick, too: windows also close in silence.

    The groups are made anew from all young signals, so neither order of arrival nor batching shows in an incident;
    a group becomes an incident at once, unless nothing but a weak sign speaks for it yet.
    """
    new = tuple(signals)
    taken = take_in(state, new) if new else state
    cases = taken.cases
    changes: tuple[IncidentChange, ...] = ()
    if _matters(state, taken, new, now):
        found = groups_of((*taken.recent, *_accesses_for(taken)), taken.processes, taken.marks)
        ripe = [group for group in found.groups if ripe_at(group) <= now]
        cases, changes = assign(taken, ripe, found.excused, now)
        settled = [s for g in ripe if _settles_at(g) < now for s in g.signals]
        taken = replace(let_go(taken, settled, now), due=_due(found.groups, now))
    cases, proven = prove(cases, new, taken.processes)
    return replace(taken, cases=cases), (*changes, *proven)


def _matters(before: State, taken: State, new: tuple[Signal, ...], now: datetime) -> bool:
    """Return whether the groups may have changed: ordinary traffic, nearly all there is, changes none of them."""
    if before.due is not None and before.due <= now:
        return True
    if taken.recent is not before.recent and taken.recent != before.recent:
        return True
    if not taken.recent:
        return False
    ids = {s.ids.request_id for s in taken.recent} | {s.ids.job_id for s in taken.recent} - {None}
    marks = (s for s in new if isinstance(s, StageMark))
    return bool(set(map(id, new)) & set(map(id, _accesses_for(taken)))) or any(
        {s.ids.request_id, s.ids.job_id} & ids for s in marks
    )


def _due(groups: tuple[Group, ...], now: datetime) -> datetime | None:
    """Return when a group ripens or settles next."""
    moments = (moment for g in groups for moment in (ripe_at(g), _settles_at(g)))
    return min((moment for moment in moments if moment >= now), default=None)


def groups_of(pool: Iterable[Signal], processes: Iterable[Process], marks: Iterable[StageMark]) -> Grouped:
    """Return what broke, as far as these signals tell, with the stage that each request had reached."""
    signals, table, known = tuple(pool), tuple(processes), _by_key(marks)
    staged = [s for s in signals if is_synthetic((s,))]
    real = [s for s in signals if not is_synthetic((s,))]  # a synthetic crash joins nothing real
    parts = [group(part, table) for part in (real, staged) if part]
    found = [with_marks(g, known) for part in parts for g in part.groups if not expected(g)]
    left = [g for g in found if given_up(g)]
    return Grouped(tuple(g for g in found if g not in left), (*left, *(g for part in parts for g in part.excused)))


def with_marks(group: Group, marks: Mapping[str, StageMark]) -> Group:
    """Return the group with the last stage mark of each of its requests: what tells the stage of a silent death."""
    interrupted = {s.ids.request_id or s.ids.job_id for s in group.signals if s.kind == "stage_mark"}
    found: dict[int, Joined] = {}
    for signal in group.signals:
        for key, why, sure in _mark_keys(signal, in_flight=not interrupted):
            mark = marks.get(key)
            if mark is not None and (mark.ids.request_id or mark.ids.job_id) not in interrupted:
                found.setdefault(id(mark), Joined(mark, why, sure))
    if not found:
        return group
    return replace(group, members=tuple(sorted((*group.members, *found.values()), key=lambda j: order(j.signal))))


def _mark_keys(signal: Signal, *, in_flight: bool) -> Iterator[tuple[str, JoinedBy, float]]:
    if signal.ids.request_id:
        yield f"request {signal.ids.request_id}", "request_id", 1.0
    if signal.ids.job_id:
        yield f"job {signal.ids.job_id}", "job_id", 0.95
    if in_flight and isinstance(signal, ProcessExit | FatalDump) and signal.pid is not None:
        yield f"pid {signal.pid}", "pid", 0.8


def _by_key(marks: Iterable[StageMark]) -> dict[str, StageMark]:
    """The last mark by request, by job, and by the process in which it was under way."""
    table: dict[str, StageMark] = {}
    for mark in sorted(marks, key=order):
        if mark.ids.request_id:
            table[f"request {mark.ids.request_id}"] = mark
        if mark.ids.job_id:
            table[f"job {mark.ids.job_id}"] = mark
        if mark.pid is not None and mark.edge == "started":
            table[f"pid {mark.pid}"] = mark
    return table


def expected(group: Group) -> bool:
    """Return whether all that happened is a problem that the backend handled: a bad file is its user's, not on-call's."""
    hard = [s for s in group.signals if is_hard(s)]
    if not hard or not all(isinstance(s, Traceback) and s.handled for s in hard):
        return False
    return conclude(Facts(tuple(hard))).cause.code in _EXPECTED


def given_up(group: Group) -> bool:
    """Return whether a request was only cancelled because its client had left."""
    if not _cancelled(group):
        return False
    return any(s.kind == "client_abort" or (isinstance(s, Access) and s.status == _CLIENT_LEFT) for s in group.signals)


def _cancelled(group: Group) -> bool:
    hard = [s for s in group.signals if is_hard(s)]
    return bool(hard) and all(
        isinstance(s, Traceback) and bool(s.exceptions) and s.exceptions[-1].type.endswith("CancelledError")
        for s in hard
    )


def _accesses_for(state: State) -> list[Access]:
    """Return the ordinary accesses that may belong to something hard: of the 256 kept nearly none does."""
    errors = {(s.pid, s.cid) for s in state.recent if isinstance(s, UpstreamError)}
    clients = {s.client for s in state.recent if isinstance(s, UpstreamError)}
    ids = {s.ids.request_id for s in state.recent} - {None}
    return [
        a
        for a in state.accesses
        if a.ids.request_id in ids or (a.pid, a.cid) in errors or (a.pid is None and a.client in clients)
    ]


def ripe_at(group: Group) -> datetime:
    """Return when to report: at once, unless only weak signs are there, which wait for better ones."""
    first = min(s.origin.read_at for s in group.signals)
    hard = [s for s in group.signals if is_hard(s)]
    if _cancelled(group):
        return first + timedelta(seconds=_ACCESS_HOLD_S)
    if group.death or any(not isinstance(s, UpstreamError) for s in hard):
        return first
    if any(not _refused(s) for s in hard):
        met = any(isinstance(s, Access) for s in group.signals)
        return first if met else first + timedelta(seconds=_ERROR_HOLD_S)
    return first + timedelta(seconds=_REFUSED_HOLD_S if hard else _ACCESS_HOLD_S)


def _settles_at(group: Group) -> datetime:
    return group.anchor.origin.read_at + timedelta(seconds=YOUNG_S)


def _refused(signal: Signal) -> bool:
    return isinstance(signal, UpstreamError) and signal.kind in ("upstream_refused", "no_live_upstreams")
