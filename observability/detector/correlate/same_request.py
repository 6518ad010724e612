"""Whether an error line and an access line can speak of one request: on keep-alive, connection and request line are not enough."""

from typing import Final

from observability.detector.signals import Access, UpstreamError

# c->log->action of nginx before the upstream's header has come (ngx_http_upstream.c): no answer can have gone out by then.
_BEFORE_HEADER: Final = (
    "connecting to upstream",
    "sending request to upstream",
    "reading response header from upstream",
    "SSL handshaking to upstream",
)
_NO_ANSWER: Final = frozenset({"", "-", "502", "504"})
_CLIENT_LEFT: Final = 499


def may_be_one(error: UpstreamError, access: Access) -> bool:
    """Return whether this access line may be what became of the error's request. A line that does not say enough may be."""
    if access.status is None or access.status >= 500 or access.status == _CLIENT_LEFT:
        return True
    tries = [one.strip() for one in (access.upstream_status or "").replace(":", ",").split(",")]
    if access.upstream_status is None:
        tries = []
    if any(one in _NO_ANSWER for one in tries):
        return True  # one try failed, and another one, or a page of nginx's own, answered
    return not (tries and error.phase is not None and error.phase.startswith(_BEFORE_HEADER))
