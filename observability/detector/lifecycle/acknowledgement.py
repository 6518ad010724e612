"""Acknowledged with expiry: who is on it, and that it pages once more when nobody brought it to an end in time."""

from dataclasses import replace
from datetime import datetime

from observability.detector.incidents import Incident, Reopened
from observability.detector.life import Entry, Life


def expired(incident: Incident, life: Life, now: datetime) -> tuple[Life, Reopened | None]:
    """Return the life after an acknowledgement has run out, and the change that this is; None where it has not."""
    acknowledged = life.acknowledged
    if acknowledged is None or acknowledged.until > now:
        return life, None
    over = replace(life, acknowledged=None)
    if incident.state != "acknowledged":
        return over, None
    by = f" by {acknowledged.by}" if acknowledged.by else ""
    because = f"acknowledged{by} until {acknowledged.until:%Y-%m-%d %H:%M %Z}, and not resolved by then"
    change = Reopened(replace(incident, state="open"), because)
    return over.with_entry(Entry(now, "expired", acknowledged.by, because)), change
