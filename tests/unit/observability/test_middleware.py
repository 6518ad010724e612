"""Every request gets an id, a trace, an access event, metrics, and where it fails a problem document."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientPayloadError, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from observability.logs import get_logger
from observability.metrics import metrics_handler
from observability.middleware import accepted_request_id, observe, request_id_of
from observability.problems import problem
from tests.unit.observability.conftest import Lines

Client = TestClient[web.Request, web.Application]
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


async def answer(request: web.Request) -> web.Response:
    get_logger().info("x.inside")
    return web.json_response({"request_id": request_id_of(request)})


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def fail(_: web.Request) -> web.Response:
    raise PermissionError(13, "Permission denied", "/srv/downloads")


async def await_cancelled(_: web.Request) -> web.Response:
    task = asyncio.create_task(asyncio.sleep(9))
    task.cancel()
    await task
    raise AssertionError("not reached")


async def redirect(_: web.Request) -> web.Response:
    raise web.HTTPFound("/there")


async def own_problem(_: web.Request) -> web.Response:
    mine = problem(409, code="not_ready", title="Not ready", detail="Ask again later.", request_id=None)
    raise web.HTTPConflict(body=mine.body, content_type="application/problem+json")


async def break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    raise ValueError("the other half")


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write_eof(b"data")
    return response


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def client(lines: Lines, registry: CollectorRegistry, spans: InMemorySpanExporter) -> AsyncIterator[Client]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    app = web.Application(client_max_size=1000)
    observe(app, registry=registry, provider=provider)
    app.router.add_get("/jobs/{id}", answer)
    app.router.add_post("/upload", echo)
    app.router.add_get("/healthz", answer)
    app.router.add_get("/metrics", metrics_handler(registry))
    for handler in (fail, await_cancelled, redirect, own_problem, break_off, stream):
        app.router.add_get(f"/{handler.__name__}", handler)
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def test_ids_of_the_proxy_stand_on_answer_line_and_span(
    client: Client, lines: Lines, spans: InMemorySpanExporter
) -> None:
    response = await client.get("/jobs/7", headers={"X-Request-ID": "r-1", **PARENT})
    assert (await response.json())["request_id"] == response.headers["X-Request-ID"] == "r-1"
    assert response.headers["traceparent"].split("-")[1] == TRACE
    assert {(line["request_id"], line["trace_id"], line["route"]) for line in lines()} == {
        ("r-1", TRACE, "GET /jobs/{id}")
    }
    (span,) = spans.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACE
    attributes = dict(span.attributes or {})
    assert attributes["request_id"] == "r-1"
    assert attributes["http.route"] == "/jobs/{id}"
    assert attributes["http.response.status_code"] == 200


async def test_without_a_proxy_both_are_made_here(client: Client) -> None:
    response = await client.get("/jobs/7")
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", response.headers["traceparent"])


async def test_a_streamed_answer_has_both_in_its_head(client: Client) -> None:
    response = await client.get("/stream", headers={"X-Request-ID": "r-1", **PARENT})
    assert response.headers["X-Request-ID"] == "r-1"
    assert TRACE in response.headers["traceparent"]


IDS: dict[str, tuple[str | None, bool]] = {
    "nginx's": ("4b1d2f6c0a9e4f7d8c3b5a6978e0d1c2", True),
    "a uuid": ("6f1c1c1e-7b0e-4f6e-9c57-0d3a2b1c4d5e", True),
    "absent": (None, False),
    "empty": ("", False),
    "too long": ("a" * 65, False),
    "with a blank": ("a b", False),
    "with a quote, to break out of a log line": ('a","event":"forged', False),
    "not ASCII": ("é", False),
    "ends in a line feed": ("abc\n", False),
}


@pytest.mark.parametrize(("given_id", "kept"), IDS.values(), ids=IDS)
def test_a_request_id_is_kept_where_it_is_a_plain_token(given_id: str | None, kept: bool) -> None:
    assert (accepted_request_id(given_id) == given_id) == kept


@given(st.text(st.characters()))
def test_any_request_id_becomes_a_plain_token(given_id: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", accepted_request_id(given_id))


PROBLEMS: dict[str, tuple[str, str, bytes, int, dict[str, Any]]] = {
    "no such address": ("GET", "/nope", b"", 404, {"code": "not_found", "title": "Not Found"}),
    "no such method": ("PUT", "/upload", b"", 405, {"code": "method_not_allowed", "allowed": ["POST"]}),
    "a body over the limit": ("POST", "/upload", b"x" * 2000, 413, {"code": "payload_too_large", "limit": 1000}),
    "an exception that nobody expected": ("GET", "/fail", b"", 500, {"code": "internal_error"}),
    "a problem that the handler wrote": (
        "GET",
        "/own_problem",
        b"",
        409,
        {"code": "not_ready", "detail": "Ask again later."},
    ),
}


@pytest.mark.parametrize(("method", "path", "body", "status", "members"), PROBLEMS.values(), ids=PROBLEMS)
async def test_every_error_is_a_problem_document(
    client: Client, method: str, path: str, body: bytes, status: int, members: dict[str, Any]
) -> None:
    response = await client.request(method, path, data=body or None, headers={"X-Request-ID": "r-1"})
    assert (response.status, response.content_type) == (status, "application/problem+json")
    document = await response.json()
    assert document["status"] == status
    assert document.items() >= members.items()
    assert response.headers["X-Request-ID"] == "r-1"
    if path != "/own_problem":
        assert document["request_id"] == "r-1"


async def test_405_keeps_the_header_that_the_standard_asks_for(client: Client) -> None:
    assert (await client.put("/upload")).headers["Allow"] == "POST"


async def test_an_unexpected_exception_is_logged_whole_and_told_to_nobody(
    client: Client, lines: Lines, spans: InMemorySpanExporter
) -> None:
    response = await client.get("/fail")
    assert "downloads" not in await response.text()
    (failed,) = lines()
    assert (
        failed.items()
        >= {"event": "http.request.failed", "level": "error", "status": 500, "route": "GET /fail"}.items()
    )
    assert failed["exception.type"] == "PermissionError"
    assert "/srv/downloads" in failed["exception.message"]
    (span,) = spans.get_finished_spans()
    assert dict(span.attributes or {})["error.type"] == "500"
    assert [event.name for event in span.events] == ["exception"]


async def test_a_cancelled_task_that_a_handler_awaits_is_a_bug_and_not_a_client_that_left(
    client: Client, lines: Lines
) -> None:
    response = await client.get("/await_cancelled")
    assert response.status == 500
    (failed,) = lines()
    assert failed.items() >= {"event": "http.request.failed", "status": 500}.items()
    assert failed["exception.type"] == "asyncio.exceptions.CancelledError"


async def test_an_answer_that_breaks_off_is_seen_by_the_client(client: Client, lines: Lines) -> None:
    response = await client.get("/break_off")
    with pytest.raises(ClientPayloadError):
        await response.read()
    (failed,) = [line for line in lines() if line["event"] == "http.request.failed"]
    assert failed.items() >= {"status": 200, "exception.message": "the other half"}.items()
    assert len([line for line in lines() if line["level"] == "error"]) == 1


async def test_a_client_that_leaves_during_its_upload_is_no_error(
    client: Client, lines: Lines, registry: CollectorRegistry
) -> None:
    _, sending = await asyncio.open_connection(client.host, client.port)
    sending.write(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nhalf")
    await sending.drain()
    await asyncio.sleep(0.02)
    sending.transport.abort()
    for _attempt in range(1000):
        if lines():
            break
        await asyncio.sleep(0.01)
    (line,) = lines()
    assert line.items() >= {"event": "http.request.finished", "level": "info", "status": 499}.items()
    labels = {"method": "POST", "route": "/upload", "status": "499"}
    assert registry.get_sample_value("http_requests_total", labels) == 1


async def test_what_is_not_http_is_no_error_of_ours(client: Client, lines: Lines) -> None:
    reading, sending = await asyncio.open_connection(client.host, client.port)
    sending.write(b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n")
    assert (await reading.read()).startswith(b"HTTP/1.0 400")
    sending.close()
    (line,) = lines()
    assert line.items() >= {"event": "log.recorded", "level": "info"}.items()
    assert "exception.type" not in line


async def test_a_body_that_is_not_what_it_says_is_no_error_of_ours(client: Client, lines: Lines) -> None:
    reading, sending = await asyncio.open_connection(client.host, client.port)
    sending.write(
        b"POST /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Encoding: gzip\r\nContent-Length: 900\r\n\r\n" + b"x" * 900
    )
    await reading.read()
    sending.close()
    assert [line for line in lines() if line["level"] == "error"] == []


@pytest.mark.parametrize("host", ["x:y", "x:99999"])
async def test_a_host_that_is_none_is_refused_and_no_error_of_ours(client: Client, lines: Lines, host: str) -> None:
    response = await client.get("/ok", headers={"Host": host, "X-Request-ID": "r1"})
    assert (response.status, response.headers["X-Request-ID"]) == (400, "r1")
    assert (await response.json()).items() >= {"code": "bad_request", "request_id": "r1"}.items()
    assert [line for line in lines() if line["level"] == "error"] == []


async def test_a_redirect_stays_one(client: Client, lines: Lines) -> None:
    response = await client.get("/redirect", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (302, "/there")
    assert lines()[0]["status"] == 302


async def test_probes_and_scrapes_leave_no_line_while_they_succeed(client: Client, lines: Lines) -> None:
    await client.get("/healthz")
    await client.get("/metrics")
    assert [line["event"] for line in lines()] == ["x.inside"]


async def test_metrics_count_by_template_never_by_path(client: Client, registry: CollectorRegistry) -> None:
    for path in ("/jobs/1", "/jobs/2", "/nope/1", "/nope/2"):
        await client.get(path)
    for route, status in (("/jobs/{id}", "200"), ("unmatched", "404")):
        labels = {"method": "GET", "route": route, "status": status}
        assert registry.get_sample_value("http_requests_total", labels) == 2


async def test_a_route_counts_its_failures_from_zero(client: Client, registry: CollectorRegistry) -> None:
    labels = {"method": "POST", "route": "/upload", "status": "500"}
    assert registry.get_sample_value("http_requests_total", labels) == 0


async def test_a_method_that_somebody_made_up_is_no_metric_label(client: Client, registry: CollectorRegistry) -> None:
    await client.request("PROPFIND", "/jobs/1")
    labels = {"method": "_OTHER", "route": "unmatched", "status": "405"}
    assert registry.get_sample_value("http_requests_total", labels) == 1


async def test_exemplars_are_shown_to_those_who_understand_them(client: Client) -> None:
    await client.get("/jobs/1", headers=PARENT)
    plain = await client.get("/metrics")
    openmetrics = await client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert plain.content_type == "text/plain"
    assert TRACE not in await plain.text()
    assert openmetrics.content_type == "application/openmetrics-text"
    assert f'# {{trace_id="{TRACE}"}}' in await openmetrics.text()


async def test_other_applications_of_the_process_are_left_alone(client: Client) -> None:
    assert type(web.Application()) is web.Application
    assert not list(web.Application().middlewares)
