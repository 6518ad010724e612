"""What nginx shows instead of a bare 502 or 504: in plain words, whether the upload was kept, and what to do."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from observability import events
from observability.detector.fate import Fate
from observability.ids import RequestId
from observability.problems import problem

PATH: Final = "/failed-request"
_READ_WITHIN_S: Final = 0.1  # the backend's last lines and nginx's own are read by then
_REQUEST_ID: Final = re.compile(r"[0-9a-f]{32}")
_UPLOAD: Final = re.compile(r"POST /\S*upload")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'",
    "Retry-After": "5",
}
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)

FateOf = Callable[[str], Fate]


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads."""

    title: str
    fate: str
    todo: str


def add_failed_page(app: web.Application, fate_of: FateOf) -> None:
    """Add the address that nginx asks; it passes the request's id and status on, and shows what comes back."""

    async def show(request: web.Request) -> web.Response:
        request_id = request.headers.get(events.REQUEST_ID_HEADER, "")
        if not _REQUEST_ID.fullmatch(request_id):
            raise web.HTTPNotFound
        await asyncio.sleep(_READ_WITHIN_S)
        fate = fate_of(request_id)
        status = 504 if request.headers.get("X-Failed-Status") == "504" else 502
        words = words_for(fate, status, is_upload=bool(_UPLOAD.match(request.headers.get("X-Failed-Request", ""))))
        if "text/html" in request.headers.get("Accept", ""):
            return _page(words, fate, request_id, status)
        return _document(words, fate, RequestId(request_id), status)

    app.router.add_get(PATH, show)


def words_for(fate: Fate, status: int, *, is_upload: bool) -> Words:
    """Return title, what became of it, and what to do."""
    title = "The service did not answer in time" if status == 504 else "The service stopped while it worked on this"
    if fate.word == "kept":
        return Words(
            title,
            "Your upload was not lost: it was kept, and goes on by itself as soon as the service is back.",
            f"Nothing has to be sent again. Its state is at /api/jobs/{fate.job_id}.",
        )
    if is_upload:
        return Words(
            title,
            "Your upload was lost: the service had not kept it yet.",
            "Send it again in a few seconds, with the same Idempotency-Key if you use one.",
        )
    return Words(
        title, "The failure has been recorded, and the service starts again by itself.", "Try again in a few seconds."
    )


def _page(words: Words, fate: Fate, request_id: str, status: int) -> web.Response:
    text = _TEMPLATES.get_template("failed.html").render(words=words, fate=fate, request_id=request_id)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


def _document(words: Words, fate: Fate, request_id: RequestId, status: int) -> web.Response:
    members: dict[str, Any] = {
        "upload": fate.word,
        "job_id": fate.job_id,
        "stage": fate.stage,
        "incident": {"id": fate.incident_id, "state": fate.incident_state} if fate.incident_id else None,
    }
    return problem(
        status,
        code="upstream_timeout" if status == 504 else "upstream_failed",
        title=words.title,
        detail=f"{words.fate} {words.todo} Quote the request id if it fails again.",
        request_id=request_id,
        members=members,
        headers={"Cache-Control": "no-store", "Retry-After": "5"},
    )
