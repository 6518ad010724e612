"""Ids exist always, spans leave only where somebody takes them, and a job goes on with the trace of its upload."""

import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from observability.config import load_observability
from observability.ids import JobId, RequestId
from observability.tracing import continued, current_trace_id, traceparent, tracer_provider

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_without_an_endpoint_there_are_ids_all_the_same() -> None:
    provider = tracer_provider(load_observability({}))
    with provider.get_tracer("t").start_as_current_span("work"):
        assert current_trace_id() is not None
        assert traceparent() is not None
    assert (current_trace_id(), traceparent()) == (None, None)


def test_spans_say_who_made_them() -> None:
    spans = InMemorySpanExporter()
    environ = {"SERVICE_NAME": "labels", "SERVICE_VERSION": "2.1", "INSTANCE": "a-1"}
    provider = tracer_provider(load_observability(environ), SimpleSpanProcessor(spans))
    provider.get_tracer("t").start_span("work").end()
    resource = spans.get_finished_spans()[0].resource.attributes
    assert (resource["service.name"], resource["service.version"], resource["service.instance.id"]) == (
        "labels",
        "2.1",
        "a-1",
    )


def test_a_share_of_new_traces_is_kept_but_a_caller_decides_for_its_own() -> None:
    spans = InMemorySpanExporter()
    provider = tracer_provider(load_observability({"TRACE_SAMPLE_RATIO": "0"}), SimpleSpanProcessor(spans))
    tracer = provider.get_tracer("t")
    tracer.start_span("new").end()
    with continued(traceparent=PARENT):
        tracer.start_span("called").end()
    assert [span.name for span in spans.get_finished_spans()] == ["called"]


def test_a_dead_collector_blocks_nobody() -> None:
    provider = tracer_provider(load_observability({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}))
    for _ in range(10):
        provider.get_tracer("t").start_span("work").end()  # would wait for the refused connection if it sent by itself


def test_a_job_goes_on_with_the_ids_of_its_upload() -> None:
    with continued(traceparent=PARENT, request_id=RequestId("r1"), job_id=JobId("j1"), route="POST /upload"):
        assert structlog.contextvars.get_contextvars() == {"request_id": "r1", "job_id": "j1", "route": "POST /upload"}
        assert current_trace_id() == PARENT.split("-")[1]
        assert traceparent() == PARENT
    assert structlog.contextvars.get_contextvars() == {}
    assert not trace.get_current_span().get_span_context().is_valid


def test_a_job_without_a_trace_starts_its_own() -> None:
    with continued(traceparent=None, job_id=JobId("j1")):
        assert current_trace_id() is None
