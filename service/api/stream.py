"""GET /api/jobs/{id}/events: the job as server-sent events, one for each change."""

import asyncio
from typing import Final

import orjson
from aiohttp import web

from service.api.answers import job_json
from service.api.jobs import known_job
from service.api.keys import STOPPING, STORE
from service.jobs.model import Job
from service.jobs.watch import Watch

_HEARTBEAT_S: Final = 15.0  # proxies end what is silent


async def events(request: web.Request) -> web.StreamResponse:
    """Send the job whenever it has changed, until it ends. After `Last-Event-ID` only what is newer; 204: nothing will come."""
    job = await known_job(request)
    seen = _last_event_id(request, job)
    if job.ended and seen >= job.version:
        return web.Response(status=204)  # tells an EventSource to stop asking
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    if request.method != "HEAD":
        await _follow(request, response, job, seen)
    await response.write_eof()
    return response


async def _follow(request: web.Request, response: web.StreamResponse, job: Job, seen: int) -> None:
    with request.app[STORE].watches.open(job.id) as watch:
        await _tell(request, response, watch, await request.app[STORE].get(job.id) or job, seen)


async def _tell(request: web.Request, response: web.StreamResponse, watch: Watch, job: Job, seen: int) -> None:
    clock = asyncio.get_running_loop().time
    spoken = clock()
    while True:
        if job.version > seen:
            await response.write(_event(job))
            seen, spoken = job.version, clock()
        elif clock() - spoken > _HEARTBEAT_S:
            await response.write(b": still here\n\n")
            spoken = clock()
        if job.ended or request.app[STOPPING].is_set():
            return
        await watch.changed(_HEARTBEAT_S)
        job = await request.app[STORE].get(job.id) or job


def _event(job: Job) -> bytes:
    return b"id: %d\nevent: job\ndata: %s\n\n" % (job.version, orjson.dumps(job_json(job)))


def _last_event_id(request: web.Request, job: Job) -> int:
    """Return the id of the last event that the client has; 0 for none, and for one that was never sent."""
    given = request.headers.get("Last-Event-ID", "")
    seen = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    return seen if seen <= job.version else 0
