"""sentry-sdk: unexpected exceptions to a Sentry-compatible server, grouped by our own fingerprint, without bodies or persons."""

from collections.abc import Mapping
from typing import Any, Final, cast

import sentry_sdk
from opentelemetry import trace
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint
from structlog.contextvars import get_contextvars

from observability import events
from observability.config import ObservabilitySettings
from observability.failures import fingerprint_of

_SENT: Final = "_observability_sentry_event_id"  # kept on the exception: stage and middleware log the same one
_REQUEST_PARTS: Final = frozenset({"method", "url"})


def init_sentry(settings: ObservabilitySettings, *, transport: type[Transport] | Transport | None = None) -> None:
    """Start the SDK where a DSN is set. Sending happens in its own thread; a dead server costs events, nothing else."""
    if not settings.sentry_dsn:
        return
    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        release=f"{settings.service}@{settings.version}",
        environment=settings.environment,
        server_name=settings.instance,
        before_send=_before_send,
        transport=transport,
        max_request_body_size="never",
        include_local_variables=False,  # locals of a reader are a stranger's cells
        default_integrations=False,  # no logging integration: it would send each logged exception a second time
        integrations=[AtexitIntegration(callback=lambda _pending, _timeout: None), DedupeIntegration()],
        shutdown_timeout=1,
    )


def report(error: BaseException) -> str | None:
    """Send an exception once, however often it is logged. Returns its event id; None without a DSN, or where it was dropped."""
    sent = getattr(error, _SENT, None)
    if isinstance(sent, str):
        return sent
    if not sentry_sdk.is_initialized():
        return None
    event_id = sentry_sdk.capture_exception(error)
    if event_id is not None and hasattr(error, "__dict__"):
        setattr(error, _SENT, event_id)
    return event_id


def breadcrumb(message: str, data: Mapping[str, object]) -> None:
    """Note what happened before: shown beside a later exception of the same request."""
    sentry_sdk.add_breadcrumb(category="stage", message=message, data=dict(data))


def _join_keys() -> dict[str, str]:
    """Return the ids that lead from the issue to logs and trace."""
    known = get_contextvars()
    wanted: tuple[str, ...] = (events.REQUEST_ID, events.JOB_ID, events.STAGE, events.ROUTE)
    keys = {key: str(known[key]) for key in wanted if key in known}
    context = trace.get_current_span().get_span_context()
    return {**keys, str(events.TRACE_ID): f"{context.trace_id:032x}"} if context.is_valid else keys


def _before_send(event: Event, hint: Hint) -> Event:
    """Group by our fingerprint, so that our incident and its issue are one to one; leave persons and bodies out."""
    exc_info = hint.get("exc_info")
    error = exc_info[1] if exc_info is not None else None
    if error is not None and (fingerprint := fingerprint_of(error)) is not None:
        event["fingerprint"] = [fingerprint]
    event["tags"] = {**dict(event.get("tags") or {}), **_join_keys()}
    event.pop("user", None)
    if "request" in event:
        request = cast(dict[str, Any], event["request"])
        event["request"] = {key: value for key, value in request.items() if key in _REQUEST_PARTS}
    return event
