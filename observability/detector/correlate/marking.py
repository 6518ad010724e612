"""Stage marks to groups: what tells the stage of a silent death."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from observability.detector.correlate.grouping import Group
from observability.detector.correlate.keys import order
from observability.detector.correlate.state import Joined
from observability.detector.incidents import JoinedBy
from observability.detector.signals import FatalDump, ProcessExit, Signal, StageMark

Key = tuple[str, JoinedBy, float]


def mark_keys(group: Group) -> tuple[Key, ...]:
    """Return by which keys a mark may belong to the group, and how sure that is."""
    in_flight = not any(s.kind == "stage_mark" for s in group.signals)
    return tuple(key for signal in group.signals for key in _keys_of(signal, in_flight=in_flight))


def marks_for(keys: Iterable[Key], marks: Mapping[str, StageMark]) -> tuple[Joined, ...]:
    """Return the marks, each by its first key."""
    found: dict[int, Joined] = {}
    for key, why, sure in keys:
        if (mark := marks.get(key)) is not None:
            found.setdefault(id(mark), Joined(mark, why, sure))
    return tuple(found.values())


def with_marks(group: Group, found: Iterable[Joined]) -> Group:
    """Return the group with the last stage mark of each of its requests that was not seen interrupted."""
    interrupted = {s.ids.request_id or s.ids.job_id for s in group.signals if s.kind == "stage_mark"}
    more = [j for j in found if (j.signal.ids.request_id or j.signal.ids.job_id) not in interrupted]
    if not more:
        return group
    return replace(group, members=tuple(sorted((*group.members, *more), key=lambda j: order(j.signal))))


def by_key(marks: Iterable[StageMark]) -> dict[str, StageMark]:
    """Return the last mark by request, by job, and by the process in which it was under way."""
    table: dict[str, StageMark] = {}
    for mark in sorted(marks, key=order):
        if mark.ids.request_id:
            table[f"request {mark.ids.request_id}"] = mark
        if mark.ids.job_id:
            table[f"job {mark.ids.job_id}"] = mark
        if mark.pid is not None and mark.edge == "started":
            table[f"pid {mark.pid}"] = mark
    return table


def _keys_of(signal: Signal, *, in_flight: bool) -> list[Key]:
    keys: list[Key] = []
    if signal.ids.request_id:
        keys.append((f"request {signal.ids.request_id}", "request_id", 1.0))
    if signal.ids.job_id:
        keys.append((f"job {signal.ids.job_id}", "job_id", 0.95))
    if in_flight and isinstance(signal, ProcessExit | FatalDump) and signal.pid is not None:
        keys.append((f"pid {signal.pid}", "pid", 0.8))
    return keys
