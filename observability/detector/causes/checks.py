"""Which cause a failed preflight check speaks for: by the words of observability/preflight, one cause a check."""

import re
from typing import Final

from observability.detector.incidents import CauseCode
from observability.detector.signals import Check

_FOUND: Final[tuple[tuple[str, CauseCode], ...]] = (
    (r"^(?:is )?(?:not set|unset)\b", "missing_env"),
    (
        r"\bin use\b|\btaken\b|\bheld by\b|\balready\b.*\blistens\b|^not (?:host:port|a database URL)|cannot assign",
        "config_error",
    ),
    (r"ModuleNotFoundError|ImportError|no module named|cannot open shared object", "import_error"),
    (r"^no space|inodes are needed|quota", "disk_full"),
    (r"\bmay not\b|permission denied|read-only|not writable", "permission_denied"),
    (r"does not exist|no such file|not a directory", "path_not_found"),
)


def speaks_for(check: Check) -> CauseCode | None:
    """Return the cause, or None: the check passed, or it says nothing that we know."""
    if check.ok:
        return None
    if "://" in check.what and not re.match(r"not a database URL", check.found):
        return "db_connection"  # even where the server's answer speaks of permissions or of a missing database
    said: CauseCode | None = next((code for words, code in _FOUND if re.search(words, check.found, re.I)), None)
    return said or ("config_error" if check.name == "settings" else None)
