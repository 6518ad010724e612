"""Handlers of the pages under /incidents: the list, an incident with its runbook, what people do with it."""

from typing import Any, Final

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from observability.detector.api import PARTS, acted, shown
from observability.detector.runbooks import runbook_text
from observability.detector.store import Filters, incident_of
from observability.detector.web import runbook
from observability.detector.web.listing import show_list
from observability.detector.web.live import add_live
from observability.detector.web.rendering import HEADERS, HERE, add_rendering, page
from observability.detector.web.session import add_sign_in, form_key, person_of
from observability.detector.web.view import age, view
from observability.detector.web.words import CAUSES

_SIMILAR: Final = 10


def add_pages(app: web.Application) -> None:
    """Add the pages to the API's application."""
    add_rendering(app)
    app.middlewares.append(_say_what_is_wrong)
    add_sign_in(app)
    app.router.add_get("/incidents", show_list)
    app.router.add_static("/incidents/static", HERE / "static")
    add_live(app)
    app.router.add_get("/incidents/{id}", _one)
    app.router.add_get("/incidents/{id}/runbook", _runbook)
    app.router.add_get("/incidents/{id}/json", _json)
    app.router.add_get("/incidents/{id}/markdown", _markdown)
    app.router.add_post("/incidents/{id}/{action:acknowledge|resolve|notes|silence}", _act)


@web.middleware
async def _say_what_is_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give a person a page where a program gets a problem document."""
    try:
        return await handler(request)
    except web.HTTPClientError as error:
        if not request.path.startswith("/incidents") or "text/html" not in request.headers.get("Accept", ""):
            raise
        return page(request, "wrong.html", key=form_key(request), status=error.status, what=error.reason)


async def _one(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    document = await parts.store.incident(request.match_info["id"])
    incident = await shown(request, document)
    same = await parts.store.list_incidents(Filters(fingerprint=incident["fingerprint"], synthetic=True), _SIMILAR)
    similar = [other for other in same.documents if other["id"] != incident["id"]]
    text = runbook_text(incident["cause"]["runbook"])
    return page(
        request, "incident.html", key=form_key(request), incident=incident, view=view(incident, incident_of(document or {})),
        similar=similar, regression=_is_regression(incident, similar), runbook=runbook.blocks(text) if text else (),
        age=age(incident["last_seen"], parts.clock()), causes=CAUSES,
    )  # fmt: skip


def _is_regression(incident: dict[str, Any], similar: list[dict[str, Any]]) -> bool:
    """Whether the same was over before: another incident of its kind, or this one, which was reopened in a newer release."""
    if any(o["state"] == "resolved" and o["first_seen"] < incident["first_seen"] for o in similar):
        return True
    reopened = [entry["note"] for entry in incident["history"] if entry["what"] == "reopened"]
    return incident["state"] != "resolved" and bool(reopened) and reopened[-1].startswith("regression")


async def _runbook(request: web.Request) -> web.Response:
    """The runbook of the incident's cause, on a page of its own."""
    incident = await shown(request, await request.app[PARTS].store.incident(request.match_info["id"]))
    text = runbook_text(incident["cause"]["runbook"])
    if text is None:
        raise web.HTTPNotFound(reason="This cause has no runbook")
    return page(request, "runbook.html", key=form_key(request), incident=incident, runbook=runbook.blocks(text))


async def _json(request: web.Request) -> web.Response:
    """The incident as the API gives it, for a browser that has signed in."""
    incident = await shown(request, await request.app[PARTS].store.incident(request.match_info["id"]))
    body = orjson.dumps(incident, option=orjson.OPT_INDENT_2)
    return web.Response(body=body, content_type="application/json", headers=HEADERS)


async def _markdown(request: web.Request) -> web.Response:
    document = await request.app[PARTS].store.incident(request.match_info["id"])
    incident = await shown(request, document)
    text = view(incident, incident_of(document or {})).markdown
    return web.Response(text=text, content_type="text/plain", headers=HEADERS)


async def _act(request: web.Request) -> web.Response:
    person = person_of(request)
    incident = await acted(request, {**await request.post(), "by": person.name if person else ""})
    raise web.HTTPSeeOther(f"/incidents/{incident['id']}")
