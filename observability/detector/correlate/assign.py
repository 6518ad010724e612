"""Groups to incidents: which one is new, which adds to an open one, which is the same crash again."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from observability.detector.correlate.describe import Known, describe, incident_id, kept
from observability.detector.correlate.finding import Finding
from observability.detector.correlate.fingerprints import Print
from observability.detector.correlate.grouping import Group
from observability.detector.correlate.home import home_of, homes_of
from observability.detector.correlate.keys import is_hard, is_server_error, latest, order
from observability.detector.correlate.release import came_back, failing
from observability.detector.correlate.state import MAX_CASES, MAX_MEMBERS, YOUNG_S, Case, Joined, State
from observability.detector.incidents import (
    CauseCode,
    Enriched,
    Incident,
    IncidentChange,
    Opened,
    Recurred,
    Reopened,
    Resolved,
)

_MAX_HARD: Final = 64
_MAX_PRINTS: Final = 16
_NO_FAULT: Final[dict[CauseCode, str]] = {
    "deploy": "a stop was asked for: a deploy, nothing failed",
    "asyncio_cancel": "the client had left: nothing failed",
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """What was found, and whether it is an occurrence of its own or more of one that is known."""

    found: Finding
    counts: bool

    @property
    def group(self) -> Group:
        return self.found.group

    @property
    def print(self) -> Print:
        return self.found.print


def assign(
    state: State, findings: Iterable[Finding], excused: tuple[Group, ...], now: datetime
) -> tuple[tuple[Case, ...], tuple[IncidentChange, ...]]:
    """Return the cases with what was found in them, and the changes. In order of time, so the first opens."""
    cases = state.cases
    table = {case.incident.id: case for case in cases}
    found = sorted(findings, key=lambda one: order(one.group.anchor))
    homes = homes_of(cases, (one.print for one in found))
    placed: dict[str, list[_Placed]] = {}
    for one in found:
        home = home_of(one.group, one.print, homes)
        key = home.id or incident_id(one.group)
        placed.setdefault(key, []).append(_Placed(one, home.counts))
        if key not in table:
            homes.opened.setdefault(one.print.value, key)
    changes: list[IncidentChange] = []
    for key, rows in placed.items():
        table[key], change = _updated(state, table.get(key), key, rows, now)
        changes += [change] if change else []
    for key in [k for k, case in table.items() if k not in placed and not case.settled and not case.absorbed]:
        gone = _absorbed(table[key], placed) or _excused(table[key], excused)
        if gone is not None:
            table[key], change = replace(table[key], incident=gone.incident, absorbed=True), gone
            changes.append(change)
    return _bounded(table.values()), tuple(changes)


def _updated(
    state: State, case: Case | None, key: str, rows: list[_Placed], now: datetime
) -> tuple[Case, IncidentChange | None]:
    """Return the case with its groups of now, and what that changed."""
    old = [row for row in rows if (now - row.group.anchor.origin.read_at).total_seconds() > YOUNG_S]
    shape = _shape(rows)
    if case is not None and not old and shape == case.shape:
        return case, None
    base = case.members if case else ()
    lead = max(rows, key=lambda row: row.print.sure)
    sure = case is None or not case.settled or (lead.print.sure and lead.counts)
    young = sum(row.counts for row in rows)
    settled = case.settled if case else 0
    members = kept((*base, *(joined for row in rows for joined in row.group.members)))
    every = [joined.signal for joined in (*base, *(j for row in rows for j in row.group.members))]
    before = case.incident if case else None
    known = Known(
        id=key,
        state="open" if before is None or (before.state == "resolved" and _news(case, rows)) else before.state,
        fingerprint=lead.print.value if sure else before.fingerprint if before else lead.print.value,
        occurrences=max(settled + young, 1),
        first_seen=before.first_seen if before and settled else None,
        request_ids=before.request_ids if before and settled else (),
        trace_ids=before.trace_ids if before and settled else (),
        release=_release(state, rows) or (before.release if before else None),
        resolved_in=before.resolved_in if before else None,
    )
    incident = describe(members, every, known)
    if before and settled:
        incident = replace(incident, last_seen=max(incident.last_seen, before.last_seen))
    if case and case.earlier:
        incident = replace(incident, evidence=(*incident.evidence, *case.earlier)[:MAX_MEMBERS])
    went = tuple(joined for row in old for joined in row.group.members)
    grown = _grown(case, incident, rows, old, kept((*base, *went)))
    return replace(grown, shape="" if old else shape), _change(before, incident, state.releases, rows)


def _release(state: State, rows: list[_Placed]) -> str | None:
    """Return the release of the last occurrence that says one."""
    found = (failing(row.group.signals, row.group.address, state.processes) for row in reversed(rows))
    return next((release for release in found if release), None)


def _shape(rows: list[_Placed]) -> str:
    """Return what tells whether anything moved since the last step; far cheaper than drawing the conclusions again."""
    parts = (f"{row.counts} {row.found.shape}" for row in rows)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _news(case: Case | None, rows: list[_Placed]) -> bool:
    """A hard signal that the resolved case has not seen."""
    return case is not None and any(row.group.hard - set(case.hard) and row.counts for row in rows)


def _grown(
    case: Case | None, incident: Incident, rows: list[_Placed], old: list[_Placed], members: tuple[Joined, ...]
) -> Case:
    """Return the case as it goes on; the `old` rows will not move any more."""
    hard = dict.fromkeys((*(case.hard if case else ()), *(h for row in rows for h in sorted(row.group.hard))))
    prints = dict.fromkeys(
        (*(case.fingerprints if case else ()), incident.fingerprint, *(p for row in rows for p in row.print.partial))
    )
    ended = (
        latest(
            s.at
            for row in rows
            for s in row.group.signals
            if is_hard(s) or (is_server_error(s) and not row.group.death)
        )
        or incident.last_seen
    )
    again = case is not None and ended <= case.ended_at
    return Case(
        incident=incident,
        members=members,
        fingerprints=tuple(prints)[-_MAX_PRINTS:],
        hard=tuple(hard)[-_MAX_HARD:],
        settled=(case.settled if case else 0) + sum(row.counts for row in old),
        counted=tuple(h for row in rows if row.counts and row not in old for h in sorted(row.group.hard))[-_MAX_HARD:],
        death=any(row.group.death for row in rows) or bool(case and case.death),
        address=next((row.group.address for row in rows if row.group.address), case.address if case else None),
        ended_at=case.ended_at if case and again else ended,
        worked_at=case.worked_at if case and again else None,
        came_back=bool(case and again and case.came_back),
        proofs=case.proofs if case and again else 0,
        earlier=case.earlier if case else (),
    )


def _change(
    before: Incident | None, now: Incident, releases: tuple[str, ...], rows: list[_Placed]
) -> IncidentChange | None:
    line_at = rows[-1].group.anchor.origin.read_at
    if before is None:
        return Opened(now, line_at=line_at)
    if before.state == "resolved" and now.state == "open":
        return Reopened(now, came_back(before, now, releases), line_at=line_at)
    if now.occurrences > before.occurrences:
        return Recurred(now, line_at=line_at)
    if now != before:
        return Enriched(now, cause_changed=now.cause.code != before.cause.code)
    return None


def _absorbed(case: Case, placed: dict[str, list[_Placed]]) -> Resolved | None:
    """All that had opened this incident turned out to be part of another one."""
    into = next((k for k, rows in placed.items() if any(row.group.hard & set(case.hard) for row in rows)), None)
    return None if into is None else Resolved(replace(case.incident, state="resolved"), f"is part of incident {into}")


def _excused(case: Case, excused: tuple[Group, ...]) -> Resolved | None:
    """What explains the errors was read after them: a requested stop, or a client that had left."""
    rows = [group for group in excused if group.hard & set(case.hard)]
    if not rows:
        return None
    members = kept(joined for group in rows for joined in group.members)
    known = Known(case.incident.id, "resolved", case.incident.fingerprint, case.incident.occurrences)
    incident = describe(members, [j.signal for j in members], known)
    return Resolved(incident, _NO_FAULT.get(incident.cause.code, "nothing failed"))


def _bounded(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Resolved ones go first, then those quiet the longest; the store keeps them all."""
    kept_cases = list(cases)
    if len(kept_cases) > MAX_CASES:
        kept_cases.sort(key=lambda c: (c.incident.state != "resolved", c.incident.last_seen))
        kept_cases = kept_cases[-MAX_CASES:]
    return tuple(sorted(kept_cases, key=lambda c: (c.incident.first_seen, c.incident.id)))
