"""The crashes that never were, through parse and correlate: each is an incident of its own, with its stage."""

import json
from datetime import UTC, datetime, timedelta

from observability.detector.correlate import State, correlate
from observability.detector.incidents import IncidentChange
from observability.detector.parse import Pending, step
from observability.detector.signals import Line, Position
from observability.detector.synthetic import PROOF, SELFTEST, Stage, crash

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def _changes(*crashes: tuple[float, Stage]) -> list[IncidentChange]:
    state, pending, number = State(), Pending(), 0
    changes: list[IncidentChange] = []
    for seconds, who in crashes:
        now = T0 + timedelta(seconds=seconds)
        said = enumerate(crash(now, f"{number:032x}", who), number + 1)
        lines = [Line("selftest.log", Position(1, n * 100, n), json.dumps(line), now) for n, line in said]
        number += len(lines)
        pending, signals = step(pending, tuple(lines), now, tz=UTC)
        state, made = correlate(state, signals, now)
        changes += made
    return changes


def test_a_scheduled_proof_and_a_selftest_are_two_incidents() -> None:
    changes = _changes((0, PROOF), (5, SELFTEST))
    assert [(c.change, c.incident.service, c.incident.stage) for c in changes] == [
        ("opened", "barwatch-proof", "prove"),
        ("opened", "barwatch-selftest", "draw"),
    ]
    assert all(change.incident.synthetic for change in changes)


def test_its_stage_is_evidence() -> None:
    (opened,) = _changes((0, SELFTEST))
    assert {piece.kind for piece in opened.incident.evidence} == {"stage_mark", "process_exit"}


def test_the_same_one_comes_back() -> None:
    changes = _changes((0, PROOF), (300, PROOF))
    assert [c.change for c in changes] == ["opened", "recurred"]
    assert len({c.incident.id for c in changes}) == 1
