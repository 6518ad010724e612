"""Groups to incidents: which one is new, which adds to an open one, which is the same crash again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from observability.detector.correlate.describe import Known, describe, incident_id, kept, stage_of
from observability.detector.correlate.fingerprints import Print, print_of
from observability.detector.correlate.grouping import Group
from observability.detector.correlate.keys import DOWN_KINDS, is_hard, latest, order
from observability.detector.correlate.state import MAX_CASES, YOUNG_S, Case, Joined
from observability.detector.incidents import Enriched, Incident, IncidentChange, Opened, Recurred, Reopened, Resolved
from observability.detector.signals import UpstreamError

_MAX_HARD: Final = 64
_MAX_PRINTS: Final = 16


@dataclass(frozen=True, slots=True)
class _Placed:
    """A group with its fingerprint, and whether it is an occurrence of its own or more of one that is known."""

    group: Group
    print: Print
    counts: bool


def assign(
    cases: tuple[Case, ...], groups: Iterable[Group], deployed: tuple[Group, ...], now: datetime
) -> tuple[tuple[Case, ...], tuple[IncidentChange, ...]]:
    """Return the cases with the groups in them, and the changes. Groups come in order of time, so the first opens."""
    table = {case.incident.id: case for case in cases}
    placed: dict[str, list[_Placed]] = {}
    for group in sorted(groups, key=lambda g: order(g.anchor)):
        made = print_of(group, stage_of(group.signals))
        home, counts = _home(group, made, table, placed)
        key = home or incident_id(group)
        placed.setdefault(key, []).append(_Placed(group, made, counts))
    changes: list[IncidentChange] = []
    for key, rows in placed.items():
        table[key], change = _updated(table.get(key), key, rows, now)
        changes += [change] if change else []
    for key in [k for k, case in table.items() if k not in placed and not case.settled and not case.absorbed]:
        gone = _absorbed(table[key], placed) or _excused(table[key], deployed)
        if gone is not None:
            table[key], change = replace(table[key], incident=gone.incident, absorbed=True), gone
            changes.append(change)
    return _bounded(table.values()), tuple(changes)


def _home(
    group: Group, made: Print, table: dict[str, Case], placed: dict[str, list[_Placed]]
) -> tuple[str | None, bool]:
    """Return the id of the group's incident and whether it counts there as an occurrence; None: a new incident."""
    live = sorted((c for c in table.values() if not c.absorbed), key=lambda c: (c.incident.first_seen, c.incident.id))
    if made.sure:
        for case in live:
            if case.incident.fingerprint == made.value:
                return case.incident.id, _settled_before(group, case)
        for key, rows in placed.items():
            if key not in table and any(row.print.sure and row.print.value == made.value for row in rows):
                return key, True
    for case in live:
        if _more_of(group, case):
            return case.incident.id, False
    for case in live:
        if group.hard & set(case.hard) and not _differs(made, case, placed):
            return case.incident.id, _settled_before(group, case)
    if not made.sure:
        partly = next((c for c in live if set(made.partial) & set(c.fingerprints) and c.address == group.address), None)
        if partly is not None:
            return partly.incident.id, True
        for key, rows in placed.items():
            if key not in table and any(row.print.value == made.value for row in rows):
                return key, True
    return None, True


def _settled_before(group: Group, case: Case) -> bool:
    """A group that the case has settled already is counted there; it comes back only when evidence of it is read again."""
    return not (case.settled and group.hard <= set(case.hard) and all(j in case.members for j in group.members[:1]))


def _differs(made: Print, case: Case, placed: dict[str, list[_Placed]]) -> bool:
    """The group turned out to be another crash than the case it had been counted for."""
    others = case.settled or any(row.print.value != made.value for row in placed.get(case.incident.id, ()))
    return bool(made.sure and others and case.incident.fingerprint != made.value)


def _more_of(group: Group, case: Case) -> bool:
    """Late evidence of a settled incident: a request of it, or its upstream still down with no new process since."""
    if not case.settled or group.hard & set(case.counted):
        return False
    ids = {s.ids.request_id for s in group.signals} - {None}
    if ids & set(case.incident.request_ids):
        return True
    hard = [s for s in group.signals if is_hard(s)]
    down = bool(hard) and all(isinstance(s, UpstreamError) and s.kind in DOWN_KINDS for s in hard)
    if not down or case.address is None or case.address != group.address:
        return False
    return case.worked_at is None or (group.anchor.at is not None and case.worked_at > group.anchor.at)


def _updated(case: Case | None, key: str, rows: list[_Placed], now: datetime) -> tuple[Case, IncidentChange | None]:
    """Return the case with its groups of now, and what that changed."""
    base = case.members if case else ()
    lead = max(rows, key=lambda row: row.print.sure)
    sure = case is None or not case.settled or (lead.print.sure and lead.counts)
    old = [row for row in rows if (now - row.group.anchor.origin.read_at).total_seconds() > YOUNG_S]
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
    )
    incident = describe(members, every, known)
    if before and settled:
        incident = replace(incident, last_seen=max(incident.last_seen, before.last_seen))
    went = tuple(joined for row in old for joined in row.group.members)
    grown = _grown(case, incident, rows, old, kept((*base, *went)))
    return grown, _change(before, incident)


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
    ended = latest(s.at for row in rows for s in row.group.signals if is_hard(s)) or incident.last_seen
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
    )


def _change(before: Incident | None, now: Incident) -> IncidentChange | None:
    if before is None:
        return Opened(now)
    if before.state == "resolved" and now.state == "open":
        release = f" in release {now.release}" if now.release else ""
        return Reopened(now, f"the same failure came back{release} after it had been resolved")
    if now.occurrences > before.occurrences:
        return Recurred(now)
    if now != before:
        return Enriched(now, cause_changed=now.cause.code != before.cause.code)
    return None


def _absorbed(case: Case, placed: dict[str, list[_Placed]]) -> Resolved | None:
    """All that had opened this incident turned out to be part of another one."""
    into = next((k for k, rows in placed.items() if any(row.group.hard & set(case.hard) for row in rows)), None)
    return None if into is None else Resolved(replace(case.incident, state="resolved"), f"is part of incident {into}")


def _excused(case: Case, deployed: tuple[Group, ...]) -> Resolved | None:
    """The stop that explains the errors was read after them: a deploy, no crash."""
    rows = [group for group in deployed if group.hard & set(case.hard)]
    if not rows:
        return None
    members = kept(joined for group in rows for joined in group.members)
    known = Known(case.incident.id, "resolved", case.incident.fingerprint, case.incident.occurrences)
    return Resolved(describe(members, [j.signal for j in members], known), "a stop was asked for: a deploy, no crash")


def _bounded(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Resolved ones go first, then those quiet the longest; the store keeps them all."""
    kept_cases = list(cases)
    if len(kept_cases) > MAX_CASES:
        kept_cases.sort(key=lambda c: (c.incident.state != "resolved", c.incident.last_seen))
        kept_cases = kept_cases[-MAX_CASES:]
    return tuple(sorted(kept_cases, key=lambda c: (c.incident.first_seen, c.incident.id)))
