"""Silences and maintenance windows: what they match, and when they are in force. Values; their file is read elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import Final, Literal
from zoneinfo import ZoneInfo

from observability.detector.incidents import Incident

MatchedBy = Literal["cause", "route", "service", "fingerprint", "severity", "release"]
Standing = Literal["waiting", "active", "expired"]
_DAY: Final = timedelta(days=1)
_WEEK: Final = 8  # days that certainly hold the next turn of a weekly window


@dataclass(frozen=True, slots=True)
class Weekly:
    """A window on these days (0 is Monday) by the clock of its zone. One that ends before it starts ends the next day."""

    days: frozenset[int]
    start: time
    end: time
    zone: ZoneInfo

    def spans(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Return the windows that begin on that day and the following ones, as moments."""
        for day in (first + timedelta(days=number) for number in range(days)):
            if day.weekday() in self.days:
                last = day if self.start < self.end else day + _DAY
                yield datetime.combine(day, self.start, self.zone), datetime.combine(last, self.end, self.zone)


@dataclass(frozen=True, slots=True)
class Silence:
    """One entry of the file. It matches where each of its patterns does; without patterns it matches everything."""

    reason: str
    author: str
    patterns: tuple[tuple[MatchedBy, str], ...]
    since: datetime | None = None
    until: datetime | None = None  # None: weekly
    weekly: Weekly | None = None
    line: int = 0

    def matches(self, incident: Incident) -> bool:
        """Return whether it is about this incident. `*` in a pattern stands for anything, what is not known for nothing."""
        known: dict[MatchedBy, str | None] = {
            "cause": incident.cause.code,
            "route": incident.route,
            "service": incident.service,
            "fingerprint": incident.fingerprint,
            "severity": incident.severity,
            "release": incident.release,
        }
        return all(_fits(known[name] or "", pattern) for name, pattern in self.patterns)

    def ends(self, now: datetime) -> datetime | None:
        """Return when it ends, where it is in force now; None where it is not."""
        return next((end for start, end in self._spans(now) if start <= now < end), None)

    def boundary(self, now: datetime) -> datetime | None:
        """Return when it begins or ends next."""
        return min((moment for span in self._spans(now) for moment in span if moment > now), default=None)

    def standing(self, now: datetime) -> Standing:
        """Return whether it is in force, will be, or is over for good."""
        if self.ends(now):
            return "active"
        return "waiting" if self.boundary(now) else "expired"

    def _spans(self, now: datetime) -> list[tuple[datetime, datetime]]:
        if self.weekly is None:
            return [(self.since or now - _DAY, self.until)] if self.until else []
        return list(self.weekly.spans(now.astimezone(self.weekly.zone).date() - _DAY, _WEEK + 1))


@dataclass(frozen=True, slots=True)
class Silences:
    """All that the file holds, in its order."""

    entries: tuple[Silence, ...] = ()

    def over(self, incident: Incident, now: datetime) -> tuple[Silence, datetime] | None:
        """Return the silence that holds this incident longest, and when it ends; None: nothing does."""
        held = [(one, end) for one in self.entries if one.matches(incident) and (end := one.ends(now))]
        return max(held, key=lambda row: row[1], default=None)

    def boundary(self, now: datetime) -> datetime | None:
        """Return when one of them begins or ends next."""
        return min(_known(one.boundary(now) for one in self.entries), default=None)


NO_SILENCES: Final = Silences()


def _fits(value: str, pattern: str) -> bool:
    return fnmatchcase(value, pattern.replace("[", "[[]").replace("?", "[?]"))


def _known(moments: Iterable[datetime | None]) -> Iterator[datetime]:
    return (moment for moment in moments if moment is not None)
