"""One step of the detector's understanding: state and signals in, state and changes out."""

from collections.abc import Iterable
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
from observability.detector.incidents import CauseCode, IncidentChange
from observability.detector.signals import Access, Signal, StageMark, Traceback, UpstreamError

# What better evidence usually follows at once: a refused connection may be a deploy whose stop is not read yet,
# and an access line with 502 has its error line in another file.
_REFUSED_HOLD_S: Final = 0.5
_ACCESS_HOLD_S: Final = 2.0
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
        cases, changes = assign(taken.cases, ripe, found.deployed, now)
        settled = [s for g in ripe if _settles_at(g) < now for s in g.signals]
        taken = replace(let_go(taken, settled, now), due=_due(found.groups, now))
    cases, proven = prove(cases, new)
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
    signals, table, known = tuple(pool), tuple(processes), tuple(marks)
    staged = [s for s in signals if is_synthetic((s,))]
    real = [s for s in signals if not is_synthetic((s,))]  # a synthetic crash joins nothing real
    parts = [group(part, table) for part in (real, staged) if part]
    return Grouped(
        tuple(with_marks(g, known) for part in parts for g in part.groups if not expected(g)),
        tuple(g for part in parts for g in part.deployed),
    )


def with_marks(group: Group, marks: tuple[StageMark, ...]) -> Group:
    """Return the group with the last stage mark of each of its requests: what tells the stage of a silent death."""
    ids = {s.ids.request_id for s in group.signals} - {None}
    jobs = {s.ids.job_id for s in group.signals} - {None}
    pids = {pid for s in group.signals if s.kind in ("process_exit", "fatal_dump") and (pid := getattr(s, "pid", None))}
    interrupted = {s.ids.request_id or s.ids.job_id for s in group.signals if s.kind == "stage_mark"}
    more = []
    for mark in marks:
        if (mark.ids.request_id or mark.ids.job_id) in interrupted:
            continue
        if mark.ids.request_id in ids:
            more.append(Joined(mark, "request_id", 1.0))
        elif mark.ids.job_id in jobs:
            more.append(Joined(mark, "job_id", 0.95))
        elif not interrupted and mark.pid in pids and mark.edge == "started":
            more.append(Joined(mark, "pid", 0.8))
    return (
        replace(group, members=tuple(sorted((*group.members, *more), key=lambda j: order(j.signal)))) if more else group
    )


def expected(group: Group) -> bool:
    """Return whether all that happened is a problem that the backend handled: a bad file is its user's, not on-call's."""
    hard = [s for s in group.signals if is_hard(s)]
    if not hard or not all(isinstance(s, Traceback) and s.handled for s in hard):
        return False
    return conclude(Facts(tuple(hard))).cause.code in _EXPECTED


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
    if group.death or any(not _refused(s) for s in hard):
        return first
    return first + timedelta(seconds=_REFUSED_HOLD_S if hard else _ACCESS_HOLD_S)


def _settles_at(group: Group) -> datetime:
    return group.anchor.origin.read_at + timedelta(seconds=YOUNG_S)


def _refused(signal: Signal) -> bool:
    return isinstance(signal, UpstreamError) and signal.kind in ("upstream_refused", "no_live_upstreams")
