"""other: what is known, where no rule knows more. Always applies, and never wins against one that does."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import during, told, where
from observability.detector.incidents import Cause

_WORDS = {
    "upstream_closed_early": "nginx had reached the backend, which closed the connection before its answer was complete",
    "upstream_reset": "the backend's connection was reset while nginx was talking to it",
    "upstream_refused": "nobody listens at the upstream's address",
    "no_live_upstreams": "nginx holds all upstreams for dead",
    "upstream_timeout": "nginx waited for the upstream in vain",
}


def other(facts: Facts) -> Cause:
    """Return the least that can be said: the end of the process, the exception, or what nginx saw."""
    for index, ended in facts.exits:
        how = ended.signal or (f"exit code {ended.code}" if ended.code is not None else "no status")
        who = f"{ended.role or 'A process'} {ended.pid or ''}".rstrip()
        return Cause(
            "other", f"{who} ended ({how}) without a reason in view{during(ended, facts)}", 0.3, (index,), _STEPS
        )
    for raised in facts.raised:
        if raised.type:
            return Cause("other", f"{told(raised)}{where(raised)}", 0.25, (raised.index,), _STEPS)
    for index, error in facts.errors:
        return Cause("other", f"{_WORDS.get(error.kind, error.kind)}; cause not known yet", 0.2, (index,), _STEPS)
    for index, access in facts.accesses:
        what = f"{access.status} without the line that says why; cause not known yet"
        return Cause("other", f"nginx answered {what}", 0.15, (index,), _STEPS)
    return Cause("other", "Cause not known yet", 0.1, (), _STEPS)


_STEPS = (
    "tail -n 100 ${LOGS_DIR:-var/logs}/backend.log | grep -E 'error|process\\.|Traceback'",
    "barwatch explain ${LOGS_DIR:-var/logs}/error.log ${LOGS_DIR:-var/logs}/access.log ${LOGS_DIR:-var/logs}/backend.log",
    "barwatch check",
)
