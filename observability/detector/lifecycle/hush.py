"""Silenced: kept and shown, and nobody is told; what is still open when the silence ends pages."""

from dataclasses import replace

from observability.detector.life import Silenced
from observability.detector.lifecycle.silence import Silences
from observability.detector.lifecycle.turn import Turn


def hushed(turn: Turn, silences: Silences) -> Turn:
    """Return the turn under the silences that are in force now. That it is over may always be told."""
    before, held = turn.life.silenced, _in_force(turn, silences)
    turn = replace(turn, life=replace(turn.life, silenced=held))
    if held is not None:
        if before is None:
            turn = turn.noted("silenced", _words(held), held.by)
        return turn if turn.word == "resolved" else turn.held()
    if before is None:
        return turn
    ended = turn.noted("unsilenced", _words(before), before.by)
    return ended if turn.incident.state != "open" or turn.pages else _pages(ended)


def _in_force(turn: Turn, silences: Silences) -> Silenced | None:
    """A person's own until its time; then the file's, of what is not over."""
    own = turn.life.silenced
    if own is not None and own.person and own.until > turn.now:
        return own
    found = silences.over(turn.incident, turn.now)
    if found is None or turn.incident.state == "resolved":
        return None
    silence, until = found
    since = own.at if own is not None and not own.person else turn.now
    return Silenced(since, until, silence.author, silence.reason)


def _pages(turn: Turn) -> Turn:
    return replace(turn, word="reopened" if turn.life.told else "opened")


def _words(held: Silenced) -> str:
    return f"{held.note or 'no reason given'} (until {held.until:%Y-%m-%d %H:%M %Z})"
