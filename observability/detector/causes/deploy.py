"""deploy: somebody stopped the backend, or code and schema do not fit together."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import sign, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    sign(
        0.96,
        "UndefinedTable UndefinedColumn UndefinedTableError UndefinedColumnError InconsistentMigrationHistory "
        "NodeNotFoundError",
    ),
    sign(
        0.96,
        message=r"no such (?:table|column)\b|relation \S+ does not exist|column \S+ (?:of relation \S+ )?does not exist"
        r"|table '[^']+' doesn't exist|unknown column '",
    ),
    sign(
        0.94,
        message=r"can't locate revision|unapplied migration|target database is not up to date|has no column named"
        r"|pending migrations?",
    ),
)
_STEPS = ("git log --oneline -5", "alembic current; alembic heads  # is the schema that of the release?")


def deploy(facts: Facts) -> Cause | None:
    """Return the cause, or None. A stop that was asked for explains refused connections, and nothing else does it better."""
    hit = strongest(facts, _SIGNS)
    if hit is not None:
        return Cause(
            "deploy",
            f"Code and schema do not fit{where(hit.raised)}: {told(hit.raised)}",
            hit.confidence,
            (hit.raised.index,),
            _STEPS,
        )
    asked = next(iter(facts.stops), None) or next(((i, e) for i, e in facts.exits if e.expected), None)
    crashed = any(not ended.expected for _, ended in facts.exits)  # killed after a stop is still killed
    if asked is None or crashed or not facts.errors:
        return None
    index, stop = asked
    by = f" by {stop.asked_by}" if stop.asked_by else ""
    return Cause(
        code="deploy",
        summary=f"The backend was asked to stop{by}; nginx found nobody until the new one was up",
        confidence=0.9,
        because=(index, facts.errors[0][0]),
        next_steps=(
            "grep -h 'process\\.' ${LOGS_DIR:-var/logs}/backend.log | tail -10  # has the new process started?",
        ),
    )
