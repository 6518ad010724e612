"""Plays signals into `correlate` as the detector would, and says which incidents stand in the end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from observability.detector.correlate import State, correlate
from observability.detector.incidents import Incident, IncidentChange, Resolved
from observability.detector.signals import Signal
from tests.unit.observability.detector.crash import at


def play(signals: Iterable[Signal], *, until: float = 40.0, batch: int = 1) -> tuple[State, list[IncidentChange]]:
    """Read the signals in the order of `read_at`, in batches, with ticks in between; return the last state and all changes."""
    state = State()
    changes: list[IncidentChange] = []
    pending = sorted(signals, key=lambda s: s.origin.read_at)
    for start in range(0, len(pending), batch):
        some = pending[start : start + batch]
        now = some[-1].origin.read_at
        for step in (timedelta(), timedelta(seconds=0.1)):
            state, more = correlate(state, some if not step else (), now + step)
            changes += more
    for tick in range(int(until) + 1):
        state, more = correlate(state, (), max(at(tick), pending[-1].origin.read_at) if pending else at(tick))
        changes += more
    return state, changes


def standing(changes: Sequence[IncidentChange]) -> list[Incident]:
    """Return the last word on each incident, without those that were taken back."""
    last = {change.incident.id: change for change in changes}
    return [change.incident for change in last.values() if not _taken_back(change)]


def _taken_back(change: IncidentChange) -> bool:
    """It turned out to be part of another incident, or a deploy."""
    return isinstance(change, Resolved) and ("is part of" in change.because or "nothing failed" in change.because)


def incidents(signals: Iterable[Signal], *, until: float = 40.0) -> list[Incident]:
    return standing(play(signals, until=until)[1])


def comparable(incident: Incident) -> Incident:
    """Return the incident without what may differ: its id says by which line it was opened."""
    return replace(incident, id="")
