"""What observability costs on the upload path: the same stages of the same work, with all of it and with none of it.

With: request id, server span, access event, metrics; in each stage span, two events, histogram, breadcrumb, journal.
Without: the bare aiohttp handler around the same work, in the same process, in turns.
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
from observability.config import load_observability
from observability.journal import JournalWriter
from observability.lines import LineWriter
from observability.logs import configure_logs
from observability.metrics import new_registry
from observability.middleware import observe
from observability.stage import stages
from observability.tracing import tracer_provider
from service.symbology import encode

STAGES = ("receive", "read", "check", "draw", "verify", "publish")
ROUNDS = 40
BATCH = 5
LABELS = 500

Around = Callable[[str], AbstractAsyncContextManager[object]]


def work() -> int:
    """Do in each stage what a list of a few hundred labels costs there, or less: the lower bound of an upload."""
    return sum(len(encode("ean13", f"{590000000000 + number:012d}"[:12] + "0").modules) for number in _VALID)


_VALID = tuple(number for number in range(LABELS * 10) if (3 * sum(map(int, f"{590000000000 + number}"[1::2]))
    + sum(map(int, f"{590000000000 + number}"[0::2]))) % 10 == 0)[:LABELS]  # fmt: skip


def application(around: Around) -> web.Application:
    """Return an application whose upload goes through six stages, each inside `around`."""

    async def upload(request: web.Request) -> web.Response:
        await request.read()
        for name in STAGES:
            async with around(name):
                work()
        return web.json_response({"state": "succeeded"})

    app = web.Application()
    app.router.add_post("/api/barcodes/upload-excel", upload)
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
    """Return the seconds that some uploads take, one after another."""
    began = time.perf_counter()
    for _ in range(BATCH):
        async with client.post(url, data=b"list") as answer:
            await answer.read()
    return (time.perf_counter() - began) / BATCH


async def rows() -> list[Row]:
    """Measure both in turns, so that a slow moment of the machine hits both."""
    with tempfile.TemporaryDirectory() as directory:
        with_runner, with_url = await serve(observed(Path(directory)))
        bare_runner, bare_url = await serve(application(lambda _: nullcontext()))
        async with ClientSession() as client:
            pairs = [(await batch(client, with_url), await batch(client, bare_url)) for _ in range(ROUNDS)][5:]
        await asyncio.gather(with_runner.cleanup(), bare_runner.cleanup())
    with_ms, bare_ms = (median(pair[side] for pair in pairs) * 1e3 for side in (0, 1))
    ratio = median(one / other for one, other in pairs)
    name = f"an upload of {LABELS} labels with observability"
    return [Row(name, f"{with_ms:.2f} ms", f"without: {bare_ms:.2f} ms", f"{ratio:.3f}", "≤ 1.05", ratio <= 1.05)]
