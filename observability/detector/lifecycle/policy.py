"""The numbers that the rules go by; docs/configuration.md says how each is set."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Defaults are those of the settings."""

    acknowledge_for: timedelta = timedelta(hours=4)
    at_most: timedelta = timedelta(days=7)  # of an acknowledgement or a person's silence
    flapping_after: int = 4  # openings; 0: never
    flapping_within: timedelta = timedelta(minutes=10)
    flapping_quiet: timedelta = timedelta(minutes=10)
    storm_after: int = 3  # new incidents within a minute; 0: never
    escalate_after: timedelta = timedelta(minutes=15)
    escalate_to: tuple[str, ...] = ()  # names of channels, one a step; none: never

    @property
    def most_openings(self) -> int:
        """How many openings are worth remembering."""
        return max(self.flapping_after, 1)
