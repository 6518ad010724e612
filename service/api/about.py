"""What the service offers and how it is: sheets, limits, template, OpenAPI, health."""

import asyncio
import dataclasses
import json
from typing import Any

from aiohttp import web

from observability.metrics import metrics_handler
from observability.preflight import run_probes
from service.api.answers import json_answer
from service.api.keys import ADMISSION, ENVIRON, QUEUE_LIMIT, REGISTRY, SHOP
from service.api.openapi import document
from service.preflight import checks
from service.sheets import LAYOUTS, Layout, layout_named
from service.symbology import SYMBOLOGIES
from service.uploads.template import template_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def sheets(_: web.Request) -> web.Response:
    """List the label sheets."""
    return json_answer({"sheets": [_sheet_json(layout) for layout in LAYOUTS.values()]})


def _sheet_json(layout: Layout) -> dict[str, Any]:
    return {"id": layout.name, "labels_per_page": layout.per_page, **dataclasses.asdict(layout)}


async def calibration(request: web.Request) -> web.Response:
    """Return a page to hold against the label sheet."""
    if (layout := layout_named(request.match_info["id"])) is None:
        raise web.HTTPNotFound
    body = await request.app[SHOP].calibrate(json.dumps({"layout": layout.name}))
    disposition = {"Content-Disposition": f'inline; filename="calibration-{layout.name}.pdf"'}
    return web.Response(body=body, content_type="application/pdf", headers=disposition)


async def limits(request: web.Request) -> web.Response:
    """List what is accepted."""
    published = dataclasses.asdict(request.app[SHOP].limits)
    admission = request.app[ADMISSION]
    return json_answer(
        {
            **published,
            "queue": request.app[QUEUE_LIMIT],
            "client_uploads_per_minute": admission.rates.per_minute,
            "client_open_uploads": admission.open_uploads,
            "symbologies": list(SYMBOLOGIES),
        }
    )


async def template(_: web.Request) -> web.Response:
    """Return the empty list."""
    body = await asyncio.to_thread(template_workbook)
    disposition = {"Content-Disposition": 'attachment; filename="template.xlsx"'}
    return web.Response(body=body, content_type=XLSX, headers=disposition)


async def openapi(_: web.Request) -> web.Response:
    """Return the description of this API."""
    return json_answer(document())


async def healthz(_: web.Request) -> web.Response:
    """Say that the process answers."""
    return json_answer({"ok": True})


async def readyz(request: web.Request) -> web.Response:
    """Run the preflight checks. 503 with each one that fails and its remedy."""
    done = await asyncio.to_thread(run_probes, checks(request.app[ENVIRON]), "ready")
    ok = all(check.ok for check in done)
    return json_answer({"ok": ok, "checks": [dataclasses.asdict(check) for check in done]}, 200 if ok else 503)


async def metrics(request: web.Request) -> web.Response:
    """Return the metrics of this process."""
    return await metrics_handler(request.app[REGISTRY])(request)
