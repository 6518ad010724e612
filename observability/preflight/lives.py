"""The backend's own log → what happened to its processes lately: starts, stops that were asked for, deaths, releases."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from observability import events
from observability.detector.signals import Check
from observability.preflight.verdicts import passed

WITHIN: Final = timedelta(hours=1)
_TAIL_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Lives:
    """Counts within the hour. `releases` in the order in which they were first started; the last start may be older."""

    starts: int = 0
    stops: int = 0
    deaths: int = 0
    releases: tuple[str, ...] = ()
    last_start: datetime | None = None


def lives(name: str, log: Path, now: datetime) -> Check:
    """Return a check that says it; it never fails: a deploy is no fault, only a reason to look at it first."""
    try:
        with log.open("rb") as opened:
            opened.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            lines = opened.read().decode("utf-8", "replace").splitlines()
    except OSError as error:
        return passed(name, name, f"cannot be read from {log}: {error.strerror}")
    return passed(name, name, told(counted(lines, now), now))


def counted(lines: Iterable[str], now: datetime) -> Lives:
    """Return the counts. Pure; a line that is none of ours is passed over."""
    starts = stops = deaths = 0
    releases: dict[str, None] = {}
    last: datetime | None = None
    for line in lines:
        if '"event":"process.' not in line or (read := _read(line)) is None:
            continue
        event, at, release, expected = read
        recent = now - at <= WITHIN
        if event == events.PROCESS_STARTED:
            last = at
            if recent:
                starts += 1
                releases.setdefault(release)
        elif event == events.PROCESS_STOPPING:
            stops += recent
        elif event == events.PROCESS_EXITED and not expected:
            deaths += recent
    return Lives(starts, stops, deaths, tuple(releases), last)


def told(seen: Lives, now: datetime) -> str:
    """Return it as a person reads it."""
    since = f", the last start {_ago(now - seen.last_start)} ago" if seen.last_start else ""
    of = f" of {' → '.join(seen.releases)}" if seen.releases else ""
    counts = f"{seen.starts} starts{of}, {seen.stops} stops that were asked for, {seen.deaths} deaths"
    return f"in the last hour {counts}{since}"


def _read(line: str) -> tuple[str, datetime, str, bool] | None:
    try:
        entry = json.loads(line)
        at = datetime.fromisoformat(entry[events.TS])
    except (ValueError, KeyError, TypeError):
        return None
    if entry.get("role") != "backend" or at.tzinfo is None:
        return None
    return str(entry.get(events.EVENT)), at, str(entry.get("version", "?")), entry.get("expected") is True


def _ago(apart: timedelta) -> str:
    seconds = max(0, round(apart.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
