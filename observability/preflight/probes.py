"""Probes to checks: runs each one, whatever it raises, and refuses to start where one failed."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from observability import events
from observability.detector.signals import Check
from observability.logs import get_logger

When = Literal["start", "ready", "death", "failure"]
ALWAYS: Final[frozenset[When]] = frozenset(get_args(When))


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to look at. It runs at `moments` only: a port must be free before the start, and is taken after it."""

    name: str  # "UPLOAD_DIR", "database", "port"
    look: Callable[[], Check]
    moments: frozenset[When] = ALWAYS


class PreflightFailed(Exception):
    """The process must not start. `failures` has every failed check, not only the first."""

    def __init__(self, failures: tuple[Check, ...]) -> None:
        self.failures = failures
        super().__init__("\n".join(f"{f.what}: {f.found}. {f.remedy}" for f in failures))


def run_probes(probes: Sequence[Probe], when: When) -> tuple[Check, ...]:
    """Return one check for each probe of this moment, in order. Blocks for as long as they do: use a thread in a loop."""
    return tuple(_looked(probe) for probe in probes if when in probe.moments)


def refuse_failures(checks: Sequence[Check]) -> None:
    """Raise PreflightFailed with all that failed, if anything did."""
    failures = tuple(check for check in checks if not check.ok)
    if failures:
        raise PreflightFailed(failures)


def log_checks(checks: Sequence[Check], when: When) -> None:
    """Log all of it as one event, which becomes evidence of an incident."""
    ok = all(check.ok for check in checks)
    log = get_logger().info if ok else get_logger().error
    log(events.PREFLIGHT_CHECKED, ok=ok, when=when, checks=[dataclasses.asdict(check) for check in checks])


def _looked(probe: Probe) -> Check:
    try:
        return probe.look()
    except Exception as error:  # noqa: BLE001 — the edge: a probe that breaks is a finding, not the end of the others
        found = f"the check itself failed with {type(error).__name__}: {error}"
        return Check(probe.name, ok=False, what=probe.name, found=found, remedy="Mend what the message names")
