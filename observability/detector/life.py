"""What people and the rules of lifecycle/ have made of an incident: acknowledged, silenced, held back, and its history. A leaf."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

Action = Literal["acknowledge", "resolve", "note"]  # what a person may do
What = Literal["opened", "reopened", "resolved", "acknowledged", "expired", "noted"]

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
class Wish:
    """What a person asked for. `lasts` None: as long as is usual."""

    action: Action
    by: str = ""
    note: str = ""
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """Kept beside the incident, in the same transaction. Empty is where each incident starts."""

    acknowledged: Acknowledged | None = None
    history: tuple[Entry, ...] = ()

    def with_entry(self, entry: Entry) -> "Life":
        """Return the life with one more line; where there are too many, the first one stays and the oldest others go."""
        entries = (*self.history, entry)
        if len(entries) > MAX_HISTORY:
            entries = (entries[0], *entries[1 - MAX_HISTORY :])
        return replace(self, history=entries)


def due_at(life: Life) -> datetime | None:
    """Return when something changes although nothing happens, or None."""
    return life.acknowledged.until if life.acknowledged else None
