"""Preflight evidence of an incident → what was seen when somebody looked around: all that failed, and what is worth knowing."""

from collections.abc import Iterator
from typing import Any, Final

from observability.detector.incidents import Incident

# What a person on call looks at first, failed or not: is there room, does the database answer, what was started when.
_WORTH: Final = ("memory", "recent starts", "DATABASE_URL")


def looked(incident: Incident) -> tuple[str, ...]:
    """Return lines with ✅ or ❌, of the look that was nearest to a death, or none."""
    ran = [evidence.fields for evidence in incident.evidence if evidence.kind == "preflight"]
    if not ran:
        return ()
    return tuple(_lines(next((said for said in ran if said.get("when") == "death"), ran[0])))


def _lines(said: dict[str, Any]) -> Iterator[str]:
    checks = said.get("checks") or []
    quiet = 0
    for check in checks:
        if not check["ok"]:
            yield f"❌ {check['what']}: {check['found']}. {check['remedy']}"
        elif worth_telling(check["name"]):
            yield f"✅ {check['what']}: {check['found']}"
        else:
            quiet += 1
    if quiet:
        yield f"✅ {quiet} other checks passed"


def worth_telling(name: str) -> bool:
    """Return whether a check is shown although it passed."""
    return name in _WORTH or name.startswith("room in ")
