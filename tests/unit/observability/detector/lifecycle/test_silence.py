"""Silenced: what is matched, when it is in force, and that what is still open at the end pages."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.incidents import Enriched
from observability.detector.life import Life, Wish
from observability.detector.lifecycle import MatchedBy, Policy, Silence, Silences, Weekly, WishRefused, wished
from tests.unit.observability.detector.incident_examples import T0, incident
from tests.unit.observability.detector.lifecycle.script import Script, at

HOUR = timedelta(hours=1)
ALL = Silence("upgrade", "ops", (), None, at(600))


def about(**patterns: str) -> Silence:
    names: dict[str, MatchedBy] = {
        "cause": "cause",
        "route": "route",
        "service": "service",
        "fingerprint": "fingerprint",
        "severity": "severity",
        "release": "release",
    }
    return Silence("known", "ann", tuple((names[name], value) for name, value in patterns.items()), None, at(600))


MATCHES: dict[str, tuple[Silence, bool]] = {
    "by cause": (about(cause="permission_denied"), True),
    "by another cause": (about(cause="bad_input"), False),
    "by a part of the route": (about(route="POST /api/*"), True),
    "brackets and question marks are plain text": (about(route="POST /api/barcodes/upload-exce?"), False),
    "all patterns must fit": (about(service="barwatch", release="9.*"), False),
    "by release, severity and fingerprint": (about(release="1.2.*", severity="page", fingerprint="v1:0123*"), True),
    "no pattern, all incidents": (ALL, True),
}


@pytest.mark.parametrize(("silence", "want"), MATCHES.values(), ids=MATCHES)
def test_matches(silence: Silence, want: bool) -> None:
    assert silence.matches(incident()) is want


def test_what_is_not_known_is_matched_by_no_text() -> None:
    assert not about(release="1*").matches(incident(release=None))


BERLIN = ZoneInfo("Europe/Berlin")
NIGHTS = Silence("backup", "ops", (), weekly=Weekly(frozenset({5, 6}), time(23), time(1), BERLIN))
MOMENTS: dict[str, tuple[datetime, datetime | None]] = {
    "before it begins": (datetime(2025, 11, 8, 21, 59, tzinfo=UTC), None),
    "on its day": (datetime(2025, 11, 8, 22, 0, tzinfo=UTC), datetime(2025, 11, 9, 0, 0, tzinfo=UTC)),
    "after midnight it is still the window of the day before": (
        datetime(2025, 11, 9, 23, 59, tzinfo=UTC), datetime(2025, 11, 10, 0, 0, tzinfo=UTC),
    ),
    "it ends when it ends": (datetime(2025, 11, 10, 0, 0, tzinfo=UTC), None),
    "another day": (datetime(2025, 11, 11, 23, 0, tzinfo=UTC), None),
    "in summer, by the clock on the wall": (
        datetime(2025, 7, 5, 21, 30, tzinfo=UTC), datetime(2025, 7, 5, 23, 0, tzinfo=UTC),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("now", "ends"), MOMENTS.values(), ids=MOMENTS)
def test_weekly(now: datetime, ends: datetime | None) -> None:
    assert NIGHTS.ends(now) == ends


@given(st.timedeltas(timedelta(), timedelta(days=800)))
def test_nothing_changes_between_two_boundaries(since: timedelta) -> None:
    now = T0 + since
    boundary = NIGHTS.boundary(now)
    assert boundary is not None
    assert now < boundary <= now + timedelta(days=8)
    assert NIGHTS.ends(boundary - timedelta(microseconds=1)) == NIGHTS.ends(now)
    assert (NIGHTS.ends(boundary) is None) != (NIGHTS.ends(now) is None)


def test_standing() -> None:
    later = Silence("r", "a", (), at(10), at(20))
    assert [later.standing(at(seconds)) for seconds in (0, 10, 20)] == ["waiting", "active", "expired"]
    assert NIGHTS.standing(T0) == "waiting"


def test_it_is_kept_and_shown_and_pages_nobody_until_the_silence_ends() -> None:
    script = Script(silences=Silences((ALL,)))
    script.opens(0)
    script.recurs(10)
    assert (script.told, script.history()) == ([], ["opened", "silenced"])
    script.until(10_000)
    assert script.told == [(600, "opened", "inc-1")]
    assert script.history()[-1] == "unsilenced"


def test_what_is_over_by_then_was_never_told() -> None:
    script = Script(silences=Silences((ALL,)))
    script.opens(0)
    script.resolves(10)
    script.until(10_000)
    assert script.told == []


def test_what_somebody_is_on_does_not_page_at_the_end() -> None:
    script = Script(silences=Silences((ALL,)))
    script.opens(0)
    taken, change = wished(script.incidents["inc-1"], script.lives["inc-1"], Wish("acknowledge"), at(5), Policy())
    script.lives["inc-1"] = taken
    assert isinstance(change, Enriched)
    script.at(5, change)
    script.until(10_000)
    assert script.told == []


def test_what_paged_before_the_silence_is_told_its_end_and_pages_again_if_it_has_none() -> None:
    script = Script()
    script.opens(0, "a")
    script.opens(0, "b")
    script.reads(1, ALL)
    script.recurs(2, "a")
    script.resolves(3, "b")
    script.until(10_000)
    assert script.told[2:] == [(3, "resolved", "b"), (600, "reopened", "a")]


def test_an_entry_that_is_taken_out_of_the_file_ends_at_once() -> None:
    script = Script()
    script.reads(0, ALL)
    script.opens(1)
    script.reads(2)
    assert script.told == [(2, "opened", "inc-1")]


def test_a_window_that_begins_later_and_one_that_takes_over() -> None:
    script = Script(silences=Silences((Silence("a", "x", (), at(10), at(20)), Silence("b", "x", (), at(15), at(30)))))
    script.opens(0)
    script.until(1000)
    assert script.told == [(0, "opened", "inc-1"), (30, "reopened", "inc-1")]
    assert script.history() == ["opened", "silenced", "unsilenced"]


def test_many_that_end_together_are_a_storm() -> None:
    script = Script(silences=Silences((ALL,)))
    for number in range(20):
        script.opens(number, f"i{number}")
    script.until(600)
    assert [word for _, word, _ in script.told] == ["opened", "opened", "opened"]
    assert script.tellings[-1].incident.title == "Storm: 20 new incidents within a minute"


def test_a_selftest_is_never_silenced() -> None:
    script = Script(silences=Silences((ALL,)))
    script.opens(0, synthetic=True)
    assert script.told == [(0, "opened", "inc-1")]


def test_a_person_silences_one_incident() -> None:
    script = Script()
    script.opens(0)
    script.lives["inc-1"], change = wished(
        script.incidents["inc-1"], script.lives["inc-1"], Wish("silence", "Ann", lasts=HOUR), at(5), Policy()
    )
    assert change is None
    script.recurs(10)
    script.reads(20, about(cause="bad_input"))
    script.until(10_000)
    assert script.told[1:] == [(3605, "reopened", "inc-1")]


def test_a_silence_has_an_end() -> None:
    for lasts in (None, timedelta(days=8)):
        with pytest.raises(WishRefused):
            wished(incident(), Life(), Wish("silence", lasts=lasts), T0, Policy())
