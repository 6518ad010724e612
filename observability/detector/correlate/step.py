"""One step of the detector's understanding: state and signals in, state and changes out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from observability.detector.correlate.assign import assign
from observability.detector.correlate.finding import Finding
from observability.detector.correlate.findings import Memory, findings
from observability.detector.correlate.grouping import Grouped
from observability.detector.correlate.intake import let_go, take_in
from observability.detector.correlate.proof import prove
from observability.detector.correlate.state import Process, State
from observability.detector.incidents import IncidentChange
from observability.detector.signals import Access, Signal, StageMark, UpstreamError


def correlate(
    state: State, signals: Iterable[Signal], now: datetime, memory: Memory | None = None
) -> tuple[State, tuple[IncidentChange, ...]]:
    """Return the new state and what changed. Call it on each tick, too: windows also close in silence.

    The groups are those of all young signals, so neither order of arrival nor batching shows in an incident;
    a group becomes an incident at once, unless nothing but a weak sign speaks for it yet.
    The memory of the step before spares making again what no new signal touches. Nothing that is returned depends on it.
    """
    new = tuple(signals)
    taken = take_in(state, new) if new else state
    cases = taken.cases
    changes: tuple[IncidentChange, ...] = ()
    if _matters(state, taken, new, now):
        pool = (*taken.recent, *_accesses_for(taken))
        result = findings(pool, taken.processes, taken.marks, memory or Memory())
        ripe = [finding for finding in result.found if finding.ripe_at <= now]
        cases, changes = assign(taken, ripe, result.excused, now)
        settled = [s for finding in ripe if finding.settles_at < now for s in finding.group.signals]
        taken = replace(let_go(taken, settled, now), due=_due(result.found, now))
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


def _due(found: tuple[Finding, ...], now: datetime) -> datetime | None:
    """Return when a group ripens or settles next."""
    moments = (moment for finding in found for moment in (finding.ripe_at, finding.settles_at))
    return min((moment for moment in moments if moment >= now), default=None)


def groups_of(pool: Iterable[Signal], processes: tuple[Process, ...], marks: tuple[StageMark, ...]) -> Grouped:
    """Return what broke, as far as these signals tell, with the stage that each request had reached."""
    result = findings(pool, processes, marks, Memory())
    return Grouped(tuple(finding.group for finding in result.found), result.excused)


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
