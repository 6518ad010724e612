"""Environment to the numbers by which incidents live on."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from observability.config import Field, Invalid
from observability.detector.durations import duration_of
from observability.detector.lifecycle import Policy

FIELDS: Final = (
    Field("ACKNOWLEDGE_FOR", "4h", "How long an acknowledgement holds unless it says so itself; then it is open again, and pages"),
)  # fmt: skip


def load_policy(given: Mapping[str, str]) -> Policy:
    """Return the numbers, of values that passed CHECKS."""
    return Policy(acknowledge_for=duration_of(given["ACKNOWLEDGE_FOR"]) or timedelta())


def _bad_durations(given: Mapping[str, str]) -> list[Invalid]:
    wrong = [name for name in ("ACKNOWLEDGE_FOR",) if duration_of(given[name]) is None]
    wrong += [
        name
        for name in ("ACKNOWLEDGE_FOR",)
        if (duration_of(given[name]) or timedelta()) > Policy().acknowledge_at_most
    ]
    return [
        Invalid(f"{name}={given[name]}", "not a duration of at most 7 days", "Set one such as 30m or 4h")
        for name in wrong
    ]


CHECKS: Final[tuple[Callable[[Mapping[str, str]], list[Invalid]], ...]] = (_bad_durations,)
