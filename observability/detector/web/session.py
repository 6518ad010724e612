"""Who looks at the pages: signed in with the token, or by a reverse proxy that we believe. Forms carry a key of theirs."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from observability.detector.access import COOKIE, SESSION
from observability.detector.api import PARTS
from observability.detector.life import MAX_BY
from observability.detector.web.rendering import HEADERS, page

STATIC: Final = "/incidents/static/"
SIGN_IN: Final = "/incidents/sign-in"
SIGNED_IN: Final = "/incidents/signed-in"
_LOCAL: Final = re.compile(r"/incidents(/[A-Za-z0-9._-]+(/runbook|/json|/markdown)?)?|/grafana(/[A-Za-z0-9._-]+)*/?")
# nginx lets people to the stack's dashboards who are signed in here. The cookie of each place is sent there only.
_PLACES: Final = {COOKIE: "/incidents", f"{COOKIE}-dashboards": "/grafana"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may see everything and act. `secret` is what their forms' key is made for."""

    name: str
    secret: str


def add_sign_in(app: web.Application) -> None:
    """Add the sign-in, and ask everybody for it who wants to see a page."""
    app.middlewares.append(_ask_to_sign_in)
    app.router.add_get(SIGN_IN, _ask)
    app.router.add_post(SIGN_IN, _sign_in)
    app.router.add_get(SIGNED_IN, _signed_in)
    app.router.add_post("/incidents/sign-out", _sign_out)


def person_of(request: web.Request, cookie: str = COOKIE) -> Person | None:
    """Return who asks, or None: a stranger."""
    parts = request.app[PARTS]
    given = request.cookies.get(cookie, "")
    if (name := parts.access.who(given, parts.clock())) is not None:
        return Person(name, given)
    named = parts.proxy.user(request.headers, request.remote) if parts.proxy else None
    return Person(named[:MAX_BY], f"proxy:{named}") if named else None


def form_key(request: web.Request) -> str:
    """Return what forms of this person have to send along; "" for a stranger."""
    person = person_of(request)
    return request.app[PARTS].access.form_key(person.secret) if person else ""


@web.middleware
async def _ask_to_sign_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only known people to the pages. What changes something must come from a form that we made for them."""
    path = request.path
    ours = path == "/incidents" or path.startswith("/incidents/")
    if not ours or path in (SIGN_IN, SIGNED_IN) or (path.startswith(STATIC) and request.method in ("GET", "HEAD")):
        return await handler(request)
    person = person_of(request)
    if person is None:
        raise web.HTTPSeeOther(f"{SIGN_IN}?next={path if _LOCAL.fullmatch(path) else '/incidents'}")
    if request.method == "POST":
        key = (await request.post()).get("key", "")
        if not (isinstance(key, str) and request.app[PARTS].access.is_form_key(key, person.secret)):
            raise web.HTTPForbidden(reason="The form is not of this session: open the page again, then repeat it")
    return await handler(request)


async def _ask(request: web.Request) -> web.Response:
    target = _target(request.query.get("next", ""))
    if person_of(request) is not None:
        raise web.HTTPSeeOther(target)
    return page(request, "sign_in.html", key="", target=target, wrong=False)


async def _sign_in(request: web.Request) -> web.Response:
    form = await request.post()
    token, target = form.get("token", ""), _target(str(form.get("next", "")))
    parts = request.app[PARTS]
    if not (isinstance(token, str) and parts.access.is_token(token.strip())):
        return page(request, "sign_in.html", key="", status=401, target=target, wrong=True)
    answer = web.Response(status=303, headers={"Location": quote(target), **HEADERS})
    secure = request.headers.get("X-Forwarded-Proto", request.scheme) == "https"
    session = parts.access.new_session(parts.clock(), " ".join(str(form.get("name", "")).split())[:MAX_BY])
    for name, place in _PLACES.items():
        answer.set_cookie(
            name, session, max_age=int(SESSION.total_seconds()), path=place,
            httponly=True, samesite="Strict", secure=secure,
        )  # fmt: skip
    return answer


async def _signed_in(request: web.Request) -> web.Response:
    """Answer nginx, which asks before it lets somebody to the dashboards: 204, or 401."""
    known = any(person_of(request, name) is not None for name in _PLACES)
    return web.Response(status=204 if known else 401, headers={"Cache-Control": "no-store"})


async def _sign_out(_: web.Request) -> web.Response:
    answer = web.Response(status=303, headers={"Location": SIGN_IN, **HEADERS})
    for name, place in _PLACES.items():
        answer.del_cookie(name, path=place)
    return answer


def _target(given: str) -> str:
    """Return where to go after the sign-in: a page of ours, whatever the address says."""
    return given if _LOCAL.fullmatch(given) and given != SIGN_IN else "/incidents"
