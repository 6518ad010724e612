"""Units to groups, one per thing that broke. A function of the set of signals alone: no order of arrival shows in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from observability.detector.correlate.death import WINDOW_S, Death, asked, deaths, in_deploy, tie
from observability.detector.correlate.examined import explains
from observability.detector.correlate.keys import DOWN_KINDS, identity, is_hard, is_server_error, order, within
from observability.detector.correlate.state import Joined, Process
from observability.detector.correlate.units import Unit, units
from observability.detector.incidents import JoinedBy
from observability.detector.signals import PreflightChecked, ProcessStart, Signal

_SLOW_S: Final = 60.0  # time-outs of one upstream come as its requests give up, one by one
_BROKEN_OFF_S: Final = 2.0


@dataclass(frozen=True)
class Group:
    """What broke once: its evidence in order of time, the one that opened it first marked `opened_it`."""

    members: tuple[Joined, ...]
    death: bool
    address: str | None

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        return tuple(joined.signal for joined in self.members)

    @cached_property
    def anchor(self) -> Signal:
        """The first hard signal; where there is none, the first one."""
        return next((j.signal for j in self.members if j.joined_by == "opened_it"), self.members[0].signal)

    @cached_property
    def hard(self) -> frozenset[str]:
        """Identities of what opened it: the same after a replay."""
        return frozenset(identity(s) for s in self.signals if is_hard(s) or is_server_error(s))


@dataclass(frozen=True, slots=True)
class Grouped:
    """What broke, and what only looked so: errors that a requested stop explains, requests whose client had left."""

    groups: tuple[Group, ...]
    excused: tuple[Group, ...] = ()


@dataclass(slots=True)
class _Pile:
    """A group while it is made: units with why they came."""

    units: list[tuple[Unit, JoinedBy, float]] = field(default_factory=list)
    death: Death | None = None
    kind: str = ""
    address: str | None = None
    at: datetime | None = None


def group(signals: Iterable[Signal], processes: Iterable[Process]) -> Grouped:
    """Return what broke: a death with its victims; a request that failed; an upstream that nobody could reach."""
    every = units(signals)
    starts = [s for unit in every for s in unit.signals if isinstance(s, ProcessStart) and s.role != "worker"]
    piles = [_pile_of(death) for death in deaths(every, processes)]
    taken = {id(unit) for pile in piles for unit, _, _ in pile.units}
    rest = [unit for unit in every if id(unit) not in taken]
    rest = [unit for unit in rest if not _to_death(unit, piles, starts)]
    examined = [unit for unit in rest if any(isinstance(s, PreflightChecked) and not s.ok for s in unit.signals)]
    rest = [unit for unit in rest if any(is_hard(s) or is_server_error(s) for s in unit.signals)]
    spans = asked(every)
    deployed = [unit for unit in rest if _kind(unit) == "down" and in_deploy(unit, spans)]
    quiet = {id(unit) for unit in deployed}
    own = [unit for unit in rest if id(unit) not in quiet]
    piles += _by_request(own) + _by_upstream([unit for unit in own if not _alone(unit)])
    piles = _examine(piles, examined)
    stops = tuple(u for u in every if any(s.kind == "process_stop" for s in u.signals))
    return Grouped(
        tuple(_group(pile) for pile in _broken_off(piles)),
        tuple(_deploy_of(unit, stops) for unit in deployed),
    )


def _pile_of(death: Death) -> _Pile:
    rows: list[tuple[Unit, JoinedBy, float]] = [(unit, "pid", 0.98) for unit in death.units]
    return _Pile(rows, death, "death", death.address, death.at)


def _to_death(unit: Unit, piles: list[_Pile], starts: list[ProcessStart]) -> bool:
    """Give the unit to the death that it belongs to surest, the nearest of equals. Return whether there was one."""
    ties = [(t, pile) for pile in piles if pile.death and (t := tie(unit, pile.death, starts))]
    if not ties:
        return False
    best, pile = min(ties, key=lambda row: (-row[0].confidence, row[0].apart_s))
    pile.units.append((unit, best.joined_by, best.confidence))
    pile.address = pile.address or unit.address
    return True


def _kind(unit: Unit) -> str:
    """Return which failures of one upstream belong together: nobody there, no answer in time, or one word of nginx's."""
    kinds = [e.kind for e in unit.errors if is_hard(e)]
    if unit.tracebacks or any(isinstance(s, PreflightChecked) for s in unit.signals):
        return "request"
    if any(kind in DOWN_KINDS for kind in kinds):
        return "down"
    if kinds:
        return next((kind for kind in kinds if kind != "other_upstream"), kinds[0])
    status = next((a.status for a in unit.accesses if is_server_error(a)), None)
    return {502: "down", 504: "upstream_timeout"}.get(status or 0, "request")


def _alone(unit: Unit) -> bool:
    return _kind(unit) == "request"


def _by_request(rest: list[Unit]) -> list[_Pile]:
    return [_Pile([(u, "request_id", 1.0)], None, "request", u.address, u.at) for u in rest if _alone(u)]


def _by_upstream(rest: list[Unit]) -> list[_Pile]:
    """Pile up errors of one upstream around the first of them. The window hangs on the first one: it cannot creep."""
    last: dict[tuple[str, str | None], _Pile] = {}
    piles: list[_Pile] = []
    for unit in rest:
        kind = _kind(unit)
        window = _SLOW_S if kind == "upstream_timeout" else WINDOW_S
        pile = last.get((kind, unit.address))
        if pile is None or not within(unit.at, pile.at, 1.0, window):
            pile = last[kind, unit.address] = _Pile([], None, kind, unit.address, unit.at)
            piles.append(pile)
        pile.units.append((unit, "death_window", 0.9 if unit.address else 0.6))
    return piles


def _examine(piles: list[_Pile], examined: list[Unit]) -> list[_Pile]:
    """Give each failed check that no death took to the exceptions that it explains; it then stands for nothing of its own."""
    given: set[int] = set()
    for pile in piles:
        raised = [unit for unit, _, _ in pile.units]
        fits = [u for u in examined if all(u is not unit for unit in raised) and explains(u, raised)]
        pile.units += [(unit, "same_path", 0.9) for unit in fits]
        given |= {id(unit) for unit in fits}
    return [pile for pile in piles if not (len(pile.units) == 1 and id(pile.units[0][0]) in given)]


def _broken_off(piles: list[_Pile]) -> list[_Pile]:
    """Join an exception after the headers went out to nginx's "closed" line: no access line has told the request id yet,
    but the route and the moment agree, and only one of them does."""
    for pile in [p for p in piles if p.kind == "down" and len(p.units) == 1 and not p.units[0][0].accesses]:
        unit = pile.units[0][0]
        fits = [p for p in piles if p.kind == "request" and len(p.units) == 1 and _same_route(unit, p.units[0][0])]
        if len(fits) == 1:
            fits[0].units.append((unit, "death_window", 0.7))
            piles = [p for p in piles if p is not pile]
    return piles


def _same_route(error: Unit, raised: Unit) -> bool:
    if raised.accesses or not raised.tracebacks or not within(raised.at, error.at, _BROKEN_OFF_S, _BROKEN_OFF_S):
        return False
    lines = {
        f"{e.method} {(e.path or '').partition('?')[0]}" for e in error.errors if e.kind == "upstream_closed_early"
    }
    return any(t.route in lines for t in raised.tracebacks if t.route)


def _group(pile: _Pile) -> Group:
    rows = [joined for unit, why, sure in pile.units for joined in _joined(unit, why, sure)]
    rows.sort(key=lambda joined: order(joined.signal))
    first = next((j for j in rows if is_hard(j.signal)), rows[0])
    members = (Joined(j.signal, "opened_it", 1.0) if j is first else j for j in rows)
    return Group(tuple(members), pile.death is not None, pile.address)


def _joined(unit: Unit, why: JoinedBy, sure: float) -> list[Joined]:
    """The unit's first hard signal came for the reason that the unit came for; the others came with it, by their own key."""
    lead = next((j for j in unit.members if is_hard(j.signal)), unit.members[0])
    rows = []
    for j in unit.members:
        own = lead if j.joined_by == "opened_it" else j  # the others of the unit found it, by the key that they share
        rows.append(Joined(j.signal, why if j is lead else own.joined_by, round(own.confidence * sure, 2)))
    return rows


def _deploy_of(unit: Unit, stops: tuple[Unit, ...]) -> Group:
    rows: list[tuple[Unit, JoinedBy, float]] = [(unit, "death_window", 0.9), *((s, "death_window", 0.9) for s in stops)]
    return _group(_Pile(rows, None, "deploy", unit.address, unit.at))
