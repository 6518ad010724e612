"""What a memory spares changes nothing: what is found step by step is what grouping every signal at once finds."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from observability.detector.correlate.finding import Finding
from observability.detector.correlate.findings import Findings, Memory, findings
from observability.detector.correlate.grouping import Group, Grouped, group
from observability.detector.correlate.islands import bonds_of, islands
from observability.detector.correlate.state import Process
from observability.detector.signals import Signal, UpstreamKind
from tests.unit.observability.detector.correlate.scenes import SCENES
from tests.unit.observability.detector.crash import (
    access,
    at,
    checked,
    dump,
    error,
    exited,
    ids,
    mark,
    raised,
    started,
    stopping,
)

PIDS = st.sampled_from([77, 78, 79])
UPSTREAMS = st.sampled_from(["127.0.0.1:8034", "10.0.0.7:8034", "10.0.0.8:9000", "backend", ""])
REQUESTS = st.sampled_from([None, "r1", "r2", "r3"])
PATHS = st.sampled_from(["/api/a", "/api/b"])
SECONDS = st.floats(0, 25)
MESSAGES = st.sampled_from(["bad", "[Errno 13] Permission denied: '/srv/downloads/a.pdf'"])
KINDS: st.SearchStrategy[UpstreamKind] = st.sampled_from(
    [
        "upstream_closed_early",
        "upstream_refused",
        "upstream_timeout",
        "no_live_upstreams",
        "upstream_reset",
        "client_abort",
    ]
)
PROCESSES = (Process(77, at(-60), "backend", "127.0.0.1:8034", "a"),)


REQUEST_KINDS = st.sampled_from(["error", "access", "raised", "raised", "mark"])
PROCESS_KINDS = st.sampled_from(["exited", "started", "stopping", "dump", "checked"])


@st.composite
def some_signal(draw: st.DrawFn) -> Signal:
    """Any signal, of few keys, so that many of them meet."""
    second, pid, request, path, upstream = draw(st.tuples(SECONDS, PIDS, REQUESTS, PATHS, UPSTREAMS))
    kind, cid = draw(st.one_of(REQUEST_KINDS, REQUEST_KINDS, PROCESS_KINDS)), draw(st.integers(1, 3))
    match kind:
        case "error":
            return error(draw(KINDS), second, cid=draw(st.sampled_from([None, cid])), path=path, upstream=upstream)
        case "access":
            status, tried = (
                draw(st.sampled_from([200, 499, 500, 502, 504])),
                draw(st.sampled_from(["-", "200", "502", "502, 200"])),
            )
            made = access(status, second, cid=cid, request=request, path=path, upstream=upstream, upstream_status=tried)
            return replace(made, pid=draw(st.sampled_from([28, None])))
        case "raised":
            said = ids(request, draw(st.sampled_from([None, "t1"])))
            return raised("TypeError", draw(MESSAGES), second, pid=pid, route=f"POST {path}", ids=said)
        case "mark":
            return mark("draw", second, request=request, edge="interrupted", pid=pid)
        case "checked":
            return checked(
                second, when=draw(st.sampled_from(["death", "start"])), found=draw(st.sampled_from(["", "no"]))
            )
        case "exited":
            ended, role = draw(st.sampled_from(["SIGKILL", "SIGTERM"])), draw(st.sampled_from(["backend", "worker"]))
            return exited(second, pid=pid, signal=ended, role=role)
        case "started":
            return started(second, pid=pid)
        case "stopping":
            return stopping(second, pid=pid)
        case _:
            return dump(second, pid=pid)


def in_order(groups: tuple[Group, ...]) -> list[str]:
    return sorted(map(repr, groups))


def same(found: Findings, whole: Grouped) -> bool:
    """Return whether both found the same. What was expected is not told, what was given up is excused."""
    told = tuple(one for one in whole.groups if not Finding(one).expected)
    return in_order((*(one.group for one in found.found), *found.excused)) == in_order((*told, *whole.excused))


@settings(max_examples=150, deadline=None)
@given(st.lists(some_signal(), max_size=14), st.sampled_from(sorted(SCENES)), st.data())
def test_step_by_step_is_as_at_once(signals: list[Signal], name: str, data: st.DataObject) -> None:
    scene = [s for s in SCENES[name].signals if data.draw(st.booleans())]
    arriving = data.draw(st.permutations([*signals, *scene]))
    memory, pool = Memory(), list[Signal]()
    for signal in arriving:
        pool.append(signal)
        if len(pool) > 10 and data.draw(st.booleans()):
            pool.pop(0)  # it has settled
        step = findings(pool, PROCESSES, (), memory)
    if arriving:
        assert same(step, group(pool, PROCESSES))


def test_requests_that_share_nothing_are_grouped_apart() -> None:
    signals: list[Signal] = [raised("TypeError", "bad", n, request=f"r{n}") for n in range(9)]
    signals += [access(500, n + 0.01, cid=n, request=f"r{n}") for n in range(9)]
    assert len(islands(bonds_of(signal) for signal in signals)) == 9


def test_what_no_new_signal_touches_is_not_made_again() -> None:
    first, memory = raised("TypeError", "bad", 0, request="r1"), Memory()
    (before,) = findings((first,), (), (), memory).found
    more = (first, raised("KeyError", "x", 1, request="r2"))
    assert before in [one for one in findings(more, (), (), memory).found if one is before]
    marked = findings(more, (), (mark("draw", -1, request="r1"),), memory).found
    assert [len(one.group.members) for one in marked] == [2, 1]


def test_a_memory_holds_no_more_than_the_pool() -> None:
    memory = Memory()
    for n in range(20):
        findings((raised("TypeError", "bad", n, request=f"r{n}"),), (), (), memory)
    assert (len(memory.bonds), len(memory.islands)) == (1, 1)
