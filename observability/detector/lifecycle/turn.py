"""A turn: one incident, what is about to be told of it, and what the rules make of both on the way out."""

from dataclasses import dataclass, replace
from datetime import datetime

from observability.detector.incidents import ChangeWord, Incident, IncidentChange
from observability.detector.life import Entry, Life, Telling, What


@dataclass(frozen=True, slots=True)
class Turn:
    """`word` is what goes out, None: held back. `shown` is the title under which it does, None: its own."""

    incident: Incident
    life: Life
    now: datetime
    change: IncidentChange | None = None  # what happened; None: only time went by
    word: ChangeWord | None = None
    shown: str | None = None

    @property
    def pages(self) -> bool:
        """Whether this is about to wake somebody."""
        return self.word in ("opened", "reopened")

    def held(self) -> "Turn":
        """Return the turn with nothing to tell."""
        return replace(self, word=None)

    def noted(self, what: What, note: str = "", by: str = "") -> "Turn":
        """Return the turn with a line in the incident's history."""
        return replace(self, life=self.life.with_entry(Entry(self.now, what, by, note)))


def out(turn: Turn) -> Turn:
    """Return the last word: more, or the end, of what nobody was told of by itself is told to nobody."""
    if turn.word is None or not (turn.life.told or turn.pages):
        return turn.held()
    storm = None if turn.pages else turn.life.storm
    return replace(turn, life=replace(turn.life, told=turn.word != "resolved", storm=storm))


def tellings(turn: Turn, steps: tuple[str, ...]) -> tuple[Telling, ...]:
    """Return what leaves, after `out`: to the usual channels, and to those of the `steps` of its escalation so far."""
    if turn.word is None:
        return ()
    incident = replace(turn.incident, title=turn.shown) if turn.shown else turn.incident
    usual = Telling(turn.word, incident, turn.life, turn.change.line_at if turn.change else None)
    return (usual, replace(usual, to=steps)) if steps else (usual,)
