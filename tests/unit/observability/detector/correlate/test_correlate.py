"""What happens to a backend, and the incidents that on-call gets."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from observability.detector.correlate import State, correlate
from observability.detector.incidents import Incident, Resolved
from observability.detector.signals import Signal
from tests.unit.observability.detector.correlate.scenes import SCENES, Scene, Wanted
from tests.unit.observability.detector.crash import (
    ROUTE,
    access,
    at,
    error,
    exited,
    late,
    mark,
    raised,
    started,
    stopping,
)
from tests.unit.observability.detector.play import comparable, incidents, play, standing

_STATE = TypeAdapter(State)


def seen_as(incident: Incident) -> Wanted:
    return Wanted(
        incident.cause.code,
        incident.stage,
        incident.severity,
        incident.occurrences,
        tuple(sorted(incident.request_ids)),
        incident.suspect_request_id,
    )


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_scene_gives_exactly_these_incidents(scene: Scene) -> None:
    found = incidents(scene.signals)
    assert Counter(map(seen_as, found)) == Counter(scene.wanted), [(i.title, i.evidence) for i in found]


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_batching_does_not_change_an_incident(scene: Scene) -> None:
    one_by_one = [comparable(i) for i in standing(play(scene.signals, batch=1)[1])]
    at_once = [comparable(i) for i in standing(play(scene.signals, batch=1000)[1])]
    assert sorted(one_by_one, key=str) == sorted(at_once, key=str)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(SCENES)), st.data())
def test_order_of_arrival_within_ten_seconds_does_not_change_an_incident(name: str, data: st.DataObject) -> None:
    scene = SCENES[name]
    delays = data.draw(st.lists(st.floats(0, 10), min_size=len(scene.signals), max_size=len(scene.signals)))
    shuffled = [late(signal, delay) for signal, delay in zip(scene.signals, delays, strict=True)]
    found = Counter(map(seen_as, incidents(shuffled)))
    assert found == Counter(scene.wanted)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(SCENES)), st.integers(0, 40))
def test_state_survives_json_at_any_point(name: str, cut: int) -> None:
    signals = sorted(SCENES[name].signals, key=lambda s: s.origin.read_at)
    state = State()
    for number, signal in enumerate(signals):
        state, _ = correlate(state, (signal,), signal.origin.read_at)
        if number == cut % len(signals):
            again = _STATE.validate_json(_STATE.dump_json(state))
            assert again == state
            state = again


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SCENES)), st.sampled_from(sorted(SCENES)), st.floats(100, 5000))
def test_what_happens_long_after_is_another_incident_or_another_occurrence(one: str, other: str, later: float) -> None:
    """Nothing merges over time: two scenes far apart give the incidents of each, equal ones counted together."""
    first = play(SCENES[one].signals)[1]
    both = play((*SCENES[one].signals, *(_moved(s, later) for s in SCENES[other].signals)), until=0)[1]
    total = sum(i.occurrences for i in standing(both))
    assert total >= sum(i.occurrences for i in standing(first))


def _moved(signal: Signal, seconds: float) -> Signal:
    """Return what the same events would leave later: other lines, further down."""
    shift = timedelta(seconds=seconds)
    moved = late(signal, seconds)
    moved = replace(moved, origin=replace(moved.origin, line=moved.origin.line + 100_000))
    return replace(moved, at=moved.at + shift) if moved.at else moved


def test_a_replay_after_a_crash_gives_the_same_id() -> None:
    signals = SCENES["a kill in the middle of an upload"].signals
    ids = {standing(play(signals)[1])[0].id for _ in range(2)}
    assert len(ids) == 1


def test_the_same_line_twice_changes_nothing() -> None:
    signals = SCENES["a kill in the middle of an upload"].signals
    (once,) = incidents(signals)
    (twice,) = incidents((*signals, *signals))
    assert comparable(once) == comparable(twice)


OUTAGE = (started(-60, pid=77), error("upstream_closed_early", 0), access(502, 0, request="r1"), exited(0.02))


def test_a_long_outage_stays_one_incident_that_happened_once() -> None:
    refused = [error("upstream_refused", n, cid=n + 100) for n in range(1, 90, 3)]
    (incident,) = incidents((*OUTAGE, *refused), until=100)
    assert (incident.occurrences, incident.cause.code) == (1, "killed")
    assert incident.last_seen >= at(85)


PROOFS: dict[str, tuple[tuple[Signal, ...], str]] = {
    "nothing but silence is no proof": ((), "open"),
    "a new process is not enough": ((started(5),), "open"),
    "successes of the old process are no proof": (tuple(access(200, 5 + n, cid=n) for n in range(5)), "open"),
    "a new process and two successes are not enough": (
        (started(5), *(access(200, 6 + n, cid=n) for n in range(2))),
        "open",
    ),
    "a new process and three successes on the route": (
        (started(5), *(access(202, 6 + n, cid=n) for n in range(3))),
        "resolved",
    ),
    "three successes on another route are no proof": (
        (started(5), *(access(200, 6 + n, cid=n, path="/healthz", method="GET") for n in range(3))),
        "open",
    ),
}


@pytest.mark.parametrize(("after", "state"), PROOFS.values(), ids=PROOFS)
def test_resolved_only_by_proof(after: tuple[Signal, ...], state: str) -> None:
    _, changes = play((*OUTAGE, *after), until=3000)
    assert standing(changes)[0].state == state
    assert any(isinstance(change, Resolved) for change in changes) == (state == "resolved")


def test_the_same_failure_after_it_was_resolved_reopens_the_incident() -> None:
    proof: tuple[Signal, ...] = (started(5), *(access(202, 6 + n, cid=n) for n in range(3)))
    again: tuple[Signal, ...] = (error("upstream_closed_early", 100, cid=50), exited(100.02, pid=78))
    _, changes = play((*OUTAGE, *proof, *again))
    assert [c.change for c in changes if c.change != "enriched"] == ["opened", "resolved", "reopened"]
    (incident,) = standing(changes)
    assert (incident.state, incident.occurrences) == ("open", 2)


def test_late_evidence_changes_the_cause_of_the_same_incident() -> None:
    oom = late(exited(0.02, oom_killed=True), 14)
    _, changes = play((error("upstream_closed_early", 0), access(502, 0, request="r1"), oom))
    assert [c.change for c in changes if c.change != "enriched"] == ["opened"]
    assert standing(changes)[0].cause.code == "out_of_memory"


def test_an_access_line_finds_its_error_on_a_connection_that_carried_several_requests() -> None:
    signals = (
        access(200, -2, cid=9, request="r0", path="/other"),
        error("upstream_closed_early", 0, cid=9),
        access(502, 0.2, cid=9, request="r1"),
        access(200, 3, cid=9, request="r2"),
    )
    (incident,) = incidents(signals)
    assert incident.request_ids == ("r1",)


def test_a_traceback_read_between_the_two_lines_of_nginx_opens_no_second_incident() -> None:
    """The error line has no request id: only the access line, in another file, ties it to the traceback."""
    _, changes = play(
        (
            error("upstream_too_big_header", 0.0),
            raised("LabelError", "row 17", 0.01, request="r1"),
            access(502, 0.02, request="r1"),
        )
    )
    assert [change.change for change in changes if change.change != "enriched"] == ["opened"]
    assert standing(changes)[0].request_ids == ("r1",)


def test_an_error_line_whose_access_line_never_comes_speaks_for_itself() -> None:
    state, changes = correlate(State(), (error("upstream_reset", 0.0),), at(0.0))
    assert changes == ()
    assert state.due is not None
    _, changes = correlate(state, (), state.due)
    assert [change.change for change in changes] == ["opened"]


def test_a_refused_connection_waits_for_the_stop_that_explains_it() -> None:
    signals = (error("upstream_refused", 0.0), late(stopping(-0.1), 0.4))
    assert play(signals)[1] == []


def test_a_500_alone_waits_for_its_traceback_and_then_speaks_for_itself() -> None:
    state, changes = correlate(State(), (access(500, 0, request="r1"),), at(0.1))
    assert changes == ()
    _, changes = correlate(state, (), at(2.1))
    assert [c.change for c in changes] == ["opened"]


def test_a_synthetic_crash_is_marked_and_joins_nothing_real() -> None:
    staged = raised("TypeError", "bad", 0, request="r9")
    staged = replace(staged, origin=replace(staged.origin, text='{"event": "x", "selftest": true}'))
    found = incidents((raised("KeyError", "'list'", 0, request="r1"), staged))
    assert sorted((i.synthetic, i.request_ids) for i in found) == [(False, ("r1",)), (True, ("r9",))]


def test_state_stays_small_under_a_day_of_traffic() -> None:
    state = State()
    for n in range(3000):
        some = (access(200, n / 10, cid=n, request=f"r{n}"), mark("read", n / 10, request=f"r{n}"))
        state, _ = correlate(state, some, at(n / 10))
    assert len(state.accesses) <= 256
    assert len(state.marks) <= 256
    assert len(json.dumps(_STATE.dump_python(state, mode="json"))) < 400_000


def test_every_member_says_why_it_was_joined_and_how_sure_that_is() -> None:
    (incident,) = incidents(SCENES["a kill in the middle of an upload"].signals)
    reasons = {evidence.kind: evidence.joined_by for evidence in incident.evidence}
    assert reasons["process_exit"] == "opened_it"
    assert reasons["access"] == "request_id"
    assert reasons["preflight"] == "death_window"
    assert all(0 < evidence.confidence <= 1 for evidence in incident.evidence)
    assert incident.route == ROUTE
