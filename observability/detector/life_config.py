"""Environment to the numbers by which incidents live on."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from observability.config import Field, Invalid
from observability.detector.durations import duration_of
from observability.detector.lifecycle import Policy

FIELDS: Final = (
    Field("ACKNOWLEDGE_FOR", "4h", "How long an acknowledgement holds unless it says so itself; then it is open again, and pages"),
    Field("FLAPPING_AFTER", "4", "What opens so often within 10 minutes pages once, then not before 10 quiet ones; 0: never"),
    Field("STORM_AFTER", "3", "So many new incidents within a minute are a storm: one page a minute with a list; 0: never"),
    Field("ESCALATE_TO", "", "Channels told only of pages that nobody acknowledges, one a step, with commas between; empty: none"),
    Field("ESCALATE_AFTER", "15m", "How long a page waits for an acknowledgement before each step of ESCALATE_TO"),
    Field("SILENCES_FILE", "", "Silences and maintenance windows as TOML (docs/api.md), read again when it changes; empty: none"),
)  # fmt: skip
_LONGEST: Final = timedelta(days=7)


def load_policy(given: Mapping[str, str]) -> Policy:
    """Return the numbers, of values that passed CHECKS."""
    return Policy(
        acknowledge_for=duration_of(given["ACKNOWLEDGE_FOR"]) or timedelta(),
        flapping_after=int(given["FLAPPING_AFTER"]),
        storm_after=int(given["STORM_AFTER"]),
        escalate_to=tuple(name.strip() for name in given["ESCALATE_TO"].split(",") if name.strip()),
        escalate_after=duration_of(given["ESCALATE_AFTER"]) or timedelta(),
    )


def _bad_durations(given: Mapping[str, str]) -> list[Invalid]:
    wrong = [name for name in ("ACKNOWLEDGE_FOR", "ESCALATE_AFTER") if not _is_duration(given[name])]
    remedy = "Set one such as 30m or 4h"
    return [Invalid(f"{name}={given[name]}", "not a duration of at most 7 days", remedy) for name in wrong]


def _is_duration(value: str) -> bool:
    lasting = duration_of(value)
    return lasting is not None and lasting <= _LONGEST


def _bad_counts(given: Mapping[str, str]) -> list[Invalid]:
    wrong = [name for name in ("FLAPPING_AFTER", "STORM_AFTER") if not _is_count(given[name])]
    remedy = "Set one such as 4, or 0 for never"
    return [Invalid(f"{name}={given[name]}", "not a number from 2 to 100, or 0", remedy) for name in wrong]


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and int(value) in (0, *range(2, 101))


CHECKS: Final[tuple[Callable[[Mapping[str, str]], list[Invalid]], ...]] = (_bad_durations, _bad_counts)
