"""Groups of one paste to cases: pasted lines lose keys and times, and belong together unless something speaks against it."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from observability.detector.correlate import Group, Joined, matches, order
from observability.detector.signals import ProcessExit, Signal, UpstreamError

# Workers that die one after the other within two minutes are one thing that goes wrong; a paste of a day's log is not.
_NEAR_S: Final = 120.0
_CLOSE_S: Final = 10.0
_QUARTER_S: Final = 900.0
_ZONES_S: Final = 14 * 3600.0
_OF_ZONES_S: Final = 20.0  # a match across zones counts as less sure than one in the same minute


def same_paste(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups, those joined that nothing tells apart: request ids, upstreams, supervised processes, two minutes between.

    A group joins only where it fits each one that is there already, so a pair never meets through a third.
    """
    piles: list[list[Group]] = []
    for group in sorted(groups, key=lambda g: order(g.anchor)):
        fits = next((pile for pile in piles if all(_fits(group, other) for other in pile)), None)
        if fits is None:
            piles.append([group])
        else:
            fits.append(group)
    return tuple(_merged(pile) for pile in piles)


def _fits(one: Group, other: Group) -> bool:
    for differs in (_other_requests, _other_upstream, _other_process):
        if differs(one, other):
            return False
    apart = _apart(one, other)
    return apart is None or apart <= _NEAR_S


def _other_requests(one: Group, other: Group) -> bool:
    mine, theirs = _request_ids(one), _request_ids(other)
    return bool(mine and theirs and not mine & theirs)


def _request_ids(group: Group) -> set[str]:
    return {s.ids.request_id for s in group.signals if s.ids.request_id}


def _other_upstream(one: Group, other: Group) -> bool:
    return bool(one.address and other.address and not matches(one.address, other.address))


def _other_process(one: Group, other: Group) -> bool:
    """Our own supervisor tells each process by pid and address; what others write often has no pid at all."""
    mine, theirs = _supervised(one), _supervised(other)
    return bool(mine and theirs and not mine & theirs)


def _supervised(group: Group) -> set[int]:
    exits = (s for s in group.signals if isinstance(s, ProcessExit) and s.role is not None)
    return {s.pid for s in exits if s.pid is not None}


def _apart(one: Group, other: Group) -> float | None:
    """Return the seconds between the nearest signals of the two, or None: one has no times."""
    mine, theirs = _times(one.signals), _times(other.signals)
    if not mine or not theirs:
        return None
    ends = [(a - b).total_seconds() for a in (min(mine), max(mine)) for b in (min(theirs), max(theirs))]
    if _only_nginx(one) != _only_nginx(other):
        ends += [apart for end in ends if (apart := _in_another_zone(end)) is not None]
    return min(map(abs, ends))


def _only_nginx(group: Group) -> bool:
    return all(isinstance(signal, UpstreamError) for signal in group.signals)


def _in_another_zone(apart: float) -> float | None:
    """nginx's error log has local time and no zone, a container's log often UTC: whole quarters of an hour may lie between."""
    rest = (apart + _QUARTER_S / 2) % _QUARTER_S - _QUARTER_S / 2
    return _OF_ZONES_S + abs(rest) if abs(apart) <= _ZONES_S and abs(rest) <= _CLOSE_S else None


def _times(signals: tuple[Signal, ...]) -> list[datetime]:
    return [signal.at for signal in signals if signal.at is not None]


def _merged(pile: list[Group]) -> Group:
    if len(pile) == 1:
        return pile[0]
    first = pile[0]
    more = [joined for group in pile[1:] for joined in _joined(group, _sure(first, group))]
    return Group(
        members=tuple(sorted((*first.members, *more), key=lambda joined: order(joined.signal))),
        death=any(group.death for group in pile),
        address=next((group.address for group in pile if group.address), None),
    )


def _sure(first: Group, group: Group) -> float:
    apart = _apart(first, group)
    if apart is None:
        return 0.6
    return 0.7 if apart <= _CLOSE_S else 0.5


def _joined(group: Group, sure: float) -> list[Joined]:
    """Only what opened the group came by the paste; the rest came with it, by its own key."""
    return [
        replace(
            joined,
            joined_by="same_paste" if joined.joined_by == "opened_it" else joined.joined_by,
            confidence=round(joined.confidence * sure, 2),
        )
        for joined in group.members
    ]
