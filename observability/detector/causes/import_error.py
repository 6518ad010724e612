"""import_error: a module or a shared library does not load."""

import re

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import sign, step_of, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    sign(0.96, "ImportError ModuleNotFoundError ZipImportError"),
    sign(0.95, message=r"cannot open shared object file|DLL load failed|image not found|undefined symbol:|libGL\.so"),
    sign(
        0.94,
        message=r"no module named|cannot import name|could not import (?:module|python module|settings)|error (?:importing"
        r"|loading) \S+ module|error importing module",
    ),
    sign(
        0.93,
        "DistributionNotFound PackageNotFoundError VersionConflict AppImportError",
        never=r"failed to find attribute",
    ),
    sign(
        0.88,
        message=r"version [`'\"]GLIBC\w*_[\d.]+['\"] not found|requires .{1,40} to be installed"
        r"|requires the \S+ (?:package|module|library)"
        r"|is not installed\. (?:please )?(?:run|install|pip)",
    ),
)
_MODULE = re.compile(r"(?:No module named|module) ['\"]?([\w.]+)")


def import_error(facts: Facts) -> Cause | None:
    """Return the cause, or None. Also where another exception wraps the import error."""
    hit = strongest(facts, _SIGNS)
    if hit is None:
        return _by_check(facts)
    found = _MODULE.search(hit.raised.message)
    module = found[1].partition(".")[0] if found else None
    tries = (f"python -c 'import {module}'", f"pip show {module}") if module else ("pip check",)
    return Cause(
        code="import_error",
        summary=f"{told(hit.raised)}{where(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=(*tries, "pip install -r requirements.lock  # or roll back to the release before", "barwatch check"),
    )


def _by_check(facts: Facts) -> Cause | None:
    for index, check in facts.checks_for("import_error"):
        return Cause("import_error", f"{check.what}: {check.found}", 0.92, (index,), (step_of(check), "barwatch check"))
    return None
