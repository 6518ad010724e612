"""The time at the beginning of a log line: text → aware datetime, or None."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

_ZONE: Final = r"(?P<zone>Z|[+-]\d\d:?\d\d)?"
_CLOCK: Final = r"(?P<h>\d\d):(?P<mi>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?"
_ISO: Final = re.compile(rf"(?P<y>\d{{4}})[-/](?P<mo>\d\d)[-/](?P<d>\d\d)[T ]+{_CLOCK}\s?{_ZONE}")
_SYSLOG: Final = re.compile(
    rf"(?<!\w)(?P<mon>[^\W\d_]{{3,4}})\.? {{1,2}}(?P<d>\d{{1,2}}) {_CLOCK}(?: (?P<y>\d{{4}}))?(?P<zone>)"
)
_NAMED: Final = re.compile(rf"(?P<d>\d\d)[/-](?P<mon>[^\W\d_]{{3,4}})[/-](?P<y>\d{{4}})[: ]{_CLOCK} ?{_ZONE}")
_WITHIN: Final = 120  # characters: further right, a time is something that the message tells
# English, German, French, Portuguese, Spanish, Italian and Dutch as glibc abbreviates them: journald uses the locale's.
_MONTHS: Final = (
    ("jan", "janv", "ene", "gen"),
    ("feb", "févr", "fev", "fév"),
    ("mar", "mär", "mrz", "mars", "mrt"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mei", "mag"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "août", "ago"),
    ("sep", "sept", "set"),
    ("oct", "okt", "out", "ott"),
    ("nov",),
    ("dec", "dez", "déc", "dic"),
)
_UNUSED: Final = datetime.min.replace(tzinfo=UTC)  # an ISO time has its year
_MONTH_NUMBER: Final = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}


def stamp_of(text: str, *, read_at: datetime, tz: tzinfo = UTC) -> datetime | None:
    """Return the time near the beginning of a line. `tz` holds where it names no zone, the year of `read_at` where no year."""
    head = text[:_WITHIN]
    found = [m for pattern in (_ISO, _NAMED, _SYSLOG) if (m := pattern.search(head)) is not None]
    if not found:
        return None
    first = min(found, key=lambda m: m.start())
    try:
        return _moment(first, read_at, tz)
    except (ValueError, OverflowError):  # the second: a zone moves it out of the calendar
        return None


def parse_iso(value: object) -> datetime | None:
    """Return an RFC 3339 time (a JSON `ts`), aware; None for anything else."""
    if not isinstance(value, str) or (found := _ISO.match(value)) is None:
        return None
    try:
        return _moment(found, _UNUSED, UTC)
    except (ValueError, OverflowError):  # the second: a zone moves it out of the calendar
        return None


def _moment(found: re.Match[str], read_at: datetime, tz: tzinfo) -> datetime:
    parts = found.groupdict()
    month = int(parts["mo"]) if parts.get("mo") else _MONTH_NUMBER.get(parts["mon"].lower(), 0)
    microsecond = int((parts["f"] or "0")[:6].ljust(6, "0"))
    zone = _zone(parts["zone"]) or tz
    year = int(parts["y"]) if parts["y"] else read_at.astimezone(zone).year
    clock = (int(parts["h"]), int(parts["mi"]), min(int(parts["s"]), 59), microsecond)
    moment = datetime(year, month, int(parts["d"]), *clock, tzinfo=zone)
    if not parts["y"] and moment - read_at > timedelta(days=1):  # a line of December, read in January
        moment = moment.replace(year=year - 1)
    return shown_by(moment, read_at)


def shown_by(moment: datetime, read_at: datetime) -> datetime:
    """Return in UTC what a clock showed: of two that it shows alike when summer time ends, the later unless it is to come."""
    if isinstance(moment.tzinfo, timezone):
        return moment.astimezone(UTC)
    first, later = moment.astimezone(UTC), moment.replace(fold=1).astimezone(UTC)
    return later if first < later <= read_at else first


def _zone(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if written == "Z":
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))
