"""Who is on it and for how long: what people may ask for, and what time makes of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.incidents import Enriched, Incident, Reopened, Resolved
from observability.detector.life import MAX_HISTORY, Acknowledged, Entry, Life, Wish
from observability.detector.lifecycle import Before, Policy, Subject, WishRefused, live, wished
from tests.unit.observability.detector.incident_examples import T0, incident

HOUR = timedelta(hours=1)
TAKEN = Life(told=True, acknowledged=Acknowledged(T0, T0 + HOUR, "Ann"), history=(Entry(T0, "acknowledged", "Ann"),))
OPEN, TAKEN_ONE, OVER = incident(), incident(state="acknowledged"), incident(state="resolved")

WISHES: dict[str, tuple[Incident, Life, Wish, str | None, timedelta | None]] = {
    "as long as is usual": (OPEN, Life(), Wish("acknowledge"), "acknowledged", 4 * HOUR),
    "as long as asked for": (OPEN, Life(), Wish("acknowledge", lasts=HOUR / 2), "acknowledged", HOUR / 2),
    "once more, longer": (TAKEN_ONE, TAKEN, Wish("acknowledge", lasts=2 * HOUR), "acknowledged", 2 * HOUR),
    "once more, without a word on how long": (TAKEN_ONE, TAKEN, Wish("acknowledge"), None, HOUR),
    "what is over needs nobody": (OVER, Life(), Wish("acknowledge"), None, None),
    "what is over cannot end again": (OVER, Life(), Wish("resolve"), None, None),
    "a note changes nothing": (OPEN, Life(), Wish("note", note="looked at it"), None, None),
    "resolved": (TAKEN_ONE, TAKEN, Wish("resolve", "Bob"), "resolved", HOUR),
}


@pytest.mark.parametrize(("one", "life", "wish", "state", "lasts"), WISHES.values(), ids=WISHES)
def test_wishes(one: Incident, life: Life, wish: Wish, state: str | None, lasts: timedelta | None) -> None:
    after, change = wished(one, life, wish, T0, Policy())
    assert (change and change.incident.state) == state
    assert (after.acknowledged.until - T0 if after.acknowledged else None) == lasts


REFUSED = {
    "for longer than anybody remembers": Wish("acknowledge", lasts=timedelta(days=8)),
    "a note that says nothing": Wish("note", "Ann", " "),
}


@pytest.mark.parametrize("wish", REFUSED.values(), ids=REFUSED)
def test_refused(wish: Wish) -> None:
    with pytest.raises(WishRefused):
        wished(OPEN, Life(), wish, T0, Policy())


def test_a_name_is_one_line_and_bounded() -> None:
    life, _ = wished(OPEN, Life(), Wish("note", "Ann\nroot " * 50, "x" * 9999), T0, Policy())
    (entry,) = life.history
    assert (entry.by[:9], len(entry.by), len(entry.note)) == ("Ann root ", 80, 2000)


def test_resolved_says_who_and_why() -> None:
    _, change = wished(OPEN, Life(), Wish("resolve", "Bob", "disk swapped"), T0, Policy(), running="2.0")
    assert change == Resolved(incident(state="resolved", resolved_in="2.0"), "Bob said so: disk swapped", "Bob")
    (entry,) = live(Before({}), [change], T0, Policy()).lives["inc-1"].history
    assert (entry.what, entry.by, entry.note) == ("resolved", "Bob", "Bob said so: disk swapped")


def test_before_its_time_nothing_happens() -> None:
    lived = live(Before({}, (Subject(TAKEN_ONE, TAKEN),)), (), T0 + HOUR / 2, Policy())
    assert (lived.changes, lived.lives) == ((), {})


def test_it_runs_out_once() -> None:
    lived = live(Before({}, (Subject(TAKEN_ONE, TAKEN),)), (), T0 + HOUR, Policy())
    because = "acknowledged by Ann until 2025-11-07 20:00 UTC, and not resolved by then"
    assert lived.changes == (Reopened(OPEN, because),)
    again = live(Before({}, (Subject(OPEN, lived.lives["inc-1"]),)), (), T0 + 2 * HOUR, Policy())
    assert again.changes == ()


def test_what_ended_in_the_same_moment_does_not_page() -> None:
    lived = live(Before({"inc-1": TAKEN}, (Subject(TAKEN_ONE, TAKEN),)), [Resolved(OVER, "proof")], T0 + HOUR, Policy())
    assert [change.change for change in lived.changes] == ["resolved"]


def test_more_of_the_same_leaves_it_acknowledged() -> None:
    lived = live(Before({"inc-1": TAKEN}), [Enriched(TAKEN_ONE, cause_changed=False)], T0, Policy())
    assert lived.lives == {}


@given(st.integers(1, 3 * MAX_HISTORY))
def test_a_history_keeps_its_first_line_and_the_last_ones(count: int) -> None:
    life = Life()
    for number in range(count):
        life = life.with_entry(Entry(T0, "noted", note=str(number)))
    notes = [int(entry.note) for entry in life.history]
    assert (len(notes), notes[0], notes[-1]) == (min(count, MAX_HISTORY), 0, count - 1)
    assert notes == sorted(set(notes))
