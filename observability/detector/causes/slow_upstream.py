"""slow_upstream: the backend lives, but nginx waited for it in vain."""

from observability.detector.causes.facts import Facts
from observability.detector.incidents import Cause

_GATEWAY_TIMEOUT = 504


def slow_upstream(facts: Facts) -> Cause | None:
    """Return the cause, or None. A connect() that timed out is no slow answer: nobody took the connection."""
    waits = [(i, e) for i, e in facts.errors if e.kind == "upstream_timeout" and "connecting" not in (e.phase or "")]
    late = [(i, a) for i, a in facts.accesses if a.status == _GATEWAY_TIMEOUT]
    if not waits:
        return None
    index, error = waits[0]
    waited = next((a.request_time for _, a in late if a.request_time), None)
    path = (error.path or "").partition("?")[0].replace("'", "")
    after = f" after {waited:.1f} s" if waited else ""
    return Cause(
        code="slow_upstream",
        summary=f"The backend did not answer in time{after} while nginx was {error.phase or 'waiting for it'}",
        confidence=0.88 if late else 0.75,
        because=(index, *(i for i, _ in late[:1])),
        next_steps=(
            f"grep -h stage.started ${{LOGS_DIR:-var/logs}}/backend.log | grep -F '{path}' | tail -5",
            "py-spy dump --pid $(pgrep -f 'barwatch backend' | head -1)",
            "grep -rn proxy_read_timeout /etc/nginx/",
        ),
    )
