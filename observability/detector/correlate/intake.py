"""New signals into the state: each to the place where it may still matter, all places bounded."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from observability.detector.correlate.keys import identity, is_server_error, order
from observability.detector.correlate.release import seen
from observability.detector.correlate.state import (
    DEPLOY_S,
    MAX_ACCESSES,
    MAX_MARKS,
    MAX_PROCESSES,
    MAX_RECENT,
    YOUNG_S,
    Process,
    State,
)
from observability.detector.signals import Access, PreflightChecked, ProcessStart, ProcessStop, Signal, StageMark

S = TypeVar("S", bound=Signal)


def take_in(state: State, signals: Iterable[Signal]) -> State:
    """Return the state with the signals in it. A line without a time happened when it was read."""
    timed = [signal if signal.at else replace(signal, at=signal.origin.read_at) for signal in signals]
    accesses = [s for s in timed if isinstance(s, Access) and not is_server_error(s)]
    marks = [s for s in timed if isinstance(s, StageMark) and s.edge != "interrupted"]
    ready = [s for s in timed if isinstance(s, PreflightChecked) and s.when == "ready" and s.ok]
    elsewhere = {id(s) for s in (*accesses, *marks, *ready)}
    hard = [s for s in timed if id(s) not in elsewhere]
    return replace(
        state,
        releases=seen(state.releases, timed),
        recent=_once(state.recent, hard, MAX_RECENT),
        accesses=_once(state.accesses, accesses, MAX_ACCESSES),
        marks=last_of_each(state.marks, marks) if marks else state.marks,
        processes=table_of(state.processes, [s for s in timed if isinstance(s, ProcessStart)]),
    )


def let_go(state: State, settled: Iterable[Signal], now: datetime) -> State:
    """Return the state without what is settled, and without what is too old to explain anything."""
    gone = {
        id(signal) for signal in settled if not isinstance(signal, ProcessStart)
    }  # a start proves something to others, too
    return replace(
        state,
        recent=tuple(s for s in state.recent if id(s) not in gone and _young(s, now)),
        accesses=tuple(a for a in state.accesses if _young(a, now)),
    )


def _once(signals: tuple[S, ...], more: list[S], limit: int) -> tuple[S, ...]:
    """Each signal once; where there are too many, those read first go."""
    if not more:
        return signals
    places = {
        (s.origin.offset, s.origin.line) for s in more
    }  # far cheaper than identity, which lines at another place can't share
    once = {identity(s) if (s.origin.offset, s.origin.line) in places else id(s): s for s in (*signals, *more)}
    if len(once) <= limit:
        return tuple(once.values())
    return tuple(sorted(once.values(), key=lambda s: (s.origin.read_at, order(s)))[-limit:])


def _young(signal: Signal, now: datetime) -> bool:
    life = DEPLOY_S if isinstance(signal, ProcessStop | ProcessStart) else YOUNG_S
    return (now - signal.origin.read_at).total_seconds() <= 2 * life


def last_of_each(marks: tuple[StageMark, ...], more: Iterable[StageMark]) -> tuple[StageMark, ...]:
    """The last mark of each request or job. A dict keeps them in order of change, so the front is what moved longest ago."""
    table = {_request(mark): mark for mark in marks}
    for mark in sorted(more, key=order):
        old = table.get(_request(mark))
        if old is None or order(old) <= order(mark):
            table.pop(_request(mark), None)
            table[_request(mark)] = mark
    return tuple(table.values())[-MAX_MARKS:]


def _request(mark: StageMark) -> str:
    return mark.ids.request_id or mark.ids.job_id or mark.ids.trace_id or f"pid {mark.pid}"


def table_of(processes: tuple[Process, ...], started: Iterable[ProcessStart]) -> tuple[Process, ...]:
    """Return the processes with those that came up since: what a pid stands for."""
    table = {process.pid: process for process in processes}
    for s in sorted(started, key=order):
        if s.pid is not None and s.at is not None:
            table.pop(s.pid, None)
            table[s.pid] = Process(s.pid, s.at, s.role, s.address, s.instance, s.release)
    return tuple(table.values())[-MAX_PROCESSES:]
