"""Pasted text to an explanation: how many lines, which signals, which incidents. Pure; the same rules as the live detector's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from observability.detector.correlate import (
    DEPLOY_S,
    Group,
    Joined,
    Known,
    describe,
    groups_of,
    incident_id,
    kept,
    last_of_each,
    order,
    print_of,
    stage_of,
    table_of,
    within,
)
from observability.detector.incidents import Incident
from observability.detector.parse import parse_text
from observability.detector.report.same_paste import same_paste
from observability.detector.signals import PreflightChecked, ProcessStart, ProcessStop, Signal, StageMark, UpstreamError


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a case says. `signals` are in the order read, without those that DESIGN section 7 does not name."""

    source: str
    lines_read: int
    signals: tuple[Signal, ...]
    incidents: tuple[Incident, ...]


def explain(texts: Iterable[tuple[str, str]], read_at: datetime) -> Explanation:
    """Return the explanation of (source, text) pairs as one case."""
    pairs = tuple(texts)
    read = [parse_text(text, source, read_at) for source, text in pairs]
    signals = tuple(signal for _, found in read for signal in found)
    shown = tuple(s for s in signals if not isinstance(s, ProcessStart | PreflightChecked))
    return Explanation(
        source=", ".join(source for source, _ in pairs),
        lines_read=sum(count for count, _ in read),
        signals=shown,
        incidents=incidents_of(signals),
    )


def incidents_of(signals: Iterable[Signal]) -> tuple[Incident, ...]:
    """Return the incidents of one paste: the same crash twice is one with two occurrences."""
    every = tuple(signals)
    marks = [s for s in every if isinstance(s, StageMark) and s.edge != "interrupted"]
    moving = {id(mark) for mark in marks}
    pool = [s for s in every if id(s) not in moving]
    processes = table_of((), [s for s in every if isinstance(s, ProcessStart)])
    found = groups_of(pool, processes, last_of_each((), marks))
    groups = same_paste(found.groups) or _only_deployed(found.excused)
    groups = tuple(_with_stops(one, pool) for one in groups)
    same: dict[str, list[Group]] = {}
    for one in groups:
        same.setdefault(print_of(one, stage_of(one.signals)).value, []).append(one)
    return tuple(_incident(value, rows) for value, rows in same.items())


def _with_stops(found: Group, pool: list[Signal]) -> Group:
    """Return a death with the stop that was asked for in the minute before: killed at last, not killed out of the blue."""
    if not found.death:
        return found
    ends = [s.at for s in found.signals if s.kind == "process_exit"]
    stops = [s for s in pool if isinstance(s, ProcessStop) and any(within(s.at, end, DEPLOY_S, 0.0) for end in ends)]
    more = tuple(Joined(stop, "same_paste", 0.5) for stop in stops)
    return (
        replace(found, members=tuple(sorted((*found.members, *more), key=lambda j: order(j.signal)))) if more else found
    )


def _only_deployed(excused: tuple[Group, ...]) -> tuple[Group, ...]:
    """Refused connections that a requested stop explains: no crash, but in a paste somebody asks about them."""
    deployed = [found for found in excused if any(isinstance(s, UpstreamError) for s in found.signals)]
    if not deployed:
        return ()
    once = {id(joined.signal): joined for found in deployed for joined in found.members}
    return (Group(tuple(once.values()), death=False, address=deployed[0].address),)


def _incident(value: str, groups: list[Group]) -> Incident:
    members = kept(joined for found in groups for joined in found.members)
    every = [signal for found in groups for signal in found.signals]
    return describe(members, every, Known(incident_id(groups[0]), "open", value, len(groups)))
