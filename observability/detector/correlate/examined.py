"""Failed checks to exceptions: a preflight check that looked at the very path or variable that an exception names."""

import re
from collections.abc import Iterable
from typing import Final

from observability.detector.correlate.keys import within
from observability.detector.correlate.units import Unit
from observability.detector.signals import Check, PreflightChecked

# A directory stays unwritable until somebody acts: the check may have run a while before or after.
WINDOW_S: Final = 60.0
_PATH = re.compile(r"/[^\s:,;'\")]+")


def explains(examined: Unit, raised: Iterable[Unit]) -> bool:
    """Return whether a failed check in `examined` is about what an exception in `raised` could not use."""
    checks = [c for s in examined.signals if isinstance(s, PreflightChecked) for c in s.checks if not c.ok]
    return any(
        within(examined.at, unit.at, WINDOW_S, WINDOW_S) and any(_about(check, message) for check in checks)
        for unit in raised
        for traceback in unit.tracebacks
        for message in (exception.message for exception in traceback.exceptions)
    )


def _about(check: Check, message: str) -> bool:
    """The exception names the checked setting, the checked path, or a path below it."""
    if check.name and re.search(rf"\b{re.escape(check.name)}\b", message):
        return True
    looked_at = {path.rstrip("/") for path in _PATH.findall(check.what)} - {""}
    named = _PATH.findall(message)
    return any(path == above or path.startswith(above + "/") for path in named for above in looked_at)
