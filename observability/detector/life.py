"""What people and the rules of lifecycle/ have made of an incident: acknowledged, held back, told, and its history. A leaf."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from observability.detector.incidents import ChangeWord, Incident

Action = Literal["acknowledge", "resolve", "note", "silence"]  # what a person may do
What = Literal[
    "opened",
    "reopened",
    "resolved",
    "acknowledged",
    "expired",
    "noted",
    "flapping",
    "steady",
    "folded",
    "silenced",
    "unsilenced",
    "escalated",
]

STORM_ID: Final = (
    "storm-"  # how ids of storms begin: kept and shown as incidents are, but in no list and no count of them
)
MAX_HISTORY: Final = 200
MAX_BY: Final = 80  # characters of a person's name
MAX_NOTE: Final = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's history. `by` is free text, "" where no person did it."""

    at: datetime
    what: What
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody is on it, until then."""

    at: datetime
    until: datetime
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flapping:
    """It opens and is resolved in turns: held since then, until it has been quiet by then."""

    since: datetime
    until: datetime
    turns: int  # how often it has opened


@dataclass(frozen=True, slots=True)
class Silenced:
    """Kept and shown, and nobody is told until then."""

    at: datetime
    until: datetime
    by: str = ""
    note: str = ""
    person: bool = False  # a person said so of this incident; else the silences file does


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for. `lasts` None: as long as is usual."""

    action: Action
    by: str = ""
    note: str = ""
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """Kept beside the incident, in the same transaction. Empty is where each incident starts."""

    told: bool = False  # those who are told think of it as open
    acknowledged: Acknowledged | None = None
    openings: tuple[datetime, ...] = ()  # when it opened or was reopened, lately
    flapping: Flapping | None = None
    silenced: Silenced | None = None
    escalate_at: datetime | None = None  # when the next step is due, unless somebody acknowledges it
    escalated: tuple[str, ...] = ()  # the channels of the steps that were taken
    storm: str | None = None  # the id of the storm in whose page it was told
    history: tuple[Entry, ...] = ()

    def with_entry(self, entry: Entry) -> "Life":
        """Return the life with one more line; where there are too many, the first one stays and the oldest others go."""
        entries = (*self.history, entry)
        if len(entries) > MAX_HISTORY:
            entries = (entries[0], *entries[1 - MAX_HISTORY :])
        return replace(self, history=entries)


@dataclass(frozen=True, slots=True)
class Telling:
    """What leaves: a change as those who are told see it."""

    change: ChangeWord
    incident: Incident
    life: Life
    line_at: datetime | None = None  # when the line that began it was read
    to: tuple[str, ...] | None = None  # the channels; None: the usual ones


def due_at(life: Life) -> datetime | None:
    """Return when something changes although nothing happens, or None. What the silences file says has its own times."""
    own = life.silenced if life.silenced and life.silenced.person else None
    ends = [held.until for held in (life.acknowledged, life.flapping, own) if held is not None]
    return min([*ends, *([life.escalate_at] if life.escalate_at else [])], default=None)
