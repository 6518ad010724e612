"""HTTP of the detector: incidents as JSON behind the token, health and metrics in the open; pages are in web/."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry

from observability import events
from observability.detector.access import Access
from observability.detector.durations import duration_of
from observability.detector.incidents import Attempt
from observability.detector.life import Action, Wish
from observability.detector.lifecycle import WishRefused
from observability.detector.measures import Measures
from observability.detector.proxied import TrustedProxy
from observability.detector.sources import Clock
from observability.detector.store import Filters, Store, StoreUnavailable
from observability.metrics import metrics_handler
from observability.problems import problem_of

# Does what a person asked for; the stored document afterwards, or None: there is no such incident. Raises WishRefused.
Act = Callable[[str, Wish], Awaitable[dict[str, Any] | None]]
Present = Callable[[dict[str, Any], Sequence[Attempt]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handlers work with."""

    store: Store
    access: Access
    act: Act
    present: Present
    measures: Measures
    registry: CollectorRegistry
    alive: Callable[[], bool]  # whether the pipeline still turns
    clock: Clock
    silences: Callable[[], Mapping[str, Any]]  # the silences file, as it stands
    proxy: TrustedProxy | None = None  # who may say who somebody is; None: the token alone


PARTS = web.AppKey("parts", Parts)
_SHOWN_OPEN: Final = 50  # a dashboard's table; more are a storm, and the list of incidents has them
_ACTIONS: Final[Mapping[str, Action]] = {
    "acknowledge": "acknowledge",
    "resolve": "resolve",
    "notes": "note",
    "silence": "silence",
}


def build_api(parts: Parts) -> web.Application:
    """Return the application without pages."""
    app = web.Application(middlewares=[_answer_errors, _ask_for_token], client_max_size=64 * 1024)
    app[PARTS] = parts
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", _metrics)
    app.router.add_get("/api/incidents", _list)
    app.router.add_get("/api/incidents/silences", _silences)
    app.router.add_get("/api/incidents/{id}", _one)
    app.router.add_post("/api/incidents/{id}/{action:acknowledge|resolve|notes|silence}", _act)
    return app


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give every error as a problem document, under the proxy's request id."""
    request_id = request.headers.get(events.REQUEST_ID_HEADER)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return problem_of(error, method=request.method, request_id=request_id)
    except StoreUnavailable:
        return problem_of(web.HTTPServiceUnavailable(), method=request.method, request_id=request_id)


@web.middleware
async def _ask_for_token(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only the token's bearer to the API. Pages have their own sign-in; the cookie opens nothing here that changes."""
    if not request.path.startswith("/api/"):
        return await handler(request)
    if not request.app[PARTS].access.is_bearer(request.headers.get("Authorization")):
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Bearer realm="incidents"'})
    return await handler(request)


async def _healthz(_: web.Request) -> web.Response:
    return _json({"status": "ok"})


async def _readyz(request: web.Request) -> web.Response:
    """Ready: the store answers and the pipeline turns."""
    parts = request.app[PARTS]
    try:
        await parts.store.outbox_size()
        store = "ok"
    except StoreUnavailable as error:
        store = str(error)
    checks = {"store": store, "pipeline": "ok" if parts.alive() else "stands still"}
    ready = all(found == "ok" for found in checks.values())
    return _json({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)


async def _metrics(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    parts.measures.waiting(await parts.store.outbox_size())
    parts.measures.silencing(parts.silences())
    pages = [await parts.store.list_incidents(Filters(state=state), _SHOWN_OPEN) for state in ("open", "acknowledged")]
    shown = (document for page in pages for document in page.documents)
    parts.measures.not_resolved(document for document in shown if not document["life"]["silenced"])
    return await metrics_handler(parts.registry)(request)


async def _list(request: web.Request) -> web.Response:
    page, presented = await listed(request, filters_of(request.query))
    return _json({"incidents": presented, "next_cursor": page})


def filters_of(query: Mapping[str, str]) -> Filters:
    """Return what a query asks for."""
    return Filters(
        state=query.get("state") or None,
        severity=query.get("severity") or None,
        cause=query.get("cause") or None,
        route=query.get("route") or None,
        fingerprint=query.get("fingerprint") or None,
        request_id=query.get("request_id") or None,
        trace_id=query.get("trace_id") or None,
        text=query.get("text") or None,
        synthetic=query.get("synthetic") == "true",
    )


async def listed(request: web.Request, filters: Filters, *, limit: int = 50) -> tuple[str | None, list[dict[str, Any]]]:
    """Return the next page's cursor and the incidents of this one."""
    parts, query = request.app[PARTS], request.query
    given = query.get("limit", str(limit))
    if not (given.isascii() and given.isdigit() and 0 < int(given) <= 200):
        raise web.HTTPBadRequest(reason="limit is a number from 1 to 200")
    try:
        page = await parts.store.list_incidents(filters, int(given), query.get("cursor"))
    except ValueError:
        raise web.HTTPBadRequest(reason="cursor is not one that this list gave") from None
    attempts = await parts.store.attempts(document["id"] for document in page.documents)
    return page.next_cursor, [parts.present(document, attempts[document["id"]]) for document in page.documents]


async def _one(request: web.Request) -> web.Response:
    return _json(await shown(request, await request.app[PARTS].store.incident(request.match_info["id"])))


async def _silences(request: web.Request) -> web.Response:
    return _json(request.app[PARTS].silences())


async def _act(request: web.Request) -> web.Response:
    return _json(await acted(request, await _body(request)))


async def _body(request: web.Request) -> Mapping[str, object]:
    """Return the JSON object that was sent; nothing at all asks for what is usual. Raises 400."""
    try:
        given = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise web.HTTPBadRequest(reason='The body is a JSON object such as {"for": "2h", "by": "Ann", "note": "on it"}')
    return given


async def acted(request: web.Request, given: Mapping[str, object]) -> dict[str, Any]:
    """Do what the path asks for, as the fields of a body or form say, and return the incident afterwards. Raises 400, 404."""
    wish = _wish_of(_ACTIONS[request.match_info["action"]], given)
    try:
        return await shown(request, await request.app[PARTS].act(request.match_info["id"], wish))
    except WishRefused as refused:
        raise web.HTTPBadRequest(reason=str(refused)) from None


def _wish_of(action: Action, given: Mapping[str, object]) -> Wish:
    texts = {name: given.get(name) or "" for name in ("for", "by", "note")}
    wrong = [name for name, text in texts.items() if not isinstance(text, str)]
    if wrong:
        raise web.HTTPBadRequest(reason=f"{wrong[0]} is a text")
    lasts = duration_of(str(texts["for"]))
    if texts["for"] and lasts is None:
        raise web.HTTPBadRequest(reason="for is a duration such as 30m, 2h or 1d")
    return Wish(action, str(texts["by"]), str(texts["note"]), lasts)


async def shown(request: web.Request, document: dict[str, Any] | None) -> dict[str, Any]:
    """Return the incident as people see it. Raises 404 for None."""
    if document is None:
        raise web.HTTPNotFound(reason="No such incident")
    parts = request.app[PARTS]
    told = [document["id"], *([storm] if (storm := document["life"]["storm"]) else [])]
    attempts = await parts.store.attempts(told)
    return parts.present(document, [attempt for one in told for attempt in attempts[one]])


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(
        body=orjson.dumps(body), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
