"""What broke, as far as the young signals tell; of what no new signal can touch, as it was found before."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from observability.detector.correlate.describe import is_synthetic
from observability.detector.correlate.finding import Finding
from observability.detector.correlate.grouping import Group, group
from observability.detector.correlate.islands import Bonds, bonds_of, islands
from observability.detector.correlate.marking import Key, by_key, mark_keys, marks_for, with_marks
from observability.detector.correlate.state import Joined, Process
from observability.detector.signals import Signal, StageMark


@dataclass(frozen=True, slots=True)
class Findings:
    """What broke, and what only looked so: errors that a requested stop explains, requests whose client had left."""

    found: tuple[Finding, ...]
    excused: tuple[Group, ...] = ()


@dataclass(slots=True)
class _Marked:
    """A group as it was made, and with the marks that were last found for it."""

    group: Group
    keys: tuple[Key, ...]
    marks: tuple[Joined, ...]
    finding: Finding


@dataclass(frozen=True, slots=True)
class _Island:
    """Holds its signals, too: an id stands for an object only as long as that lives."""

    signals: tuple[Signal, ...]
    groups: tuple[_Marked, ...]
    excused: tuple[Group, ...]


@dataclass(slots=True)
class Memory:
    """What was found in the last step, by the very signals it was found in. Lies beside the state, holds nothing that can't be
    found again, and no more than what the state holds: an empty one gives the same incidents, later."""

    processes: tuple[Process, ...] = ()
    marks: tuple[StageMark, ...] = ()
    marks_by_key: dict[str, StageMark] = field(default_factory=dict)
    bonds: dict[int, tuple[Bonds, bool]] = field(default_factory=dict)  # with whether the signal is a selftest's
    islands: dict[tuple[int, ...], _Island] = field(default_factory=dict)


def findings(
    pool: Iterable[Signal], processes: tuple[Process, ...], marks: tuple[StageMark, ...], memory: Memory
) -> Findings:
    """Return what broke, with the stage that each request had reached. Brings the memory up to date."""
    if processes != memory.processes:
        memory.processes, memory.islands = processes, {}
    if marks is not memory.marks:
        memory.marks, memory.marks_by_key = marks, by_key(marks)
    memory.bonds = {id(s): memory.bonds.get(id(s)) or (bonds_of(s), is_synthetic((s,))) for s in pool}
    rows = memory.bonds.values()
    staged = islands(bonds for bonds, synthetic in rows if synthetic)
    real = islands(bonds for bonds, synthetic in rows if not synthetic)  # a synthetic crash joins nothing real
    before = memory.islands
    keyed = ((tuple(map(id, part)), part) for part in (*real, *staged))
    memory.islands = {key: before.get(key) or _island(part, processes) for key, part in keyed}
    every = [_marked(one, memory.marks_by_key) for island in memory.islands.values() for one in island.groups]
    broke = [finding for finding in every if not finding.expected]
    left = tuple(finding.group for finding in broke if finding.given_up)
    excused = tuple(one for island in memory.islands.values() for one in island.excused)
    return Findings(tuple(finding for finding in broke if not finding.given_up), (*left, *excused))


def _island(signals: tuple[Signal, ...], processes: tuple[Process, ...]) -> _Island:
    made = group(signals, processes)
    return _Island(signals, tuple(_Marked(g, mark_keys(g), (), Finding(g)) for g in made.groups), made.excused)


def _marked(one: _Marked, marks: dict[str, StageMark]) -> Finding:
    found = marks_for(one.keys, marks) if marks else ()
    if found != one.marks:
        one.marks, one.finding = found, Finding(with_marks(one.group, found))
    return one.finding
