"""dependency_timeout: a service that the backend asked did not answer in time."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import sign, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    sign(
        0.88,
        "ReadTimeout ConnectTimeout ReadTimeoutError ConnectTimeoutError PoolTimeout WriteTimeout "
        "ServerTimeoutError SocketTimeoutError ConnectionTimeoutError APITimeoutError RequestTimeout "
        "GatewayTimeout HTTPReadTimeout APITimeout TimeoutException",
    ),
    sign(0.87, "TimeoutError timeout Timeout TimedOut TimeoutExpired SoftTimeLimitExceeded", never=r"queuepool limit"),
    sign(
        0.86,
        message=r"read timed out|connection timed out|timed out \(|deadline exceeded|DEADLINE_EXCEEDED|request timed out"
        r"|timeout=\d+|connect timeout|operation timed out|handshake timed out",
    ),
    sign(0.84, errnos=(110, 60, 10060), message=r"time"),  # ETIMEDOUT on Linux, macOS, Windows
    sign(0.80, message=r"\btimed? ?out\b", never=r"worker timeout"),
)


def dependency_timeout(facts: Facts) -> Cause | None:
    """Return the cause, or None. A database that times out is db_connection; nginx waiting for us is slow_upstream."""
    hit = strongest(facts, _SIGNS)
    if hit is None:
        return None
    return Cause(
        code="dependency_timeout",
        summary=f"A service did not answer in time{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=(
            "curl -sS -m 5 -o /dev/null -w '%{time_connect} %{time_starttransfer} %{http_code}\\n' URL  # of the "
            "service in the message",
        ),
    )
