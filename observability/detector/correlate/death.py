"""Units to deaths: each process that died, with all it said; when a stop was asked for; which unit is a victim of which death."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from observability.detector.correlate.keys import address_of, is_death, matches, seconds, within
from observability.detector.correlate.state import DEPLOY_S, Process
from observability.detector.correlate.units import Unit
from observability.detector.incidents import JoinedBy
from observability.detector.signals import (
    PreflightChecked,
    ProcessExit,
    ProcessStart,
    ProcessStop,
    Signal,
    StageMark,
)

WINDOW_S: Final = 10.0  # how long after a death errors of its upstream are its victims
_BEFORE_S: Final = (
    3.0  # an error line comes first, in whole seconds; the exit status 1 to 30 ms after (DESIGN section 2)
)
# From `process.started` until the new process listens: it loads its libraries first. One that never comes up is told after that.
_COMES_UP_S: Final = 15.0
_LOOKED_S: Final = 20.0  # how long the look after a death may take: supervisor/examiner.py, LIMIT_S
_REFUSING = frozenset({"upstream_refused", "no_live_upstreams"})


@dataclass(frozen=True, slots=True)
class Death:
    """One process that died unasked: its own units, and what its pid stands for."""

    units: tuple[Unit, ...]
    at: datetime | None
    pids: frozenset[int]
    role: str | None
    address: str | None
    instance: str | None


@dataclass(frozen=True, slots=True)
class Tie:
    """Why a unit belongs to a death, how sure that is, and how far apart they are."""

    joined_by: JoinedBy
    confidence: float
    apart_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """From a requested stop until the next start: errors in between are a deploy."""

    since: datetime | None
    until: datetime | None
    address: str | None
    restarted: bool = False  # `until` is a start, not the end of patience
    refused_only: bool = (
        False  # it left with exit code 0 and nobody is known to have asked: what it cut off is not excused
    )


def deaths(all_units: Iterable[Unit], processes: Iterable[Process]) -> tuple[Death, ...]:
    """Return one death per process: exit status, dump and kernel line of one pid within ten seconds are one."""
    table = {process.pid: process for process in processes}
    cores: list[list[Unit]] = []
    for unit in all_units:
        if not any(is_death(signal) for signal in unit.signals):
            continue
        same = next((c for c in cores if c[0].pids & unit.pids and within(unit.at, c[0].at, WINDOW_S, WINDOW_S)), None)
        if same is None:
            cores.append([unit])
        else:
            same.append(unit)
    return tuple(_death(core, table) for core in cores)


def _death(core: list[Unit], table: dict[int, Process]) -> Death:
    fatal = [signal for unit in core for signal in unit.signals if is_death(signal)]
    exits = [signal for signal in fatal if isinstance(signal, ProcessExit)]
    pids = frozenset(pid for signal in fatal if (pid := getattr(signal, "pid", None)) is not None)
    known = next((table[pid] for pid in sorted(pids) if pid in table), None)
    said = (address_of(e.address) for e in exits)
    return Death(
        units=tuple(core),
        at=min((s.at for s in exits or fatal if s.at), default=None),
        pids=pids,
        role=next((r for s in fatal if (r := getattr(s, "role", None))), known.role if known else None),
        address=next((a for a in said if a), address_of(known.address) if known else None),
        instance=next((e.instance for e in exits if e.instance), known.instance if known else None),
    )


def tie(unit: Unit, death: Death, starts: Iterable[Signal]) -> Tie | None:
    """Return why the unit belongs to this death, or None: it does not."""
    apart = abs(seconds(unit.at, death.at) or 0.0)
    if unit.pids & death.pids and _unfinished(unit) and within(unit.at, death.at, WINDOW_S, WINDOW_S):
        return Tie("pid", 0.95, apart)
    if any(isinstance(s, PreflightChecked) for s in unit.signals):
        return _examined(unit, death, apart)
    if death.role == "worker" or not (unit.errors or unit.accesses) or unit.answered:
        return None
    sure = matches(unit.address, death.address)
    if not sure and not _names_a_group(unit):
        return None
    near = within(unit.at, death.at, _BEFORE_S, WINDOW_S)
    if near or (_refused(unit) and _still_down(unit, death, starts)):
        return Tie("death_window", 0.95 * sure if sure else 0.6, apart)
    return None


def asked(all_units: Iterable[Unit]) -> tuple[Asked, ...]:
    """Return the spans in which somebody had asked for a stop. Only the backend's: a worker that ends is no deploy."""
    signals = [signal for unit in all_units for signal in unit.signals]
    starts = [s for s in signals if isinstance(s, ProcessStart) and s.role != "worker"]
    spans = []
    for signal in signals:
        if not _stop(signal):
            continue
        address = address_of(getattr(signal, "address", None))
        ups = [
            s.at for s in starts if _after(s, signal) and (address is None or matches(address, address_of(s.address)))
        ]
        limit = signal.at + timedelta(seconds=DEPLOY_S) if signal.at else None
        left = isinstance(signal, ProcessExit) and not signal.expected and signal.code == 0
        spans.append(Asked(signal.at, min((up for up in ups if up), default=limit), address, bool(ups), left))
    return tuple(spans)


def in_deploy(unit: Unit, spans: Iterable[Asked]) -> bool:
    """Return whether the unit's error falls between a requested stop and the next start (whole seconds: one of tolerance);
    where nobody listened, until the new process has had the time to."""
    return any(_falls_in(unit, span) for span in spans)


def _falls_in(unit: Unit, span: Asked) -> bool:
    if span.address is not None and unit.address is not None and not matches(unit.address, span.address):
        return False
    if span.refused_only and not _refused(unit):
        return False
    since = seconds(unit.at, span.since)
    until = seconds(span.until, unit.at)
    late_s = _COMES_UP_S if span.restarted and _refused(unit) else 1.0
    return (since is None or since >= -1.0) and (until is None or until >= -late_s)


def _stop(signal: Signal) -> bool:
    if isinstance(signal, ProcessStop):
        return signal.role != "worker"
    return isinstance(signal, ProcessExit) and signal.role != "worker" and not is_death(signal)


def _after(start: ProcessStart, stop: Signal) -> bool:
    apart = seconds(start.at, stop.at)
    return apart is not None and apart >= 0


def _unfinished(unit: Unit) -> bool:
    """A request that had been answered did not die with its process; one that the journal shows as interrupted did."""
    return not unit.answered or any(isinstance(s, StageMark) and s.edge == "interrupted" for s in unit.signals)


def _examined(unit: Unit, death: Death, apart: float) -> Tie | None:
    """The supervisor checks after each death and before each start: the nearest death of the same instance."""
    seen = next(s for s in unit.signals if isinstance(s, PreflightChecked))
    other = seen.instance and death.instance and seen.instance != death.instance
    patience_s = _LOOKED_S if seen.when == "death" else WINDOW_S
    if other or death.role == "worker" or not within(unit.at, death.at, WINDOW_S, patience_s):
        return None
    return Tie("death_window", 0.9, apart)


def _names_a_group(unit: Unit) -> bool:
    """nginx names the upstream group, not a server, when it holds all for dead: whatever died just now may be in it."""
    return any(e.kind == "no_live_upstreams" for e in unit.errors)


def _refused(unit: Unit) -> bool:
    """Nobody was there; an access line alone, with 502, may yet turn out to be of that kind."""
    return all(e.kind in _REFUSING for e in unit.errors) if unit.errors else bool(unit.accesses)


def _still_down(unit: Unit, death: Death, starts: Iterable[Signal]) -> bool:
    after = seconds(unit.at, death.at)
    if after is None or after < 0 or death.at is None:
        return False
    return not any(s.at and death.at < s.at and (seconds(unit.at, s.at) or 0.0) > 1.0 for s in starts)
