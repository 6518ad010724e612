"""Acknowledged with expiry: that it pages once more when nobody brought it to an end in time."""

from dataclasses import replace

from observability.detector.incidents import Reopened
from observability.detector.lifecycle.turn import Turn


def expired(turn: Turn) -> Turn:
    """Return the turn after an acknowledgement has run out: the incident is open again, and pages."""
    acknowledged = turn.life.acknowledged
    if acknowledged is None or acknowledged.until > turn.now:
        return turn
    over = replace(turn, life=replace(turn.life, acknowledged=None))
    if turn.incident.state != "acknowledged":
        return over
    by = f" by {acknowledged.by}" if acknowledged.by else ""
    because = f"acknowledged{by} until {acknowledged.until:%Y-%m-%d %H:%M %Z}, and not resolved by then"
    change = Reopened(replace(turn.incident, state="open"), because)
    return replace(over, incident=change.incident, change=change, word="reopened").noted(
        "expired", because, acknowledged.by
    )
