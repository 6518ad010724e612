"""What became of a request that got no answer: whether what it sent was kept. Pure; told to the person who waited."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from observability.detector.correlate import State
from observability.detector.signals import StageMark

# kept: a job has taken it over, and jobs outlive the process. lost: it never got that far.
Word = Literal["kept", "lost"]


@dataclass(frozen=True, slots=True)
class Fate:
    """How far a request had come, and the incident that explains why it came no further."""

    word: Word
    job_id: str | None = None
    stage: str | None = None  # the last that is known
    incident_id: str | None = None
    incident_state: str | None = None


def fate_of(state: State, request_id: str) -> Fate:
    """Return what is known now. A request that no line speaks of never reached the backend, so nothing of it was kept."""
    last = _last_mark(state, request_id)
    job_id = last.ids.job_id if last is not None else None
    incident = next((case.incident for case in state.cases if request_id in case.incident.request_ids), None)
    return Fate(
        word="kept" if job_id is not None else "lost",
        job_id=job_id,
        stage=last.stage if last is not None else None,
        incident_id=incident.id if incident is not None else None,
        incident_state=incident.state if incident is not None else None,
    )


def _last_mark(state: State, request_id: str) -> StageMark | None:
    """Return the mark that says most: one with a job, where there is one."""
    found = [mark for mark in _marks(state) if mark.ids.request_id == request_id]
    return max(found, key=lambda mark: mark.ids.job_id is not None, default=None)


def _marks(state: State) -> Iterable[StageMark]:
    yield from state.marks
    yield from (signal for signal in state.recent if isinstance(signal, StageMark))
