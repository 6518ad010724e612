"""aiohttp: request id, trace, access event, metrics and problem documents for every request of an application.

observe(app, registry=registry, provider=provider)     # before routes are frozen; outermost of all middlewares
"""

import asyncio
import logging
import re
import time
import uuid
from typing import Final

import sentry_sdk
import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry, Counter, Histogram

from observability import events
from observability.ids import RequestId
from observability.logs import get_logger
from observability.problems import CONTENT_TYPE, internal_error, problem_of
from observability.tracing import exemplar, server_span_middleware, traceparent

CLIENT_GONE: Final = 499  # nginx's word for it; never sent
UNMATCHED: Final = "unmatched"
QUIET_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_VALID_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_REQUEST_ID: Final = web.RequestKey("request_id", str)
_TRACEPARENT: Final = web.RequestKey("traceparent", str)
_BEGUN: Final = web.RequestKey("begun", web.StreamResponse)


def observe(app: web.Application, *, registry: CollectorRegistry, provider: TracerProvider) -> None:
    """Add all of it to `app`. What it is added before stands inside: exceptions of other middlewares are answered too."""
    watch = _Watch(registry)
    app.middlewares[:0] = [_refuse_no_host, server_span_middleware(provider), watch.middleware]
    app.on_response_prepare.append(_add_headers)
    app.on_startup.append(watch.know_routes)
    logging.getLogger("aiohttp.server").addFilter(_garbage_is_no_error)


def request_id_of(request: web.Request) -> RequestId:
    """Return the id that stands on every line, span and answer of this request."""
    return RequestId(request[_REQUEST_ID])


def accepted_request_id(given: str | None) -> RequestId:
    """Return the proxy's id where it is a plain token, else a new one: what a client writes there ends in logs."""
    return RequestId(given if given and _VALID_ID.fullmatch(given) else uuid.uuid4().hex)


def route_of(request: web.Request) -> str:
    """Return the template that matched, such as /api/jobs/{id}; `unmatched` where none did."""
    resource = request.match_info.route.resource
    return UNMATCHED if resource is None else resource.canonical


def _garbage_is_no_error(record: logging.LogRecord) -> bool:
    """Let what is not HTTP be a line of level info: aiohttp answers 400 by itself, and a port scan is no crash of ours."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, (HttpProcessingError, web.RequestPayloadError)):
        record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
        record.msg, record.args = "Not HTTP, answered with 400: %s", (type(error).__name__,)
    return True


@web.middleware
async def _refuse_no_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 400 where the Host header is none, such as "x:y": aiohttp raises wherever the URL is asked for, by the span first."""
    try:
        _ = request.url
    except ValueError:
        request[_REQUEST_ID] = accepted_request_id(request.headers.get(events.REQUEST_ID_HEADER))
        return problem_of(web.HTTPBadRequest(), method=request.method, request_id=request_id_of(request))
    return await handler(request)


class _Watch:
    """The middleware and its metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time from the request's head to the end of its handler.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=registry,
        )

    async def know_routes(self, app: web.Application) -> None:
        """Let rate() see a 0 before a route fails for the first time."""
        for route in app.router.routes():
            if route.resource is not None and route.method in _METHODS:
                self._requests.labels(route.method, route.resource.canonical, "500")
                self._durations.labels(route.method, route.resource.canonical)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Run the handler with its ids bound, and answer whatever it raises."""
        request_id = accepted_request_id(request.headers.get(events.REQUEST_ID_HEADER))
        request[_REQUEST_ID] = request_id
        request[_TRACEPARENT] = traceparent() or ""  # the response goes out when the span has ended
        trace.get_current_span().set_attribute(events.REQUEST_ID, request_id)
        bound = structlog.contextvars.bound_contextvars(
            request_id=request_id, route=f"{request.method} {route_of(request)}"
        )
        started = time.perf_counter()
        with sentry_sdk.isolation_scope(), bound:
            try:
                response, failure = await _answer(request, handler)
            except asyncio.CancelledError:
                self._note(request, CLIENT_GONE, time.perf_counter() - started, None)
                raise
            status = CLIENT_GONE if _client_left(failure, request) else response.status
            self._note(request, status, time.perf_counter() - started, failure)
        return response

    def _note(self, request: web.Request, status: int, duration_s: float, failure: BaseException | None) -> None:
        method = request.method if request.method in _METHODS else "_OTHER"
        self._requests.labels(method, route_of(request), str(status)).inc(1, exemplar())
        self._durations.labels(method, route_of(request)).observe(duration_s, exemplar())
        fields = {"method": request.method, "path": request.path, "status": status, "duration_s": round(duration_s, 6)}
        if failure is not None and status != CLIENT_GONE:
            get_logger().error(events.REQUEST_FAILED, exc_info=failure, **fields)
        elif request.path in QUIET_PATHS and status < 400:
            get_logger().debug(events.REQUEST_FINISHED, **fields)
        else:
            get_logger().info(events.REQUEST_FINISHED, **fields)


async def _answer(request: web.Request, handler: Handler) -> tuple[web.StreamResponse, BaseException | None]:
    """Return what to send, and the exception that nobody expected."""
    try:
        return await handler(request), None
    except web.HTTPException as error:
        if error.status < 400 or error.content_type == CONTENT_TYPE:
            return _unraised(error), None
        return problem_of(error, method=request.method, request_id=request_id_of(request)), None
    except (Exception, asyncio.CancelledError) as error:  # the edge: each request is answered, whatever its handler did
        if isinstance(error, asyncio.CancelledError) and _is_cancelled():
            raise
        trace.get_current_span().record_exception(error)  # its status and error.type follow from the 500
        return _cut_off(request) or internal_error(request_id_of(request)), error


def _is_cancelled() -> bool:
    """Tell a request that is being cancelled (the server stops) from one that awaited a cancelled task: that one is a bug."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _unraised(error: web.HTTPException) -> web.Response:
    """Return what was raised as a plain response: aiohttp deprecates returning the exception itself."""
    return web.Response(status=error.status, reason=error.reason, headers=error.headers, body=error.body)


def _cut_off(request: web.Request) -> web.StreamResponse | None:
    """Abort a response whose head is out already: a client must not take a half body for a whole one."""
    begun = request.get(_BEGUN)
    if begun is not None and request.transport is not None:
        request.transport.abort()
    return begun


def _client_left(failure: BaseException | None, request: web.Request) -> bool:
    """Tell a client that went away during its upload, or the download, from a failure of ours."""
    gone = request.transport is None or request.transport.is_closing()
    return gone and isinstance(failure, (ConnectionError, web.RequestPayloadError))


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    request[_BEGUN] = response
    if (request_id := request.get(_REQUEST_ID)) is not None:
        response.headers[events.REQUEST_ID_HEADER] = request_id
    if header := request.get(_TRACEPARENT):
        response.headers["traceparent"] = header
