"""Correlate's state in parts: what is written when, and that it comes back whole."""

from dataclasses import replace
from datetime import UTC, timedelta

from observability.detector.correlate import State, correlate
from observability.detector.correlate.keys import identity
from observability.detector.parse import Pending, step
from observability.detector.remembered import parts_of, state_of
from observability.detector.signals import Line, Position
from observability.detector.store import to_json
from observability.detector.synthetic import crash
from tests.unit.observability.detector.incident_examples import T0


def after_deaths(count: int) -> list[State]:
    """Return the states after each of some synthetic deaths, a second apart."""
    states, state, pending = [], State(), Pending()
    for number in range(count):
        now = T0 + timedelta(seconds=number)
        texts = [to_json({**line, "pid": 100 + number}) for line in crash(now, f"{number:032x}")]
        lines = [
            Line("b.log", Position(1, number * 1000 + n, number * 2 + n), text, now) for n, text in enumerate(texts)
        ]
        pending, signals = step(pending, lines, now, tz=UTC)
        state, _ = correlate(state, signals, now)
        states.append(state)
    return states


def play(states: list[State]) -> dict[str, str]:
    """Return what is kept after these states, each written on top of the one before."""
    kept: dict[str, str | None] = {}
    for before, after in zip([State(), *states], states, strict=False):
        kept |= parts_of(before, after)
    return {name: json for name, json in kept.items() if json is not None}


def test_the_state_comes_back_as_it_was() -> None:
    states = after_deaths(3)
    back = state_of(play(states))
    assert back.cases == states[-1].cases
    assert {identity(one): one for one in back.recent} == {identity(one): one for one in states[-1].recent}
    assert replace(back, cases=(), recent=()) == replace(states[-1], cases=(), recent=())


def test_only_what_moved_is_written() -> None:
    (state,) = after_deaths(1)
    assert parts_of(state, state) == {}
    (case,) = state.cases
    assert list(parts_of(state, replace(state, cases=(replace(case, proofs=1),)))) == [f"case:{case.incident.id}"]


def test_what_is_over_is_forgotten() -> None:
    (state,) = after_deaths(1)
    gone = parts_of(state, replace(state, cases=(), recent=()))
    assert len(gone) == 1 + len(state.recent)
    assert set(gone.values()) == {None}


def test_a_part_of_another_shape_is_left_behind_and_the_others_stay() -> None:
    (state,) = after_deaths(1)
    parts = play([state])
    assert state_of({**parts, "case:other": '{"members": "none"}'}).cases == state.cases
    assert state_of({"correlate": '{"cases": "none"}'}) == State()
