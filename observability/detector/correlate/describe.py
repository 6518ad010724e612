"""Members of an incident to the incident: route, stage, suspect, severity, title; `causes` draws the conclusion. Pure."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from observability.detector.causes import Conclusion, Facts, conclude
from observability.detector.correlate.grouping import Group
from observability.detector.correlate.keys import identity, is_death, is_hard, is_server_error, order
from observability.detector.correlate.release import failing
from observability.detector.correlate.state import MAX_MEMBERS, MAX_VICTIMS, Joined
from observability.detector.incidents import Evidence, Incident, IncidentState, Severity
from observability.detector.parse.fields import fields_of
from observability.detector.signals import (
    Access,
    FatalDump,
    ProcessExit,
    Signal,
    StageMark,
    Traceback,
    UpstreamError,
)

_MAX_TITLE: Final = 160
_PER_KIND: Final = 6
_SELFTEST = re.compile(r'"selftest":\s*true')
_SELFTEST_SERVER: Final = "barwatch-selftest"
_NOBODY_HURT: Final = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What an incident keeps although its evidence is bounded."""

    id: str
    state: IncidentState
    fingerprint: str
    occurrences: int
    first_seen: datetime | None = None
    request_ids: tuple[str, ...] = ()
    trace_ids: tuple[str, ...] = ()
    release: str | None = None
    resolved_in: str | None = None


def incident_id(group: Group) -> str:
    """Return an id made from the first evidence: a replay of the same lines after a crash gives the same one."""
    return hashlib.sha256(identity(group.anchor).encode()).hexdigest()[:20]


def kept(members: Iterable[Joined]) -> tuple[Joined, ...]:
    """Return the members worth keeping: in order of time, each once, a handful of each kind, so that victims crowd nothing out."""
    once = {identity(joined.signal): joined for joined in members}
    counts: dict[str, int] = {}
    chosen = []
    for joined in sorted(once.values(), key=lambda j: order(j.signal)):
        kind = joined.signal.kind
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= _PER_KIND or joined.joined_by == "opened_it":
            chosen.append(joined)
    return tuple(chosen[:MAX_MEMBERS])


def describe(members: tuple[Joined, ...], every: Iterable[Signal], known: Known) -> Incident:
    """Return the incident. `every` are all signals, also those beyond the bound: their ids and times count."""
    signals = tuple(joined.signal for joined in members)
    seen = tuple(every)
    conclusion = conclude(Facts(signals))
    suspect = _suspect(signals)
    route = _route(signals, suspect)
    times = [s.at or s.origin.read_at for s in seen if is_hard(s) or is_server_error(s)] or [
        s.at or s.origin.read_at for s in seen
    ]
    first = min((*times, known.first_seen) if known.first_seen else times)
    stage = stage_of(signals)
    return Incident(
        id=known.id,
        fingerprint=known.fingerprint,
        state=known.state,
        severity=_severity(signals, conclusion),
        title=_title(route, stage, conclusion),
        service=next((v for s in signals if (v := getattr(s, "service", None))), None),
        route=route,
        stage=stage,
        release=known.release or failing(signals, None, ()),
        cause=conclusion.cause,
        candidates=conclusion.candidates,
        ruled_out=conclusion.ruled_out,
        first_seen=first,
        last_seen=max(times),
        occurrences=known.occurrences,
        suspect_request_id=suspect,
        request_ids=_union(known.request_ids, (s.ids.request_id for s in seen)),
        trace_ids=_union(known.trace_ids, (s.ids.trace_id for s in seen)),
        sentry_event_ids=_union((), (s.ids.sentry_event_id for s in seen)),
        evidence=tuple(_evidence(joined) for joined in members),
        synthetic=is_synthetic(signals),
        resolved_in=known.resolved_in,
    )


def is_synthetic(signals: Iterable[Signal]) -> bool:
    """Return whether selftest made this: at least one line says so, and no hard one that could say so does not."""
    marked = [_marked(s) for s in signals if is_hard(s) or is_server_error(s)]
    return any(marked) and all(mark is not False for mark in marked)


def is_staged(signal: Signal) -> bool:
    """Return whether a selftest wrote this line, hard or not: its stage belongs to its crash, and to no real one."""
    return _marked(signal) is True


def _marked(signal: Signal) -> bool | None:
    """True: marked as a synthetic crash. None: a line of nginx's error log, which cannot say so but by its server's name."""
    if isinstance(signal, UpstreamError):
        return True if signal.server == _SELFTEST_SERVER else None
    return bool(_SELFTEST.search(signal.origin.text))


def _evidence(joined: Joined) -> Evidence:
    s = joined.signal
    return Evidence(
        s.kind, s.at, s.origin.source, s.origin.line, s.origin.text, fields_of(s), joined.joined_by, joined.confidence
    )


def _union(first: tuple[str, ...], more: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *(sorted({value for value in more if value})))))[:MAX_VICTIMS]


def _moved_last(signals: tuple[Signal, ...]) -> StageMark | None:
    marks = [s for s in signals if isinstance(s, StageMark)]
    pool = [m for m in marks if m.edge == "interrupted"] or [m for m in marks if m.edge != "finished"] or marks
    return max(pool, key=lambda m: (m.moved_at or m.at or m.origin.read_at, m.origin.line), default=None)


def stage_of(signals: tuple[Signal, ...]) -> str | None:
    """Return the stage of the request whose record moved last: the suspect's (DESIGN section 6). A worker names its own."""
    worker = next((s.stage for s in signals if isinstance(s, ProcessExit) and s.stage and is_death(s)), None)
    if worker is not None:
        return worker
    mark = _moved_last(signals)
    return mark.stage if mark else next((s.stage for s in signals if isinstance(s, Traceback) and s.stage), None)


def _suspect(signals: tuple[Signal, ...]) -> str | None:
    """The request whose stage record moved last; without records: the only request there is."""
    mark = _moved_last(signals)
    if mark is not None and mark.ids.request_id:
        return mark.ids.request_id
    raised = {s.ids.request_id for s in signals if isinstance(s, Traceback)} - {None}
    named = raised or {
        s.ids.request_id for s in signals if is_hard(s) or is_server_error(s) or isinstance(s, Access)
    } - {None}
    return next(iter(named)) if len(named) == 1 else None


def _route(signals: tuple[Signal, ...], suspect: str | None) -> str | None:
    """The suspect's route; a template ("GET /jobs/{id}") where the backend said one, else what nginx saw."""
    of_suspect = tuple(s for s in signals if suspect and s.ids.request_id == suspect)
    for pool in (of_suspect, signals):
        said = next((r for s in pool if (r := getattr(s, "route", None))), None)
        lines = (
            f"{s.method} {s.path.partition('?')[0]}"
            for s in pool
            if isinstance(s, UpstreamError | Access) and s.method and s.path
        )
        if route := said or next(lines, None):
            return str(route)
    return None


def _severity(signals: tuple[Signal, ...], conclusion: Conclusion) -> Severity:
    """Page where users are cut off and somebody can act now; ticket where one job or one file is hurt; info where nobody is."""
    code = conclusion.cause.code
    deaths = [s for s in signals if is_death(s)]
    given_up = code == "asyncio_cancel" and not any(is_server_error(s) for s in signals)
    if given_up or (code == "deploy" and any(s.kind == "process_stop" for s in signals)):
        return "info"
    if deaths:
        return (
            "ticket"
            if all(getattr(s, "role", None) == "worker" for s in deaths if isinstance(s, ProcessExit | FatalDump))
            else "page"
        )
    if code == "bad_input":
        return "ticket"
    return "page" if _users_hurt(signals) else "ticket"


def _users_hurt(signals: tuple[Signal, ...]) -> bool:
    answered = [s.status for s in signals if isinstance(s, Access) and s.status is not None]
    if (
        answered
        and all(status < _NOBODY_HURT for status in answered)
        and not any(isinstance(s, UpstreamError) for s in signals)
    ):
        return False
    return not any(isinstance(s, UpstreamError) and s.level in ("warn", "notice", "info") for s in signals)


def _title(route: str | None, stage: str | None, conclusion: Conclusion) -> str:
    parts = [
        part
        for part in (route, f"stage {stage}" if stage and f"stage {stage}" not in conclusion.cause.summary else None)
        if part
    ]
    text = ", ".join(parts) + (": " if parts else "") + conclusion.cause.summary
    return text if len(text) <= _MAX_TITLE else text[: _MAX_TITLE - 1] + "…"
