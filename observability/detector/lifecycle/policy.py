"""The numbers that the rules go by; docs/configuration.md says how each is set."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Defaults are those of the settings."""

    acknowledge_for: timedelta = timedelta(hours=4)
    acknowledge_at_most: timedelta = timedelta(days=7)
