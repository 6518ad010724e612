"""A page that nobody acknowledges: one step after another, until somebody does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from observability.detector.incidents import Enriched, Opened
from observability.detector.life import Wish
from observability.detector.lifecycle import Policy, Silence, wished
from tests.unit.observability.detector.incident_examples import incident
from tests.unit.observability.detector.lifecycle.script import Script, at

STEPS = Policy(escalate_after=timedelta(minutes=15), escalate_to=("pagerduty", "slack"))


def steps(script: Script) -> list[tuple[str, tuple[str, ...]]]:
    """Return what was told beside the usual channels."""
    return [(telling.change, telling.to) for telling in script.tellings if telling.to is not None]


def opened(**changes: object) -> Script:
    script = Script(STEPS)
    script.at(0, Opened(incident(**changes)))  # type: ignore[arg-type]
    return script


def acknowledges(script: Script, seconds: float, lasts: timedelta | None = None) -> None:
    life = script.lives["inc-1"]
    script.lives["inc-1"], change = wished(
        script.incidents["inc-1"], life, Wish("acknowledge", lasts=lasts), at(seconds), STEPS
    )
    assert isinstance(change, Enriched)
    script.at(seconds, change)


def test_each_step_is_taken_once() -> None:
    script = opened()
    script.until(100_000)
    assert script.told == [(0, "opened", "inc-1"), (900, "opened", "inc-1"), (1800, "opened", "inc-1")]
    assert steps(script) == [("opened", ("pagerduty",)), ("opened", ("slack",))]
    assert script.history() == ["opened", "escalated", "escalated"]


def test_it_stops_when_somebody_acknowledges_and_the_steps_so_far_hear_of_it() -> None:
    script = opened()
    script.until(900)
    acknowledges(script, 1000)
    script.until(5000)
    script.resolves(5001)
    assert steps(script) == [
        ("opened", ("pagerduty",)), ("enriched", ("pagerduty",)), ("resolved", ("pagerduty",)),
    ]  # fmt: skip


def test_it_stops_when_it_is_over() -> None:
    script = opened()
    script.resolves(899)
    script.until(100_000)
    assert steps(script) == []


def test_an_acknowledgement_that_runs_out_begins_it_anew() -> None:
    script = opened()
    acknowledges(script, 10, timedelta(hours=1))
    script.until(3610 + 899)
    assert script.told[-1] == (3610, "reopened", "inc-1")
    assert steps(script) == []
    script.until(3610 + 900)
    assert steps(script) == [("opened", ("pagerduty",))]


def test_what_comes_back_begins_it_anew() -> None:
    script = opened()
    script.until(900)
    script.resolves(1000)
    script.reopens(2000)
    script.until(2900)
    assert steps(script) == [("opened", ("pagerduty",)), ("resolved", ("pagerduty",)), ("opened", ("pagerduty",))]


NEVER = {
    "nobody is woken for a ticket": {"severity": "ticket"},
    "nobody is woken for a selftest": {"synthetic": True},
}


@pytest.mark.parametrize("changes", NEVER.values(), ids=NEVER)
def test_never(changes: dict[str, object]) -> None:
    script = opened(**changes)
    script.until(100_000)
    assert steps(script) == []


def test_without_a_step_nothing_escalates() -> None:
    script = Script()
    script.opens(0)
    script.until(100_000)
    assert script.told == [(0, "opened", "inc-1")]


def test_a_silence_puts_it_off_until_it_pages() -> None:
    script = opened()
    script.reads(10, Silence("known", "ann", (), None, at(3600)))
    script.until(100_000)
    assert [told for told in script.told if told[1] == "reopened"] == [(3600, "reopened", "inc-1")]
    assert [seconds for seconds, word, _ in script.told if word == "opened"] == [0, 4500, 5400]


def test_a_storm_escalates_as_one() -> None:
    script = Script(replace(STEPS, escalate_to=("pagerduty",)))
    for number in range(30):
        script.opens(number, f"i{number}")
    script.until(100_000)
    escalated = [telling.incident.id[:5] for telling in script.tellings if telling.to and telling.change == "opened"]
    assert sorted(escalated) == ["i0", "i1", "storm"]
