"""What a person asks for → the change that it is, and what is kept of it. Names and notes are data: bounded, never interpreted."""

from dataclasses import replace
from datetime import datetime, timedelta

from observability.detector.incidents import Enriched, Incident, IncidentChange, Resolved
from observability.detector.life import MAX_BY, MAX_NOTE, Acknowledged, Entry, Life, Silenced, Wish
from observability.detector.lifecycle.policy import Policy


class WishRefused(Exception):
    """It cannot be done as asked. The message says what can."""


def wished(
    incident: Incident, life: Life, wish: Wish, now: datetime, policy: Policy, *, running: str | None = None
) -> tuple[Life, IncidentChange | None]:
    """Return the life afterwards and the change, None where the incident itself stays as it is. Raises WishRefused.

    `running` is the release that runs now, None where that is not known.
    """
    clean = replace(wish, by=_line(wish.by, MAX_BY), note=wish.note.strip()[:MAX_NOTE])
    if clean.action == "note":
        if not clean.note:
            raise WishRefused("A note needs text")
        return life.with_entry(Entry(now, "noted", clean.by, clean.note)), None
    if clean.action == "resolve":
        return _resolve(incident, life, clean, running)
    if clean.action == "silence":
        return _silence(life, clean, now, policy), None
    return _acknowledge(incident, life, clean, now, policy)


def _resolve(incident: Incident, life: Life, wish: Wish, running: str | None) -> tuple[Life, IncidentChange | None]:
    if incident.state == "resolved":
        return life, None
    said = f"{wish.by or 'a person'} said so" + (f": {wish.note}" if wish.note else "")
    over = replace(incident, state="resolved", resolved_in=running or incident.release)
    return life, Resolved(over, said, wish.by)


def _acknowledge(
    incident: Incident, life: Life, wish: Wish, now: datetime, policy: Policy
) -> tuple[Life, IncidentChange | None]:
    """Acknowledge, or put off the end of an acknowledgement that stands."""
    if incident.state == "resolved":
        return life, None
    lasts = wish.lasts or policy.acknowledge_for
    _check(lasts, policy)
    if incident.state == "acknowledged" and life.acknowledged and wish.lasts is None:
        return life, None
    taken = Acknowledged(now, now + lasts, wish.by, wish.note)
    entry = Entry(now, "acknowledged", wish.by, wish.note)
    change = Enriched(replace(incident, state="acknowledged"), cause_changed=False)
    return replace(life, acknowledged=taken).with_entry(entry), change


def _silence(life: Life, wish: Wish, now: datetime, policy: Policy) -> Life:
    if wish.lasts is None:
        raise WishRefused("for says how long: a silence without an end would be forgotten")
    _check(wish.lasts, policy)
    held = Silenced(now, now + wish.lasts, wish.by, wish.note, person=True)
    words = f"{wish.note or 'no reason given'} (until {held.until:%Y-%m-%d %H:%M %Z})"
    return replace(life, silenced=held).with_entry(Entry(now, "silenced", wish.by, words))


def _check(lasts: timedelta, policy: Policy) -> None:
    if not timedelta() < lasts <= policy.at_most:
        raise WishRefused(f"for is at most {policy.at_most.days} days: it would be forgotten")


def _line(text: str, limit: int) -> str:
    return " ".join(text.split())[:limit]
