"""missing_env: a variable that the process needs is not set."""

import re

from observability.detector.causes.facts import Facts, Raised
from observability.detector.causes.signs import sign, step_of, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    # os.environ[...] ends in os.py __getitem__; the top frames may be cut, the source line may be missing
    sign(0.96, "KeyError", source=r"(?:^|/|\\)os\.py$|os\.environ|environ\["),
    sign(0.96, "KeyError", module=r"/os\.py\b"),
    sign(0.82, "KeyError", message=r"^'[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+'$"),
    # pydantic-settings; a model of request data is not called Settings
    sign(
        0.95,
        "ValidationError",
        detail=r"^[^\n]*for \w*(?:Settings|Config|Env)\b.*(?:field required|missing\b|NoneType|none is not an allowed)",
    ),
    sign(0.95, "UndefinedValueError", message=r"declare it as envvar"),
    sign(0.95, "EnvError EnvKeyError EnvironmentVariableMissing MissingEnvironmentVariable"),
    sign(
        0.93,
        message=r"environment variables?\b.{0,80}\b(?:not set|missing|required|must be set|is unset|undefined|not defined"
        r"|not found|not provided|are not set|empty)",
    ),
    sign(
        0.93,
        message=r"(?:\bset the|define the|setting the|missing|required|undefined|unset|no)\b.{0,60}\benvironment variables?\b",
        never=r"invalid value",
    ),
    sign(
        0.92,
        message=r"(?:not set|missing|required|must be set|not found|undefined)\b.{0,30}\bin (?:the )?(?:environment"
        r"|\.env\b)",
    ),
    sign(0.92, "ImproperlyConfigured", message=r"must not be empty|is required|not set"),
    sign(
        0.90,
        message=r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b.{0,20} (?:is |are )?(?:not set|unset|missing|required|must be set"
        r"|not configured|unbound)",
    ),
    sign(0.90, message=r": unbound variable$|: parameter null or not set"),
    sign(
        0.86,
        message=r"missing key inputs|api[ _-]?key\b.{0,60}(?:must be set|not set|missing|required|not (?:been )?(?:given"
        r"|provided|found))|(?:missing|no) api[ _-]?key",
    ),
)
_NAME = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{3,}[A-Z0-9]*)\b")


def missing_env(facts: Facts) -> Cause | None:
    """Return the cause, or None: does not apply. Surest when a preflight check found the variable unset."""
    for index, check in facts.checks_for("missing_env"):
        return Cause("missing_env", f"{check.name} is not set", 0.97, (index,), (step_of(check), "barwatch check"))
    hit = strongest(facts, _SIGNS)
    if hit is None:
        return None
    name = _variable(hit.raised)
    return Cause(
        code="missing_env",
        summary=f"{name or 'A required variable'} is not set{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=(
            f"printenv {name or ''}".rstrip(),
            f"export {name or 'NAME'}=…  # then restart the backend",
            "barwatch check",
        ),
    )


def _variable(raised: Raised) -> str | None:
    found = _NAME.search(raised.message)
    return found[1] if found else None
