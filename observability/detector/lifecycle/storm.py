"""Storm: many new incidents within a minute → one page a minute with their count and list, under a dedup key of its own."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from observability.detector.incidents import Cause, Enriched, Incident, IncidentChange, Opened, Reopened, Resolved
from observability.detector.life import STORM_ID, Life
from observability.detector.lifecycle.policy import Policy
from observability.detector.lifecycle.turn import Turn

MINUTE: Final = timedelta(seconds=60)
_LISTED: Final = 20  # incidents named in one page; the others are counted
_TITLE: Final = 100  # characters of each
_REMEMBERED: Final = 50
# Incidents told of by the storm alone: its notification ends when they all have. More than these it does not wait for.
_MEMBERS: Final = 500


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new incident, as the page lists it."""

    at: datetime
    incident_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Storm:
    """Empty is calm weather. It rages from its first page to a minute without a new incident."""

    id: str = ""
    since: datetime | None = None
    raging: bool = False
    told_at: datetime | None = None  # of its last page
    total: int = 0
    fresh: int = 0  # new incidents since the last page
    arrivals: tuple[Arrival, ...] = ()  # the last of them; in calm weather those of the last minute
    members: tuple[str, ...] = ()

    @property
    def due(self) -> datetime | None:
        """When its next page, or its end, is due."""
        return self.told_at + MINUTE if self.raging and self.told_at else None


CALM: Final = Storm()


def folded(storm: Storm, turn: Turn, policy: Policy) -> tuple[Storm, Turn]:
    """Return the storm with the turn in it, and the turn: held back where the storm's page tells of it."""
    if turn.incident.synthetic or not policy.storm_after:
        return storm, turn
    if turn.incident.state == "resolved":
        if turn.incident.id == storm.id:
            return CALM, turn  # a person said so: what comes next is counted anew
        return replace(storm, members=tuple(m for m in storm.members if m != turn.incident.id)), turn
    if not turn.pages or not (storm.raging or turn.word == "opened"):
        return storm, turn
    recent = [one for one in storm.arrivals if storm.raging or turn.now - one.at < MINUTE]
    arrivals = (*recent, Arrival(turn.now, turn.incident.id, turn.incident.title[:_TITLE]))
    if not storm.raging and len(arrivals) < policy.storm_after:
        return replace(storm, arrivals=arrivals), turn
    if not storm.raging:
        storm = _begun(storm, arrivals)
    grown = replace(storm, total=storm.total + 1, fresh=storm.fresh + 1, arrivals=arrivals[-_REMEMBERED:])
    members = tuple(dict.fromkeys((*storm.members, turn.incident.id)))[:_MEMBERS]
    joined = replace(turn, life=replace(turn.life, storm=storm.id)).held()
    return replace(grown, members=members), joined.noted("folded", f"one of many: told in {storm.id}")


def _begun(storm: Storm, arrivals: tuple[Arrival, ...]) -> Storm:
    """The storm from its second-last arrival on: one that has members still goes on under its old name."""
    first, earlier = arrivals[0], len(arrivals) - 1
    name = storm.id or f"{STORM_ID}{first.at:%Y%m%dT%H%M%S}-{first.incident_id[:8]}"
    since = storm.since or first.at
    return replace(storm, id=name, since=since, raging=True, told_at=None, total=storm.total + earlier, fresh=earlier)


def minute(storm: Storm, now: datetime) -> tuple[Storm, IncidentChange | None]:
    """Return the storm after what is due by now, and the change of its own incident, if there is one to tell."""
    if not storm.raging:
        over = storm.id and not storm.members
        return (replace(CALM, arrivals=storm.arrivals), _ended(storm, now)) if over else (storm, None)
    if storm.told_at is None or (now >= storm.told_at + MINUTE and storm.fresh):
        return replace(storm, told_at=now, fresh=0, arrivals=()), _paged(storm, now)
    if now < storm.told_at + MINUTE:
        return storm, None
    calm = replace(storm, raging=False, told_at=None)
    if not calm.members:
        return CALM, _ended(storm, now)
    left = f"Storm is over: {storm.total} new incidents, {len(calm.members)} of them still open"
    return calm, Enriched(_incident(storm, now, left, ""), cause_changed=False)


def eased(change: IncidentChange, life: Life) -> IncidentChange:
    """Return the storm's change for those who know that somebody is on it: no page any more, but what there is to know."""
    if life.acknowledged is None or change.change not in ("reopened", "enriched"):
        return change
    return Enriched(replace(change.incident, state="acknowledged"), cause_changed=False)


def _paged(storm: Storm, now: datetime) -> IncidentChange:
    since = f"since {storm.since:%H:%M:%S} {storm.since:%Z}" if storm.since else ""
    title = f"Storm: {storm.fresh} new incidents within a minute"
    if storm.total == storm.fresh:
        return Opened(_incident(storm, now, title, _list(storm)))
    because = f"{title}, {storm.total} {since}"
    return Reopened(_incident(storm, now, because, _list(storm)), because)


def _ended(storm: Storm, now: datetime) -> IncidentChange:
    title = f"Storm is over: {storm.total} new incidents"
    return Resolved(replace(_incident(storm, now, title, ""), state="resolved"), "a minute without a new incident")


def _list(storm: Storm) -> str:
    lines = [f"- {one.title} ({one.incident_id})" for one in storm.arrivals[-_LISTED:]]
    more = storm.fresh - len(lines)
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])


def _incident(storm: Storm, now: datetime, title: str, listed: str) -> Incident:
    """The storm as receivers know it: an incident without evidence of its own."""
    summary = f"{title}:\n{listed}" if listed else title
    steps = ("Read the list at /incidents: what broke first usually broke the others",)
    return Incident(
        id=storm.id,
        fingerprint=f"storm|{storm.id}",
        state="open",
        severity="page",
        title=title,
        service=None,
        route=None,
        stage=None,
        release=None,
        cause=Cause("other", summary, 1.0, next_steps=steps),
        candidates=(),
        ruled_out=(),
        first_seen=storm.since or now,
        last_seen=now,
        occurrences=storm.total,
        suspect_request_id=None,
        request_ids=(),
        trace_ids=(),
        sentry_event_ids=(),
        evidence=(),
    )
