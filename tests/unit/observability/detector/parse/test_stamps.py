"""The time at the beginning of a line."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse.stamps import parse_iso, stamp_of

from .lines import READ_AT

CASES: dict[str, tuple[str, str | None]] = {
    "RFC 3339": ("2026-11-07T19:00:19.123456Z message", "2026-11-07T19:00:19.123456+00:00"),
    "nanoseconds": ("2026-11-07T19:00:19.123456789Z x", "2026-11-07T19:00:19.123456+00:00"),
    "an offset": ("2026-11-07T20:00:19+01:00 x", "2026-11-07T19:00:19+00:00"),
    "logging's default": ("2026-11-07 19:00:19,320 - INFO - x", "2026-11-07T19:00:19.320000+00:00"),
    "gunicorn": ("[2026-11-07 14:00:19 -0500] [18] [INFO] x", "2026-11-07T19:00:19+00:00"),
    "celery": ("[2026-11-07 19:00:19,573: ERROR/MainProcess] x", "2026-11-07T19:00:19.573000+00:00"),
    "nginx": ("2026/11/07 19:00:19 [error] x", "2026-11-07T19:00:19+00:00"),
    "an access log": ('127.0.0.1 - - [07/Nov/2026:20:00:19 +0100] "GET /', "2026-11-07T19:00:19+00:00"),
    "syslog: the year is the reader's": ("Nov  7 19:00:19 web app[1]: x", "2026-11-07T19:00:19+00:00"),
    "syslog of last December": ("Dec 31 23:59:59 web app[1]: x", "2025-12-31T23:59:59+00:00"),
    "German": ("Dez 28 06:43:00 web app[1]: x", "2025-12-28T06:43:00+00:00"),
    "Portuguese": ("fev 15 16:28:23 web app[1]: x", "2026-02-15T16:28:23+00:00"),
    "French": ("févr. 15 16:28:23 web app[1]: x", "2026-02-15T16:28:23+00:00"),
    "a year at the end": ("Sat Nov  7 19:00:19 2026 daemon.info uwsgi: x", "2026-11-07T19:00:19+00:00"),
    "no such day": ("2026-02-31 19:00:19 x", None),
    "no such month": ("Abc 31 19:00:19 x", None),
    "none": ("INFO: started", None),
    "too far right": ("x" * 200 + "2026-11-07 19:00:19", None),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES)
def test_a_stamp_becomes_an_aware_time(text: str, wanted: str | None) -> None:
    found = stamp_of(text, read_at=READ_AT)
    assert (found and found.isoformat()) == wanted


def test_a_time_without_a_zone_is_in_the_zone_of_the_caller() -> None:
    zone = timezone(timedelta(hours=2))
    assert stamp_of("2026-11-07 19:00:19 x", read_at=READ_AT, tz=zone) == datetime(2026, 11, 7, 17, 0, 19, tzinfo=UTC)


@given(st.text(max_size=60) | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"))
def test_no_text_makes_it_raise(text: str) -> None:
    stamp_of(text, read_at=READ_AT)
    parse_iso(text)
