"""Handlers of the upload page and of the page of a job."""

import asyncio
import json
from typing import Any, Final

from aiohttp import web

from observability.middleware import request_id_of
from service.api.accept import accept, checked_options, received_form
from service.api.admission import ClientBusy
from service.api.answers import job_json
from service.api.jobs import first_rows, known_job
from service.api.keys import ADMISSION, SHOP
from service.jobs.model import IdempotencyMismatch, QueueFull
from service.sheets import LAYOUTS
from service.symbology import SYMBOLOGIES
from service.uploads.options import InvalidOptions
from service.uploads.problems import PROBLEMS, ReadProblem
from service.web import STATIC, render, static_text

_SECURITY: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_ROWS_SHOWN: Final = 200


async def form_page(request: web.Request) -> web.Response:
    """Show the form."""
    return _form(request)


async def submit(request: web.Request) -> web.Response:
    """Take the form and lead to the job's page; where the list is refused, show the form with the reason."""
    try:
        async with request.app[ADMISSION].of(request) as counted:
            form = await received_form(request)
            given = {name: form.fields[name] for name in ("symbology", "layout") if form.fields.get(name)}
            job = await accept(request, form, json.dumps(given))
            counted.add(job.id)
    except (ReadProblem, InvalidOptions, QueueFull, ClientBusy, IdempotencyMismatch) as error:
        return _form(request, error)
    raise web.HTTPSeeOther(f"/jobs/{job.id}")


async def job_page(request: web.Request) -> web.Response:
    """Show how far a job is, and in the end its verdicts and labels. Without scripts it loads itself again until then."""
    try:
        job = await known_job(request)
    except ReadProblem as error:
        return _form(request, error)
    rows = await first_rows(request, job, _ROWS_SHOWN)
    layout = checked_options(job.upload.options).layout
    values = {"job": job_json(job), "ended": job.ended, "rows": rows, "layout": layout}
    return _html("job.html", values, 200)


async def static(request: web.Request) -> web.Response:
    """Return the style sheet or a script. Asked for again each time: a release never meets the script of another."""
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return web.Response(text=await asyncio.to_thread(static_text, name), content_type=STATIC[name], headers=headers)


def _form(request: web.Request, error: Exception | None = None) -> web.Response:
    busy = isinstance(error, QueueFull | ClientBusy)
    code = error.code if isinstance(error, ReadProblem) else "queue_full" if busy else "invalid_options"
    status = 200 if error is None else PROBLEMS[code].status or 400
    values = {
        "error": error.detail if isinstance(error, ReadProblem) else str(error) if error else None,
        "request_id": request_id_of(request),
        "symbologies": SYMBOLOGIES,
        "layouts": LAYOUTS.values(),
        "limit_mb": request.app[SHOP].limits.file_bytes // 1_000_000,
    }
    return _html("form.html", values, status)


def _html(name: str, values: dict[str, Any], status: int) -> web.Response:
    text = render(name, values)
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        headers={**_SECURITY, "Cache-Control": "no-store"},
    )
