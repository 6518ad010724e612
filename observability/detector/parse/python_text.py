"""A block of prefix-stripped lines → every traceback, fatal dump and process signal in it."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Final

from observability.detector.parse.dialects import as_python_prints
from observability.detector.parse.fatal import fatal_dumps
from observability.detector.parse.placing import origin_of, time_of
from observability.detector.parse.process import process_signals
from observability.detector.parse.rich_box import unboxed
from observability.detector.parse.rows import Row, rows_of
from observability.detector.parse.runtime import runtime_alerts
from observability.detector.parse.traceback import Found, tracebacks
from observability.detector.signals import Line, Signal, Traceback
from observability.fingerprint import fingerprint

_LINES_BEFORE: Final = 2  # the log message that belongs to a traceback
_LINES_AFTER: Final = 12  # the rest of a message of several lines
MAX_CONTEXT: Final = 4_096


def python_signals(lines: Sequence[Line], *, tz: tzinfo = UTC) -> tuple[Signal, ...]:
    """Return the signals in order of their first line. `tz` is what a time without a zone is in. Never raises."""
    rows = as_python_prints(tuple(unboxed(rows_of(lines))))
    found = tracebacks(rows)
    signals: list[tuple[int, Signal]] = [
        (one.first, _traceback(rows, one, before, after, tz))
        for one, before, after in zip(found, (None, *found), (*found[1:], None), strict=False)
    ]
    dumps = fatal_dumps(rows, tz)
    signals += dumps
    signals += process_signals(rows, found, [dump.signal for _, dump in dumps], tz)
    signals += runtime_alerts(rows, tz)
    return tuple(signal for _, signal in sorted(signals, key=lambda pair: pair[0]))


def _traceback(rows: Sequence[Row], one: Found, before: Found | None, after: Found | None, tz: tzinfo) -> Traceback:
    start = max(one.first - _LINES_BEFORE, before.last + 1 if before else 0)
    end = min(one.last + 1 + _LINES_AFTER, after.first if after else len(rows))
    around = [row.text for row in (*rows[start : one.first], *rows[one.last + 1 : end])]
    return Traceback(
        at=time_of(rows[start : one.first + 1], tz),
        origin=origin_of(rows[one.first : one.last + 1]),
        exceptions=one.exceptions,
        fingerprint=fingerprint(one.exceptions),
        context="\n".join(around).strip()[:MAX_CONTEXT],
    )
