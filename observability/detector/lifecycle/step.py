"""One step of the lifecycle: what happened to incidents, and what time alone did → lives, changes and tellings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from observability.detector.incidents import Incident, IncidentChange
from observability.detector.life import Life, Telling
from observability.detector.lifecycle.acknowledgement import expired
from observability.detector.lifecycle.flapping import flaps, steady
from observability.detector.lifecycle.policy import Policy
from observability.detector.lifecycle.turn import Turn, out


@dataclass(frozen=True, slots=True)
class Subject:
    """An incident and its life."""

    incident: Incident
    life: Life


@dataclass(frozen=True, slots=True)
class Lived:
    """What is to be kept: changes in order, and the life of each incident that was touched. And what of it leaves."""

    changes: tuple[IncidentChange, ...]
    lives: Mapping[str, Life]
    tell: tuple[Telling, ...]


def live(
    changes: Sequence[IncidentChange],
    lives: Mapping[str, Life],
    due: Iterable[Subject],
    now: datetime,
    policy: Policy,
) -> Lived:
    """Return what is kept and told. `due` are the incidents whose time has come, as they were before the changes."""
    after = dict(lives)
    happened: list[IncidentChange] = []
    tell: list[Telling] = []

    def ends(turn: Turn) -> None:
        turn, telling = out(turn)
        after[turn.incident.id] = turn.life
        happened.extend([turn.change] if turn.change else [])
        tell.extend([telling] if telling else [])

    for change in changes:
        life = after.get(change.incident.id, Life())
        ends(_after_change(Turn(change.incident, life, now, change, change.change), policy))
    last = {change.incident.id: change.incident for change in changes}
    for subject in due:
        incident = last.get(subject.incident.id, subject.incident)
        ends(_after_time(Turn(incident, after.get(incident.id, subject.life), now)))
    return Lived(tuple(happened), after, tuple(tell))


def _after_change(turn: Turn, policy: Policy) -> Turn:
    """The rules for what happened, in the order in which they act. What selftest makes is held back by none of them."""
    turn = _noted(turn)
    return turn if turn.incident.synthetic else flaps(turn, policy)


def _after_time(turn: Turn) -> Turn:
    """The rules for what time does, in the order in which they act."""
    return steady(expired(turn))


def _noted(turn: Turn) -> Turn:
    """Return the turn with the change in the history; a new beginning or an end is nobody's task any more."""
    change = turn.change
    if change is None or change.change in ("enriched", "recurred"):
        return turn
    free = replace(turn, life=replace(turn.life, acknowledged=None))
    match change.change:
        case "reopened":
            return free.noted("reopened", change.because)
        case "resolved":
            return free.noted("resolved", change.because, change.by)
        case _:
            return free.noted("opened")
