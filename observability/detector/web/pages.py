"""Handlers of the pages under /incidents. A browser signs in once with the token and gets a cookie; forms carry its key."""

import asyncio
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final, get_args

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from observability.detector.access import COOKIE, SESSION
from observability.detector.api import PARTS, acted, listed, shown
from observability.detector.incidents import CauseCode, IncidentState, Severity
from observability.detector.life import MAX_BY
from observability.detector.runbooks import runbook_text
from observability.detector.store import Filters, incident_of
from observability.detector.web import runbook
from observability.detector.web.view import age, view
from observability.detector.web.words import CAUSES

_HERE: Final = Path(__file__).parent
_SIGN_IN: Final = "/incidents/sign-in"
_STATIC: Final = "/incidents/static/"
_LOCAL: Final = re.compile(r"/incidents(/[A-Za-z0-9._-]+(/runbook|/json|/markdown)?)?|/grafana(/[A-Za-z0-9._-]+)*/?")
# nginx lets people to the stack's dashboards who are signed in here. The cookie of each place is sent there only.
_PLACES: Final = {COOKIE: "/incidents", f"{COOKIE}-dashboards": "/grafana"}
_SIGNED_IN: Final = "/incidents/signed-in"
_LOOK_EVERY_S: Final = 0.3  # how late a page hears of a change, at most
_HEARTBEAT_S: Final = 15.0  # proxies end what is silent
_SIMILAR: Final = 10
_HEADERS: Final = {
    # Everything is ours and nothing of it inline: what a log line says can at worst be read.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGES = web.AppKey("pages", Environment)


def add_pages(app: web.Application) -> None:
    """Add the pages to the API's application."""
    app[_PAGES] = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    app[_PAGES].filters["moment"] = _moment
    app[_PAGES].filters["spans"] = runbook.spans
    app.middlewares.append(_ask_to_sign_in)
    app.router.add_get("/incidents", _list)
    app.router.add_get("/incidents/sign-in", _ask)
    app.router.add_post("/incidents/sign-in", _sign_in)
    app.router.add_get(_SIGNED_IN, _signed_in)
    app.router.add_post("/incidents/sign-out", _sign_out)
    app.router.add_static("/incidents/static", _HERE / "static")
    app.router.add_get("/incidents/events", _events)
    app.router.add_get("/incidents/{id}", _one)
    app.router.add_get("/incidents/{id}/runbook", _runbook)
    app.router.add_get("/incidents/{id}/json", _json)
    app.router.add_get("/incidents/{id}/markdown", _markdown)
    app.router.add_post("/incidents/{id}/{action:acknowledge|resolve|notes|silence}", _act)


@web.middleware
async def _ask_to_sign_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only sessions to the pages. What changes something must come from a form that we made for this session."""
    path = request.path
    ours = path == "/incidents" or path.startswith("/incidents/")
    if not ours or path in (_SIGN_IN, _SIGNED_IN) or (path.startswith(_STATIC) and request.method in ("GET", "HEAD")):
        return await handler(request)
    parts = request.app[PARTS]
    cookie = request.cookies.get(COOKIE, "")
    if not parts.access.is_session(cookie, parts.clock()):
        raise web.HTTPSeeOther(f"/incidents/sign-in?next={path if _LOCAL.fullmatch(path) else '/incidents'}")
    if request.method == "POST":
        key = (await request.post()).get("key", "")
        if not (isinstance(key, str) and parts.access.is_form_key(key, cookie)):
            raise web.HTTPForbidden(reason="The form is not of this session")
    return await handler(request)


async def _list(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    next_cursor, incidents = await listed(request)
    query = {name: request.query.get(name, "") for name in ("state", "severity", "cause", "route", "fingerprint")}
    following = request.rel_url.update_query(cursor=next_cursor) if next_cursor else None
    choices = {"state": get_args(IncidentState), "severity": get_args(Severity), "cause": sorted(get_args(CauseCode))}
    now = parts.clock()
    ages = {incident["id"]: age(incident["last_seen"], now) for incident in incidents}
    return _page(
        request, "list.html", incidents=incidents, query=query, choices=choices, following=following, ages=ages,
        causes=CAUSES, first_page="cursor" not in request.query,
    )  # fmt: skip


async def _one(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    document = await parts.store.incident(request.match_info["id"])
    incident = await shown(request, document)
    same = await parts.store.list_incidents(Filters(fingerprint=incident["fingerprint"], synthetic=True), _SIMILAR)
    similar = [other for other in same.documents if other["id"] != incident["id"]]
    regression = any(o["state"] == "resolved" and o["first_seen"] < incident["first_seen"] for o in similar)
    text = runbook_text(incident["cause"]["runbook"])
    return _page(
        request, "incident.html", incident=incident, view=view(incident, incident_of(document or {})), similar=similar,
        regression=regression, runbook=runbook.blocks(text) if text else (), age=age(incident["last_seen"], parts.clock()),
        causes=CAUSES,
    )  # fmt: skip


async def _runbook(request: web.Request) -> web.Response:
    """The runbook of the incident's cause, on a page of its own."""
    incident = await shown(request, await request.app[PARTS].store.incident(request.match_info["id"]))
    text = runbook_text(incident["cause"]["runbook"])
    if text is None:
        raise web.HTTPNotFound(reason="This cause has no runbook")
    return _page(request, "runbook.html", incident=incident, runbook=runbook.blocks(text))


async def _json(request: web.Request) -> web.Response:
    """The incident as the API gives it, for a browser that has signed in."""
    incident = await shown(request, await request.app[PARTS].store.incident(request.match_info["id"]))
    body = orjson.dumps(incident, option=orjson.OPT_INDENT_2)
    return web.Response(body=body, content_type="application/json", headers=_HEADERS)


async def _markdown(request: web.Request) -> web.Response:
    document = await request.app[PARTS].store.incident(request.match_info["id"])
    incident = await shown(request, document)
    text = view(incident, incident_of(document or {})).markdown
    return web.Response(text=text, content_type="text/plain", headers=_HEADERS)


async def _events(request: web.Request) -> web.StreamResponse:
    """Say `changed` whenever something changed that a page may show. The page then asks for itself again."""
    response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    store, clock = request.app[PARTS].store, asyncio.get_running_loop().time
    seen, spoken = store.version, clock()
    await response.write(b"retry: 2000\nevent: hello\ndata: \n\n")
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(_LOOK_EVERY_S)
        if store.version != seen:
            seen, spoken = store.version, clock()
            await response.write(b"event: changed\ndata: \n\n")
        elif clock() - spoken > _HEARTBEAT_S:
            spoken = clock()
            await response.write(b": still here\n\n")
    return response


async def _act(request: web.Request) -> web.Response:
    form = await request.post()
    who = request.app[PARTS].access.who(request.cookies.get(COOKIE), request.app[PARTS].clock())
    incident = await acted(request, {**form, "by": who or ""})
    raise web.HTTPSeeOther(f"/incidents/{incident['id']}")


async def _ask(request: web.Request) -> web.Response:
    return _page(request, "sign_in.html", target=_target(request.query.get("next", "")), wrong=False)


async def _sign_in(request: web.Request) -> web.Response:
    form = await request.post()
    token, target = form.get("token", ""), _target(str(form.get("next", "")))
    parts = request.app[PARTS]
    if not (isinstance(token, str) and parts.access.is_token(token.strip())):
        return _page(request, "sign_in.html", status=401, target=target, wrong=True)
    answer = web.Response(status=303, headers={"Location": target, **_HEADERS})
    secure = request.headers.get("X-Forwarded-Proto", request.scheme) == "https"
    session = parts.access.new_session(parts.clock(), str(form.get("name", "")).strip()[:MAX_BY])
    for name, place in _PLACES.items():
        answer.set_cookie(
            name, session, max_age=int(SESSION.total_seconds()), path=place,
            httponly=True, samesite="Strict", secure=secure,
        )  # fmt: skip
    return answer


async def _signed_in(request: web.Request) -> web.Response:
    """Answer nginx, which asks before it lets somebody to the dashboards: 204, or 401."""
    parts = request.app[PARTS]
    signed_in = any(parts.access.is_session(request.cookies.get(name), parts.clock()) for name in _PLACES)
    return web.Response(status=204 if signed_in else 401, headers={"Cache-Control": "no-store"})


async def _sign_out(_: web.Request) -> web.Response:
    answer = web.Response(status=303, headers={"Location": "/incidents/sign-in", **_HEADERS})
    for name, place in _PLACES.items():
        answer.del_cookie(name, path=place)
    return answer


def _page(request: web.Request, name: str, *, status: int = 200, **values: Any) -> web.Response:
    cookie = request.cookies.get(COOKIE, "")
    key = request.app[PARTS].access.form_key(cookie) if cookie else ""
    text = request.app[_PAGES].get_template(name).render(key=key, **values)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


def _target(given: str) -> str:
    """Return where to go after the sign-in: a page of ours, whatever the address says."""
    return given if _LOCAL.fullmatch(given) and given != _SIGN_IN else "/incidents"


def _moment(value: str | None) -> str:
    """Return a time of a document as people read it."""
    if value is None:
        return "time not known"
    at = datetime.fromisoformat(value)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} {at.tzname() or ''}".rstrip()
