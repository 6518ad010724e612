"""Signals to islands: what can't have to do with each other is grouped apart, so one new signal costs no look at all others.

The bonds are wider than the rules of units, death and grouping: two islands never share a group, one may hold several.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from observability.detector.correlate.keys import address_of, is_death, request_line
from observability.detector.correlate.units import answered, connection_keys
from observability.detector.signals import (
    Access,
    Alert,
    FatalDump,
    PreflightChecked,
    ProcessExit,
    ProcessStop,
    Signal,
    StageMark,
    Traceback,
    UpstreamError,
)

_COMMONS: Final = "what deaths and deploys may explain"
_BY_UPSTREAM: Final = frozenset({502, 504})


@dataclass(frozen=True, slots=True)
class Bonds:
    """What a signal may share with others, whatever else there is."""

    signal: Signal
    own: tuple[Hashable, ...]  # ids, connection
    pid: int | None  # of a backend's process
    place: Hashable | None  # the upstream
    line: str | None  # method and path, as a traceback's route may have them


@dataclass(frozen=True, slots=True)
class _Around:
    """What of the pool makes signals depend on each other that else do not."""

    processes: bool  # one ended, or was asked to
    dead: frozenset[int]
    failed_check: bool
    nameless: bool  # an error line without its upstream goes by that of its access line
    broken_off: frozenset[str]


def bonds_of(signal: Signal) -> Bonds:
    """Return what it may share; depends on the signal alone."""
    ids = signal.ids
    own: list[Hashable] = [(name, value) for name, value in (
        ("request", ids.request_id), ("trace", ids.trace_id), ("job", ids.job_id)) if value]  # fmt: skip
    place: Hashable | None = None
    line = signal.route if isinstance(signal, Traceback) else None
    if isinstance(signal, UpstreamError | Access):
        own += connection_keys(signal)
        place = ("at", address_of(signal.upstream))
    if isinstance(signal, UpstreamError):
        if signal.client and (asked := request_line(signal)):
            own.append((signal.client, asked))
        line = f"{signal.method} {(signal.path or '').partition('?')[0]}"
    pid = signal.pid if isinstance(signal, Traceback | StageMark | ProcessExit | FatalDump) else None
    return Bonds(signal, tuple(own), pid, place, line)


def islands(bonds: Iterable[Bonds]) -> tuple[tuple[Signal, ...], ...]:
    """Return the signals in parts, none of which can change what another one means. Order within a part stays."""
    pool = tuple(bonds)
    around = _around(pool)
    above: dict[Hashable, Hashable] = {}
    tops = [_joined(above, (number, *_keys(one, around))) for number, one in enumerate(pool)]
    parts: dict[Hashable, list[Signal]] = {}
    for top, one in zip(tops, pool, strict=True):
        parts.setdefault(_top(above, top), []).append(one.signal)
    return tuple(tuple(part) for part in parts.values())


def _around(pool: tuple[Bonds, ...]) -> _Around:
    signals = [one.signal for one in pool]
    errors = [one for one in pool if isinstance(one.signal, UpstreamError)]
    return _Around(
        processes=any(isinstance(s, ProcessExit | FatalDump | ProcessStop) for s in signals),
        dead=frozenset(one.pid for one in pool if one.pid is not None and is_death(one.signal)),
        failed_check=any(isinstance(s, PreflightChecked) and not s.ok for s in signals),
        nameless=any(one.place == ("at", None) for one in errors),
        broken_off=frozenset(one.line for one in errors if one.line and one.signal.kind == "upstream_closed_early"),
    )


def _keys(one: Bonds, around: _Around) -> Iterator[Hashable]:
    signal = one.signal
    yield from one.own
    if one.pid in around.dead:
        yield _COMMONS
    if isinstance(signal, Alert | StageMark):
        return
    if isinstance(signal, Traceback):
        yield from [_COMMONS] if around.failed_check else []
    elif not isinstance(signal, UpstreamError | Access):
        yield _COMMONS
    elif isinstance(signal, UpstreamError) or signal.status in _BY_UPSTREAM or not answered(signal) or around.nameless:
        yield _COMMONS if around.processes else one.place
    if one.line in around.broken_off:
        yield ("line", one.line)


def _joined(above: dict[Hashable, Hashable], keys: tuple[Hashable, ...]) -> Hashable:
    """Put all keys under one, and return it."""
    top = _top(above, keys[0])
    for key in keys[1:]:
        above[_top(above, key)] = top
    return top


def _top(above: dict[Hashable, Hashable], key: Hashable) -> Hashable:
    while (higher := above.setdefault(key, key)) != key:
        above[key] = above[higher]  # the path halves each time it is walked
        key = higher
    return key
