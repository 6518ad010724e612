"""What correlate remembers between two calls. Frozen, bounded, and JSON-able as it stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from observability.detector.incidents import Evidence, Incident, JoinedBy
from observability.detector.signals import Access, Signal, StageMark

# How long a signal may still change which signals belong together: late evidence comes 10 s late and more (DESIGN section 6).
YOUNG_S: Final = 30.0
# Stops and starts explain errors for longer than that: a deploy's new process may need its time.
DEPLOY_S: Final = 60.0
PROOFS: Final = 3  # successful accesses on the route (DESIGN section 6: K) before an incident counts as over

MAX_RECENT: Final = 600  # hard signals and their context
MAX_ACCESSES: Final = (
    256  # ordinary accesses: one of them may turn out to be an upload that broke off after its headers
)
MAX_MARKS: Final = 256  # requests in flight
MAX_PROCESSES: Final = 64
MAX_CASES: Final = 256  # incidents that may recur, resolve or reopen; older ones stay in the store
MAX_MEMBERS: Final = 24  # signals kept per incident
MAX_VICTIMS: Final = 100  # request ids kept per incident


@dataclass(frozen=True, slots=True)
class Joined:
    """A signal, why it belongs to the others and how sure that is."""

    signal: Signal
    joined_by: JoinedBy
    confidence: float


@dataclass(frozen=True, slots=True)
class Process:
    """A process that came up: what its pid stands for."""

    pid: int
    at: datetime
    role: str | None = None
    address: str | None = None
    instance: str | None = None
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """An incident as last reported, and what is needed to go on with it."""

    incident: Incident
    members: tuple[Joined, ...]  # evidence that no longer moves
    fingerprints: tuple[str, ...]  # all that it has had: an early, partial one counts for a recurrence
    hard: tuple[str, ...]  # identities of the signals that opened it or one of its recurrences
    settled: int  # occurrences that no longer move
    counted: tuple[str, ...]  # identities of the hard signals of those that still do
    death: bool
    address: str | None
    ended_at: datetime  # time of the last hard signal; proof counts from here
    worked_at: datetime | None = None  # first sign of life after `ended_at`: a new process, or a success on its route
    came_back: bool = False  # a new process was up after `ended_at`
    proofs: int = 0  # successes on its route after that
    shape: str = ""  # of the young groups in it: the same shape needs no new conclusion
    earlier: tuple[Evidence, ...] = ()  # of the time before it was out of mind
    absorbed: bool = False  # turned out to be part of another incident


@dataclass(frozen=True, slots=True)
class State:
    """Empty is where a detector starts. Every tuple has its bound above."""

    recent: tuple[Signal, ...] = ()
    accesses: tuple[Access, ...] = ()
    marks: tuple[StageMark, ...] = ()  # the last of each request
    processes: tuple[Process, ...] = ()
    releases: tuple[str, ...] = ()  # in the order in which each was first seen
    cases: tuple[Case, ...] = ()
    due: datetime | None = None  # when something changes without a new signal; None: nothing will
