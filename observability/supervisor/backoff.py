"""How long to wait before the next start. Pure."""

from dataclasses import dataclass
from typing import Final

_FIRST_S: Final = 0.5
_LONGEST_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Deaths:
    """Deaths in a row that came soon after the start."""

    quick: int = 0

    def after(self, uptime_s: float, *, healthy_s: float) -> "Deaths":
        """Return the count with one more death; a long life starts it anew."""
        return Deaths(1 if uptime_s >= healthy_s else self.quick + 1)

    def wait_s(self) -> float:
        """Return 0 for the first death (uploads wait for us), then 0.5 s, doubling up to 30 s."""
        return 0.0 if self.quick <= 1 else min(_LONGEST_S, _FIRST_S * 2.0 ** min(self.quick - 2, 16))
