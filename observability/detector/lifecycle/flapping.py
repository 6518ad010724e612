"""Flapping: what opens and is resolved in turns pages once with a count, and then not before it has been quiet."""

from dataclasses import replace

from observability.detector.incidents import ChangeWord
from observability.detector.life import Flapping
from observability.detector.lifecycle.policy import Policy
from observability.detector.lifecycle.turn import Turn


def flaps(turn: Turn, policy: Policy) -> Turn:
    """Return the turn of a change: counted, and held back once it flaps."""
    kind = turn.change.change if turn.change else None
    if kind in ("opened", "reopened"):
        recent = [at for at in turn.life.openings if turn.now - at <= policy.flapping_within]
        turn = replace(turn, life=replace(turn.life, openings=(*recent, turn.now)[-policy.most_openings :]))
    flapping = turn.life.flapping
    if flapping is None:
        return _begins(turn, policy) if kind == "reopened" and policy.flapping_after else turn
    if kind in ("opened", "reopened", "resolved"):
        turns = flapping.turns + (kind != "resolved")
        held = Flapping(flapping.since, turn.now + policy.flapping_quiet, turns)
        turn = replace(turn, life=replace(turn.life, flapping=held))
    return turn.held()


def _begins(turn: Turn, policy: Policy) -> Turn:
    count = len(turn.life.openings)
    if count < policy.flapping_after:
        return turn
    flapping = Flapping(turn.life.openings[0], turn.now + policy.flapping_quiet, count)
    within = f"{policy.flapping_within.total_seconds() / 60:g} min"
    begun = replace(
        turn,
        life=replace(turn.life, flapping=flapping),
        shown=f"Flapping, opened {count} times within {within}: {turn.incident.title}",
    )
    quiet = f"{policy.flapping_quiet.total_seconds() / 60:g} min"
    return begun.noted("flapping", f"opened {count} times within {within}: held back until it is quiet for {quiet}")


def steady(turn: Turn) -> Turn:
    """Return the turn after it has been quiet: what it came to is told."""
    flapping = turn.life.flapping
    if flapping is None or flapping.until > turn.now:
        return turn
    over = replace(turn, life=replace(turn.life, flapping=None, openings=()), word=turn.word or _outcome(turn))
    return over.noted("steady", f"opened {flapping.turns} times since {flapping.since:%H:%M:%S}, quiet now")


def _outcome(turn: Turn) -> ChangeWord:
    return "resolved" if turn.incident.state == "resolved" else "enriched"
