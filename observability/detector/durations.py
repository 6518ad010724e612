"""Durations as people write them: "90s", "30m", "2h", "1d". A leaf."""

import re
from datetime import timedelta
from typing import Final

_WRITTEN: Final = re.compile(r"(\d{1,6})\s*([smhd])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def duration_of(text: str) -> timedelta | None:
    """Return the duration, or None: it is none, or nothing long."""
    found = _WRITTEN.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        return None
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])
