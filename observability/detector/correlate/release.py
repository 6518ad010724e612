"""Releases: in which one it failed, in which one it had been resolved, and whether that makes it a regression. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from observability.detector.correlate.keys import address_of, matches, order
from observability.detector.correlate.state import Process
from observability.detector.incidents import Incident
from observability.detector.signals import Signal, Traceback

MAX_RELEASES: Final = 64
_NUMBERED: Final = re.compile(r"v?(\d{1,9}(?:\.\d{1,9})*)", re.ASCII)


def seen(releases: tuple[str, ...], signals: Iterable[Signal]) -> tuple[str, ...]:
    """Return the releases with those that the signals name, in the order in which each was first seen."""
    named = (release for s in sorted(signals, key=order) if (release := _of(s)))
    return tuple(dict.fromkeys((*releases, *named)))[-MAX_RELEASES:]


def running(processes: Iterable[Process], address: str | None) -> str | None:
    """Return the release of the backend that came up last, at this address where one does; None: none is known."""
    backends = [p for p in processes if p.role != "worker" and p.release]
    there = [p for p in backends if address and matches(address, address_of(p.address))]
    return max(there or backends, key=lambda p: p.at).release if backends else None


def failing(signals: Iterable[Signal], address: str | None, processes: Iterable[Process]) -> str | None:
    """Return the release that failed: as its own lines say, else that of the process that stood for its pid or address."""
    pool = tuple(signals)
    said = [release for s in pool if s.kind != "process_start" and (release := _of(s))]
    if said:
        return said[-1]
    began = min(s.at or s.origin.read_at for s in pool)
    table = [p for p in processes if p.at <= began]
    pids = {pid for s in pool if isinstance(s, Traceback) or s.kind in ("process_exit", "oom_kill", "fatal_dump")
            if (pid := getattr(s, "pid", None)) is not None}  # fmt: skip
    own = next((p.release for p in reversed(table) if p.pid in pids and p.release), None)
    return own or (running(table, address) if address else None)


def came_back(before: Incident, now: Incident, releases: tuple[str, ...]) -> str:
    """Return what a recurrence after the resolution is: a regression only in a release that is newer than the resolved one."""
    fixed, again = before.resolved_in, now.release
    what = "the same failure came back" + (f" in release {again}" if again else "")
    if not fixed or not again:
        return f"{what} after it had been resolved" + (f" in {fixed}" if fixed else "")
    if fixed == again:
        return f"{what}, the one in which it had been resolved"
    if _older(again, fixed, releases):
        return f"{what}, which is older than {fixed}, where it was resolved: an old replica, not a regression"
    return f"regression in release {again} (resolved in {fixed})"


def _older(one: str, other: str, releases: tuple[str, ...]) -> bool:
    """By number where both are numbered; else the one that was seen first, an unknown one before all that are known."""
    mine, theirs = _numbers(one), _numbers(other)
    if mine is not None and theirs is not None:
        return mine < theirs
    return other in releases and (one not in releases or releases.index(one) < releases.index(other))


def _numbers(release: str) -> tuple[int, ...] | None:
    found = _NUMBERED.fullmatch(release)
    return tuple(int(part) for part in found[1].split(".")) if found else None


def _of(signal: Signal) -> str | None:
    return getattr(signal, "release", None)
