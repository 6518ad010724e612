"""The crash that never was: marked log lines of a backend that dies in the middle of an upload, and the file they go to."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from observability import events

_LARGEST: Final = 1_000_000  # bytes; then the file is set aside, and the one before it is gone


@dataclass(frozen=True, slots=True)
class Stage:
    """Who pretends to die. Each has a place of its own, so that what they leave is never the same incident."""

    service: str
    stage: str
    pid: int


SELFTEST: Final = Stage("barwatch-selftest", "draw", 1)  # a person's, by `barwatch selftest`: shown to the webhook
PROOF: Final = Stage("barwatch-proof", "prove", 2)  # the detector's own, on a schedule: told to nobody


def crash(at: datetime, request_id: str, who: Stage = SELFTEST) -> tuple[Mapping[str, object], ...]:
    """Return the log lines of a backend that dies of SIGSEGV; every one is marked."""
    common = {
        events.TS: at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        events.LEVEL: "error",
        "service": who.service,
        "version": "0",
        "instance": who.service,
        "pid": who.pid,
        events.SELFTEST_MARK: True,
    }
    stage = {events.EVENT: "selftest.stage.interrupted", events.STAGE: who.stage, events.REQUEST_ID: request_id}
    died = {
        "role": "backend",
        "signal": "SIGSEGV",
        "expected": False,
        "address": f"127.0.0.1:{who.pid}",
        "uptime_s": 1.0,
    }
    exited = {events.EVENT: events.PROCESS_EXITED, events.REQUEST_ID: request_id, **died}
    return ({**common, **stage}, {**common, **exited})


def append(path: Path, lines: Iterable[Mapping[str, object]]) -> None:
    """Write the lines at the end of the file, with one write. Raises OSError."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    if path.exists() and path.stat().st_size > _LARGEST:
        path.replace(path.with_name(f"{path.name}.1"))
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
