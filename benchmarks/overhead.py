"""What observability costs on the upload path: a real upload, and what its six stages and its request cost in observing.

The cost is a difference, measured in one process and in turns: a handler that goes through six empty stages with all of it
(request id, server span, access event, metrics; in each stage span, two events, histogram, breadcrumb, journal), and bare.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from statistics import median

from aiohttp import ClientSession, web

from benchmarks.table import Row
from benchmarks.uploads import upload as upload_a_list
from observability.config import load_observability
from observability.journal import JournalWriter
from observability.lines import LineWriter
from observability.logs import configure_logs
from observability.metrics import new_registry
from observability.middleware import observe
from observability.stage import stages
from observability.tracing import tracer_provider
from tests.e2e.backend_process import backend
from tests.lists import ean_list

STAGES = ("receive", "read", "check", "draw", "verify", "publish")
ROUNDS = 60
WARM_UP = 10
BATCH = 5
LISTS = (50, 500)
AIM = 1.05

Around = Callable[[str], AbstractAsyncContextManager[object]]


def application(around: Around) -> web.Application:
    """Return an application whose upload goes through six stages, each inside `around`."""

    async def handle(request: web.Request) -> web.Response:
        await request.read()
        for name in STAGES:
            async with around(name):
                pass
        return web.json_response({"state": "succeeded"})

    app = web.Application()
    app.router.add_post("/api/barcodes/upload-excel", handle)
    return app


def observed(directory: Path) -> web.Application:
    """Return the application with all of it: a log file, a journal, a registry, spans."""
    settings = load_observability(os.environ)
    log = os.open(directory / "backend.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    configure_logs(LineWriter(log, settings.source()))
    registry = new_registry(service=settings.service, version=settings.version)
    provider = tracer_provider(settings)
    stage = stages("upload", STAGES)
    stage.connect(registry=registry, journal=JournalWriter(directory / "stages.journal"), tracer_provider=provider)
    app = application(stage)
    observe(app, registry=registry, provider=provider)
    return app


async def serve(app: web.Application) -> tuple[web.AppRunner, str]:
    """Start the application on a free port and return its upload URL."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/api/barcodes/upload-excel"


async def batch(client: ClientSession, url: str) -> float:
    """Return the seconds that one of some requests takes."""
    began = time.perf_counter()
    for _ in range(BATCH):
        async with client.post(url, data=b"list") as answer:
            await answer.read()
    return (time.perf_counter() - began) / BATCH


async def cost_s() -> float:
    """Return the seconds that observing one upload costs."""
    with tempfile.TemporaryDirectory() as directory:
        with_runner, with_url = await serve(observed(Path(directory)))
        bare_runner, bare_url = await serve(application(lambda _: nullcontext()))
        async with ClientSession() as client:
            pairs = [(await batch(client, with_url), await batch(client, bare_url)) for _ in range(ROUNDS)]
        await asyncio.gather(with_runner.cleanup(), bare_runner.cleanup())
    return median(one - other for one, other in pairs[WARM_UP:])


async def rows() -> list[Row]:
    """Measure the cost, then real uploads of lists as people have them."""
    cost = await cost_s()
    found = []
    with tempfile.TemporaryDirectory() as directory:
        async with backend(Path(directory)) as running, ClientSession() as client:
            for size in LISTS:
                content = ean_list(size)
                took = median([await upload_a_list(running, client, content, "auto") for _ in range(12)][2:])
                ratio = took / (took - cost)
                what = f"an upload of {size} rows, with observability"
                peer = f"observing it: {cost * 1e3:.2f} ms"
                found.append(Row(what, f"{took * 1e3:.0f} ms", peer, f"{ratio:.3f}", f"≤ {AIM}", ratio <= AIM))
    return found
