"""One step of the lifecycle: what happened to incidents, and what time alone did → lives, changes and tellings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from observability.detector.incidents import Incident, IncidentChange
from observability.detector.life import Entry, Life
from observability.detector.lifecycle.acknowledgement import expired


@dataclass(frozen=True, slots=True)
class Subject:
    """An incident and its life."""

    incident: Incident
    life: Life


@dataclass(frozen=True, slots=True)
class Lived:
    """What is to be kept and told: the changes in order, and the life of each incident that they touch."""

    changes: tuple[IncidentChange, ...]
    lives: Mapping[str, Life]


def live(
    changes: Sequence[IncidentChange],
    lives: Mapping[str, Life],
    due: Iterable[Subject],
    now: datetime,
) -> Lived:
    """Return what is kept and told. `due` are the incidents whose time has come; what just changed is not among its own past."""
    after = dict(lives)
    last = {change.incident.id: change.incident for change in changes}
    for change in changes:
        after[change.incident.id] = _noted(after.get(change.incident.id, Life()), change, now)
    made: list[IncidentChange] = []
    for subject in due:
        incident = last.get(subject.incident.id, subject.incident)
        after[incident.id], reopened = expired(incident, after.get(incident.id, subject.life), now)
        made += [reopened] if reopened else []
    return Lived((*changes, *made), after)


def _noted(life: Life, change: IncidentChange, now: datetime) -> Life:
    """Return the life with the change in its history; a new beginning or an end is nobody's task any more."""
    match change.change:
        case "opened":
            return life.with_entry(Entry(now, "opened"))
        case "reopened":
            return replace(life, acknowledged=None).with_entry(Entry(now, "reopened", note=change.because))
        case "resolved":
            return replace(life, acknowledged=None).with_entry(Entry(now, "resolved", change.by, change.because))
        case _:
            return life
