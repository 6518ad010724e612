"""asyncio_cancel: a task was cancelled: a shutdown, or a client that went away."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import sign, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    sign(0.76, "CancelledError Cancelled GeneratorExit ClientDisconnect"),
    sign(0.72, message=r"task was destroyed but it is pending|task was cancelled"),
)


def asyncio_cancel(facts: Facts) -> Cause | None:
    """Return the cause, or None. One that became a TimeoutError is dependency_timeout, which then knows it better."""
    hit = strongest(facts, _SIGNS)
    if hit is None:
        return None
    return Cause(
        code="asyncio_cancel",
        summary=f"A task was cancelled{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=(
            "grep -hE 'process.stopping|client.*(closed|prematurely)' ${LOGS_DIR:-var/logs}/*.log | tail -5  # a stop, or a "
            "client that left?",
        ),
    )
