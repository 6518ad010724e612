"""Server-sent events: a page that follows along hears of each change, and of the end."""

import asyncio
from contextlib import suppress
from typing import Final

from aiohttp import web

from observability.detector.api import PARTS
from observability.detector.web.rendering import HEADERS

_LOOK_EVERY_S: Final = 0.3  # how late a page hears of a change, at most
_HEARTBEAT_S: Final = 15.0  # proxies end what is silent
_ENDING = web.AppKey("ending", asyncio.Event)


def add_live(app: web.Application) -> None:
    """Add the stream. It ends as soon as the application does: the browser asks again, and finds the next detector."""
    app[_ENDING] = asyncio.Event()
    app.on_shutdown.append(_end)
    app.router.add_get("/incidents/events", _events)


async def _end(app: web.Application) -> None:
    app[_ENDING].set()


async def _events(request: web.Request) -> web.StreamResponse:
    """Say `changed` whenever something changed that a page may show. The page then asks for itself again."""
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    with suppress(ConnectionResetError):  # the reader has gone
        await response.prepare(request)
        await _follow(request, response)
    return response


async def _follow(request: web.Request, response: web.StreamResponse) -> None:
    store, clock, ending = request.app[PARTS].store, asyncio.get_running_loop().time, request.app[_ENDING]
    seen, spoken = store.version, clock()
    await response.write(b"retry: 2000\nevent: hello\ndata: \n\n")
    while not ending.is_set() and request.transport is not None and not request.transport.is_closing():
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), _LOOK_EVERY_S)
        if store.version != seen:
            seen, spoken = store.version, clock()
            await response.write(b"event: changed\ndata: \n\n")
        elif clock() - spoken > _HEARTBEAT_S:
            spoken = clock()
            await response.write(b": still here\n\n")
