"""One JSON object of a log, read by type: a field of another type than asked for counts as absent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from observability import events
from observability.detector.parse.stamps import stamp_of
from observability.detector.signals import Ids, Line, Origin
from observability.ids import JobId, RequestId, TraceId

_MAX_ORIGIN: Final = 16_384
_STAMPS: Final = (events.TS, "timestamp", "timeNano", "time", "@timestamp", "asctime", "date")


@dataclass(frozen=True, slots=True)
class Entry:
    """A JSON object and the line it stood in."""

    line: Line
    fields: Mapping[str, object]

    def text(self, name: str) -> str | None:
        """Return a string that is not empty."""
        value = self.fields.get(name)
        return value if isinstance(value, str) and value else None

    def whole(self, name: str) -> int | None:
        """Return a whole number, also one written as a string."""
        value = self.fields.get(name)
        if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 20:
            return int(value)
        return (
            int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18 else None
        )

    def number(self, name: str) -> float | None:
        """Return a number."""
        value = self.fields.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def truth(self, name: str) -> bool:
        """Tell whether a field says yes."""
        return self.fields.get(name) in (True, "true", 1)

    def time_of(self, name: str) -> datetime | None:
        """Return a time, written or in seconds (or thousandths, millionths) since 1970."""
        value = self.fields.get(name)
        return stamp_of(value, read_at=self.line.read_at) if isinstance(value, str) else _epoch(value)

    @property
    def at(self) -> datetime | None:
        """When it was written."""
        return next((found for name in _STAMPS if (found := self.time_of(name)) is not None), None)

    @property
    def origin(self) -> Origin:
        """Where it stood."""
        at = self.line.position
        return Origin(
            self.line.source, at.number, self.line.text[:_MAX_ORIGIN], self.line.read_at, at.offset, at.file_id
        )

    @property
    def ids(self) -> Ids:
        """The join keys that it carries."""
        request_id, trace_id = self.text(events.REQUEST_ID), self.text(events.TRACE_ID)
        job_id = self.text(events.JOB_ID)
        return Ids(
            request_id=RequestId(request_id) if request_id else None,
            trace_id=TraceId(trace_id) if trace_id else None,
            job_id=JobId(job_id) if job_id else None,
            sentry_event_id=self.text(events.SENTRY_EVENT_ID),
        )


def _epoch(value: object) -> datetime | None:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970: their size tells which, from 2001 to 2286."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e20:
        return None
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        if 1e9 <= value / unit < 1e10:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(value * 1_000_000 // unit))
    return None
