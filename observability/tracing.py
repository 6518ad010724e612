"""OpenTelemetry for one process: a provider that always makes ids, and sends spans only where an endpoint is set."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import sentry_sdk
import structlog
from aiohttp.typedefs import Middleware
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.instrumentation.aiohttp_server import AioHttpServerInstrumentor, create_aiohttp_middleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from observability import events
from observability.config import ObservabilitySettings, choose_stable_http_attributes
from observability.ids import JobId, RequestId

_W3C = TraceContextTextMapPropagator()


def tracer_provider(settings: ObservabilitySettings, *processors: SpanProcessor) -> TracerProvider:
    """Return the provider. With an endpoint, a thread sends spans in batches; a dead collector costs dropped spans, nothing else.

    Call its `shutdown()` at the end; it waits for the last batch.
    """
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)),
        resource=Resource.create(
            {
                "service.name": settings.service,
                "service.version": settings.version,
                "service.instance.id": settings.instance,
                "deployment.environment.name": settings.environment,
            }
        ),
        shutdown_on_exit=False,  # at exit it may wait for a dead collector; the wiring shuts it down with a limit
    )
    for processor in processors:
        provider.add_span_processor(processor)
    if settings.otlp_endpoint:
        provider.add_span_processor(_exporting(settings.otlp_endpoint))
    return provider


def _exporting(endpoint: str) -> BatchSpanProcessor:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # needs protobuf: only if used

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=2))


def server_span_middleware(provider: TracerProvider) -> Middleware:
    """Return the contrib package's aiohttp middleware: the server span of each request, child of its `traceparent`.

    `instrument()` also replaces `web.Application`, which would add the middleware to every application of the process;
    it is taken back at once. What stays is the module state that the middleware needs.
    """
    choose_stable_http_attributes(os.environ)
    instrumentor = AioHttpServerInstrumentor()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # theirs, about the subclass that we take back
        instrumentor.instrument(tracer_provider=provider)
    instrumentor.uninstrument()
    middleware: Middleware = create_aiohttp_middleware(tracer_provider=provider)
    return middleware


def traceparent() -> str | None:
    """Return the W3C header value of the current span, to be stored with a job; None outside of any span."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def continued(
    *,
    traceparent: str | None,
    request_id: RequestId | None = None,
    job_id: JobId | None = None,
    route: str | None = None,
) -> Iterator[None]:
    """Go on with the trace and the ids that a job was accepted with: its stages then join the upload that caused them."""
    known = {events.REQUEST_ID: request_id, events.JOB_ID: job_id, events.ROUTE: route}
    parent = _W3C.extract({"traceparent": traceparent} if traceparent else {}, otel_context.get_current())
    token = otel_context.attach(parent)
    try:
        bound = structlog.contextvars.bound_contextvars(**{key: value for key, value in known.items() if value})
        with bound, sentry_sdk.isolation_scope():  # breadcrumbs of one job are not another's
            yield
    finally:
        otel_context.detach(token)


def current_trace_id() -> str | None:
    """Return the trace id as 32 hex digits, or None outside of any span."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def exemplar() -> dict[str, str] | None:
    """Return what leads from a metric to the current trace; None where that is not kept."""
    context = trace.get_current_span().get_span_context()
    return {events.TRACE_ID: f"{context.trace_id:032x}"} if context.trace_flags.sampled else None
