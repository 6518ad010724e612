"""disk_full: no space or quota left where the process writes."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.permission_denied import quoted
from observability.detector.causes.signs import sign, step_of, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    sign(0.96, errnos=(28, 122), message=r"space|quota|Errno"),  # ENOSPC, EDQUOT
    sign(
        0.96,
        message=r"no space left on device|disk quota exceeded|database or disk is full|not enough space on the disk",
    ),
    sign(0.94, "DiskFull DiskFullError", message=r""),
    sign(
        0.92,
        message=r"could not (?:extend|write) (?:to )?file.*(?:space|quota)|the table '[^']*' is full|disk (?:is )?full"
        r"|\[WinError 112\]",
    ),
    sign(0.95, message=r"MISCONF .*(?:snapshot|persist).*disk|flood[- ]stage watermark|disk usage exceeded"),
)
_ENOSPC = 28


def disk_full(facts: Facts) -> Cause | None:
    """Return the cause, or None. nginx's own "no space left" counts: it buffers uploads on disk."""
    hit = strongest(facts, _SIGNS)
    check = next(iter(facts.checks_for("disk_full")), None)
    if hit is None:
        return _other_witness(facts)
    target = quoted(hit.raised.path) if hit.raised.path else "."
    return Cause(
        code="disk_full",
        summary=f"No space left{where(hit.raised)}: {told(hit.raised)}",
        confidence=0.98 if check else hit.confidence,
        because=(hit.raised.index, check[0]) if check else (hit.raised.index,),
        next_steps=(
            f"df -h {target}; df -i {target}",
            f"du -xh --max-depth=2 {target} | sort -h | tail -20",
            "barwatch check",
        ),
    )


def _other_witness(facts: Facts) -> Cause | None:
    steps = ("df -h; df -i", "barwatch check")
    for index, error in facts.errors:
        if error.errno == _ENOSPC:
            return Cause("disk_full", "nginx found no space left on its disk", 0.92, (index,), steps)
    for index, check in facts.checks_for("disk_full"):
        return Cause("disk_full", f"{check.what}: {check.found}", 0.9, (index,), (step_of(check), *steps))
    return None
