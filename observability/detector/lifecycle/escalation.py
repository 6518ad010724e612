"""Escalation: a page that nobody acknowledges goes to the next channel, once a step, until somebody does."""

from dataclasses import replace

from observability.detector.lifecycle.policy import Policy
from observability.detector.lifecycle.turn import Turn


def armed(turn: Turn, policy: Policy) -> Turn:
    """Return the turn, as it was told, with the time of its first step set or given up: somebody is on it, or it is over."""
    if turn.incident.state != "open":
        escalated = () if turn.incident.state == "resolved" else turn.life.escalated
        return replace(turn, life=replace(turn.life, escalate_at=None, escalated=escalated))
    if turn.incident.synthetic or turn.incident.severity != "page" or not (turn.life.told and policy.escalate_to):
        return turn
    if turn.pages or not (turn.life.escalate_at or turn.life.escalated):
        first = turn.now + policy.escalate_after
        return replace(turn, life=replace(turn.life, escalate_at=first, escalated=()))
    return turn


def escalates(turn: Turn, policy: Policy) -> tuple[Turn, str | None]:
    """Return the turn after its next step, and the channel that is told now; None: it is not time yet, or no more."""
    due = turn.life.escalate_at
    if due is None or due > turn.now:
        return turn, None
    left = [name for name in policy.escalate_to if name not in turn.life.escalated]
    if not left or turn.incident.state != "open" or turn.life.silenced or turn.life.flapping:
        return replace(turn, life=replace(turn.life, escalate_at=None)), None
    following = turn.now + policy.escalate_after if len(left) > 1 else None
    life = replace(turn.life, escalate_at=following, escalated=(*turn.life.escalated, left[0]))
    minutes = f"{policy.escalate_after.total_seconds() / 60:g} min"
    return replace(turn, life=life).noted("escalated", f"not acknowledged within {minutes}: told on {left[0]}"), left[0]
