"""A stand-in for what takes spans over OTLP/HTTP: it reads the protobuf, refuses what is none, and keeps the spans."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True, slots=True)
class Span:
    """One span, ids in hex."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    service: str
    attributes: dict[str, Any]
    failed: bool


@asynccontextmanager
async def otlp(spans: list[Span]) -> AsyncIterator[str]:
    """Run it; yields the endpoint as OTEL_EXPORTER_OTLP_ENDPOINT wants it."""

    async def take(request: web.Request) -> web.Response:
        assert request.content_type == "application/x-protobuf"
        try:
            asked = ExportTraceServiceRequest.FromString(await request.read())
        except DecodeError:
            return web.Response(status=400)
        spans.extend(_spans(asked))
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _spans(asked: ExportTraceServiceRequest) -> list[Span]:
    return [
        Span(
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            span.name,
            _attributes(of.resource.attributes).get("service.name", ""),
            _attributes(span.attributes),
            failed=span.status.code == 2,
        )
        for of in asked.resource_spans
        for scope in of.scope_spans
        for span in scope.spans
    ]


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
