"""What opens and is resolved in turns: one page with a count, then silence until it is quiet."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from observability.detector.lifecycle import Policy
from tests.unit.observability.detector.incident_examples import incident
from tests.unit.observability.detector.lifecycle.script import Script


def flapped() -> Script:
    """Return what has just opened for the fourth time, a minute apart."""
    script = Script()
    script.opens(0)
    for turn in range(3):
        script.resolves(turn * 60 + 30)
        script.reopens(turn * 60 + 60)
    return script


def test_the_fourth_opening_is_told_with_a_count_and_the_next_ones_are_not() -> None:
    script = flapped()
    assert script.told[-1] == (180, "reopened", "inc-1")
    assert script.tellings[-1].incident.title.startswith("Flapping, opened 4 times within 10 min: Upload died")
    told = list(script.told)
    script.resolves(200)
    script.reopens(220)
    script.recurs(230)
    script.learns(231)
    script.resolves(240)
    assert script.told == told
    assert script.history()[-1] == "resolved"  # shown all the same
    flapping = script.lives["inc-1"].flapping
    assert flapping is not None
    assert flapping.turns == 5


def test_quiet_after_the_end_tells_the_end() -> None:
    script = flapped()
    script.resolves(200)
    script.until(799)
    assert script.told[-1][0] == 180
    script.until(10_000)
    assert script.told[-1] == (800, "resolved", "inc-1")
    assert script.lives["inc-1"].flapping is None
    assert script.history()[-1] == "steady"


def test_quiet_while_open_updates_the_page_that_is_out() -> None:
    script = flapped()
    script.until(10_000)
    assert script.told[-1] == (780, "enriched", "inc-1")
    assert script.tellings[-1].incident.title == incident().title


def test_after_it_was_quiet_it_counts_anew() -> None:
    script = flapped()
    script.resolves(200)
    script.until(1000)
    script.reopens(1000)
    assert script.told[-1] == (1000, "reopened", "inc-1")


def test_slow_turns_are_no_flapping() -> None:
    script = Script()
    script.opens(0)
    for turn in range(10):
        script.resolves(turn * 300 + 100)
        script.reopens(turn * 300 + 300)
    assert len(script.told) == 21


def test_it_can_be_switched_off() -> None:
    script = Script(Policy(flapping_after=0))
    script.opens(0)
    for turn in range(10):
        script.resolves(turn + 0.3)
        script.reopens(turn + 0.6)
    assert len(script.told) == 21


def test_a_selftest_never_flaps() -> None:
    script = Script()
    script.opens(0, synthetic=True)
    for turn in range(10):
        script.resolves(turn + 0.3)
        script.reopens(turn + 0.6)
    assert len(script.told) == 21


@given(st.lists(st.floats(0.1, 400), min_size=1, max_size=40))
def test_never_more_pages_than_its_number_within_ten_minutes_and_the_last_word_is_told(gaps: list[float]) -> None:
    script, now = Script(), 0.0
    script.opens(0)
    for number, gap in enumerate(gaps):
        script.until(now := now + gap)
        (script.resolves if number % 2 == 0 else script.reopens)(now)
    pages = [at for at, change, _ in script.told if change in ("opened", "reopened")]
    assert all(sum(at - 600 < other <= at for other in pages) <= 4 for at in pages)
    script.until(now + timedelta(hours=1).total_seconds())
    assert script.lives["inc-1"].told == (script.incidents["inc-1"].state == "open")
