"""Laws of joining: no key in common, no merge; no merge through a third; state stays bounded whatever comes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from observability.detector.correlate import State, correlate
from observability.detector.correlate.state import MAX_CASES, MAX_MARKS, MAX_RECENT
from observability.detector.signals import Signal
from tests.unit.observability.detector.crash import access, at, error, exited, ids, mark, raised, stopping
from tests.unit.observability.detector.play import incidents


@st.composite
def failing_requests(draw: st.DrawFn) -> list[Signal]:
    """Requests that each fail by an exception of its own; they may share a trace, a process and a moment."""
    signals: list[Signal] = []
    for number in range(draw(st.integers(1, 6))):
        request = f"r{number}"
        trace = draw(st.sampled_from([None, "t1", "t2"]))
        second = draw(st.floats(0, 3))
        signals.append(
            raised(f"E{number}Error", "bad", second, ids=ids(request, trace), pid=draw(st.sampled_from([77, 78])))
        )
        signals.append(access(500, second + 0.01, cid=draw(st.integers(1, 2)), request=request))
    return signals


@settings(max_examples=80, deadline=None)
@given(failing_requests())
def test_requests_never_merge_through_what_they_share(signals: list[Signal]) -> None:
    found = incidents(signals)
    assert sorted(i.request_ids for i in found) == sorted({(s.ids.request_id,) for s in signals})


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 9)), min_size=1, max_size=12))
def test_upstreams_never_merge(crashes: list[tuple[int, float]]) -> None:
    signals = [
        error("upstream_closed_early", moment, cid=number, upstream=f"10.0.0.{host}:{9000 + host}")
        for number, (host, moment) in enumerate(crashes)
    ]
    found = incidents(signals)
    assert len(found) == len({host for host, _ in crashes})
    for incident in found:
        assert len({e.fields["upstream"] for e in incident.evidence}) == 1


def test_a_victim_joins_the_nearer_of_two_deaths() -> None:
    first = (error("upstream_closed_early", 0, cid=1), exited(0.02, pid=1, signal="SIGKILL"))
    second = (error("upstream_closed_early", 7, cid=2), exited(7.02, pid=2, signal="SIGSEGV"))
    found = {i.cause.code: len(i.evidence) for i in incidents((*first, *second))}
    assert found == {"killed": 2, "segfault": 2}


def test_a_stop_that_no_start_follows_excuses_a_minute_and_no_more() -> None:
    assert incidents((stopping(0), error("upstream_refused", 50))) == []
    assert len(incidents((stopping(0), error("upstream_refused", 70)), until=80)) == 1


def test_state_is_bounded_under_a_storm() -> None:
    state = State()
    for second in range(8):
        some: list[Signal] = []
        for n in range(second * 50, second * 50 + 50):
            upstream = f"10.0.0.1:{n + 1000}"
            some.append(error("upstream_closed_early", second, cid=n, upstream=upstream))
            some.append(access(502, second, cid=n, request=f"r{n}", upstream=upstream))
            some.append(mark("draw", second, request=f"r{n}"))
        state, _ = correlate(state, some, at(second))
    assert len(state.recent) <= MAX_RECENT
    assert len(state.cases) <= MAX_CASES
    assert len(state.marks) <= MAX_MARKS
