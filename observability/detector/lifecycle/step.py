"""One step of the lifecycle: what happened to incidents, and what time alone did → lives, changes and tellings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from observability.detector.incidents import Incident, IncidentChange
from observability.detector.life import Life, Telling
from observability.detector.lifecycle.acknowledgement import expired
from observability.detector.lifecycle.escalation import armed, escalates
from observability.detector.lifecycle.flapping import flaps, steady
from observability.detector.lifecycle.hush import hushed
from observability.detector.lifecycle.policy import Policy
from observability.detector.lifecycle.silence import NO_SILENCES, Silences
from observability.detector.lifecycle.storm import CALM, Storm, eased, folded, minute
from observability.detector.lifecycle.turn import Turn, out, tellings


@dataclass(frozen=True, slots=True)
class Subject:
    """An incident and its life."""

    incident: Incident
    life: Life


@dataclass(frozen=True, slots=True)
class Before:
    """How it stands: lives of what is about to change, and the incidents whose time has come or that a silence may reach."""

    lives: Mapping[str, Life]
    due: tuple[Subject, ...] = ()
    storm: Storm = CALM
    silences: Silences = NO_SILENCES


@dataclass(frozen=True, slots=True)
class Lived:
    """What is to be kept: changes in order, and each life that is another now. And what of it leaves."""

    changes: tuple[IncidentChange, ...]
    lives: Mapping[str, Life]
    tell: tuple[Telling, ...]
    storm: Storm


def live(before: Before, changes: Sequence[IncidentChange], now: datetime, policy: Policy) -> Lived:
    """Return what is kept and told."""
    lives: dict[str, Life] = {}
    storm = before.storm
    happened: list[IncidentChange] = []
    tell: list[Telling] = []

    def ends(turn: Turn) -> None:
        steps = turn.life.escalated
        after, channel = escalates(armed(out(turn), policy), policy)
        lives[after.incident.id] = after.life
        happened.extend([after.change] if after.change else [])
        tell.extend(tellings(after, () if after.pages else steps))
        tell.extend([Telling("opened", after.incident, after.life, to=(channel,))] if channel else [])

    def living(incident: Incident, otherwise: Life) -> Life:
        return lives.get(incident.id) or before.lives.get(incident.id, otherwise)

    for turn in _turns(before, changes, now):
        known = replace(turn, life=living(turn.incident, turn.life))
        storm, folding = folded(storm, _ruled(known, before.silences, policy), policy)
        ends(folding)
    storm, change = minute(storm, now)
    if change is not None:
        life = living(change.incident, Life())
        change = eased(change, life)
        ends(hushed(_noted(Turn(change.incident, life, now, change, change.change)), before.silences))
    known_lives = {subject.incident.id: subject.life for subject in before.due} | dict(before.lives)
    moved = {key: life for key, life in lives.items() if life != known_lives.get(key)}
    return Lived(tuple(happened), moved, tuple(tell), storm)


def _turns(before: Before, changes: Sequence[IncidentChange], now: datetime) -> Iterator[Turn]:
    """The turns of what happened, then those of what is due; the latter see what the former made of the incident."""
    for change in changes:
        yield Turn(change.incident, Life(), now, change, change.change)
    last = {change.incident.id: change.incident for change in changes}
    for subject in before.due:
        yield Turn(last.get(subject.incident.id, subject.incident), subject.life, now)


def _ruled(turn: Turn, silences: Silences, policy: Policy) -> Turn:
    """The rules, in the order in which they act. What selftest makes is held back by none of them."""
    if turn.change is None:
        return hushed(steady(expired(turn)), silences)
    turn = _noted(turn)
    return turn if turn.incident.synthetic else hushed(flaps(turn, policy), silences)


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
