"""A backend that fails as it is asked to: any aiohttp application around `observability/`, with faults in its handler.

The product has no fault switches; this application stands behind the same nginx, supervisor and detector in their place.
"""

import asyncio
import ctypes
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from aiohttp import web

from observability.config import load_observability
from observability.journal import JournalWriter
from observability.lines import LineWriter
from observability.logs import configure_logs
from observability.metrics import metrics_handler, new_registry
from observability.middleware import observe
from observability.sentry import breadcrumb, init_sentry, report
from observability.stage import stages
from observability.stopping import announce_stop
from observability.tracing import tracer_provider

STAGES = ("receive", "read", "check", "draw", "verify", "publish")
stage = stages("upload", STAGES)


class LabelPrinterOnFire(Exception):
    """An ordinary bug."""


async def bug(_: web.Request) -> None:
    raise LabelPrinterOnFire("row 17 of the list")


async def leave(_: web.Request) -> None:
    os._exit(3)


async def segfault(_: web.Request) -> None:
    ctypes.string_at(0)


async def abort(_: web.Request) -> None:
    os.abort()


async def wait(_: web.Request) -> None:
    await asyncio.sleep(600)


async def hang(_: web.Request) -> None:
    await asyncio.sleep(8)


async def pause(_: web.Request) -> None:
    await asyncio.sleep(0.7)


async def eat_memory(_: web.Request) -> None:
    eaten = []
    while True:
        eaten.append(bytearray(os.urandom(1024)) * 1024)


async def write_to_downloads(_: web.Request) -> None:
    (Path(os.environ["DOWNLOAD_DIR"]) / "labels.pdf").write_bytes(b"%PDF")


async def read_a_missing_file(_: web.Request) -> None:
    Path("/srv/barwatch/fonts/labels.ttf").read_bytes()


async def import_a_missing_module(_: web.Request) -> None:
    __import__("labelfonts_of_nobody")


async def use_a_missing_variable(_: web.Request) -> None:
    os.environ["LABEL_PRINTER_URL"]


async def connect_to_a_dead_database(_: web.Request) -> None:
    import psycopg

    await psycopg.AsyncConnection.connect("postgresql://labels@127.0.0.1:1/labels", connect_timeout=2)


async def answer_with_a_header_too_big(request: web.Request) -> None:
    await web.StreamResponse(headers={"X-Labels": "x" * 60_000}).prepare(request)
    await asyncio.sleep(2.5)


async def answer_with_a_broken_header(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.write(b"HTTP/1.1 200 OK\r\nX-\x00Labels: 3\r\n\r\n")
    request.transport.close()
    await asyncio.sleep(2.5)


async def drop_the_connection(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    await asyncio.sleep(2.5)


async def fill_the_disk(_: web.Request) -> None:
    Path("/dev/full").write_bytes(b"labels" * 100_000)


async def write_to_a_database_that_is_read_only(_: web.Request) -> None:
    import sqlite3

    file = Path(os.environ["STATE_DIR"]) / "orders.sqlite"
    sqlite3.connect(file).execute("CREATE TABLE IF NOT EXISTS orders (id)").connection.close()
    sqlite3.connect(f"file:{file}?mode=ro", uri=True).execute("INSERT INTO orders VALUES (1)")


async def open_a_database_in_a_missing_directory(_: web.Request) -> None:
    import sqlite3

    sqlite3.connect("/srv/barwatch/nowhere/orders.sqlite")


async def fill_the_downloads(_: web.Request) -> None:
    (Path(os.environ["DOWNLOAD_DIR"]) / "labels.pdf").write_bytes(bytes(1_000_000))


async def await_a_cancelled_task(_: web.Request) -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()
    await task


async def ask_a_service_that_refuses(_: web.Request) -> None:
    await asyncio.open_connection("127.0.0.1", 1)


async def wait_for_a_service_too_long(_: web.Request) -> None:
    async with asyncio.timeout(0.05):
        await asyncio.sleep(60)


async def take_more_memory_than_there_is(_: web.Request) -> None:
    bytearray(1 << 46)


async def lose_a_worker(_: web.Request) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, os._exit, 1)


async def recurse(_: web.Request) -> None:
    def deeper(depth: int) -> int:
        return deeper(depth + 1)

    deeper(0)


async def chain_of_errors(_: web.Request) -> None:
    try:
        raise LabelPrinterOnFire("inner")
    except LabelPrinterOnFire as inner:
        raise RuntimeError("the label could not be drawn") from inner


async def group_of_errors(_: web.Request) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(bug(_))
        group.create_task(bug(_))


FAULTS: dict[str, Callable[[web.Request], Awaitable[None]]] = {
    fault.__name__: fault
    for fault in (
        bug,
        leave,
        segfault,
        abort,
        wait,
        hang,
        pause,
        eat_memory,
        write_to_downloads,
        read_a_missing_file,
        import_a_missing_module,
        use_a_missing_variable,
        answer_with_a_header_too_big,
        answer_with_a_broken_header,
        drop_the_connection,
        connect_to_a_dead_database,
        fill_the_disk,
        chain_of_errors,
        group_of_errors,
        take_more_memory_than_there_is,
        open_a_database_in_a_missing_directory,
        fill_the_downloads,
        await_a_cancelled_task,
        ask_a_service_that_refuses,
        wait_for_a_service_too_long,
        write_to_a_database_that_is_read_only,
        lose_a_worker,
        recurse,
    )
}


async def upload(request: web.Request) -> web.Response:
    """Go through the stages; at `?at=` do what `?fault=` says."""
    async with stage("receive"):
        await request.read()
        if request.query.get("at") == "receive":
            await FAULTS[request.query["fault"]](request)
    for name in STAGES[1:]:
        async with stage(name, rows=500) as running:
            running.progress(250)
            if request.query.get("at") == name:
                await FAULTS[request.query["fault"]](request)
    return web.json_response({"state": "succeeded"})


async def stream(request: web.Request) -> web.StreamResponse:
    """Send headers and some of the body, then never the rest."""
    async with stage("publish"):
        response = web.StreamResponse(headers={"Content-Type": "application/pdf"})
        await response.prepare(request)
        await response.write(b"%PDF-1.7\n" * 10_000)
        await asyncio.sleep(600)
    return response


async def well(_: web.Request) -> web.Response:
    return web.json_response({"ok": True})


def main() -> None:
    settings = load_observability(os.environ)
    configure_logs(LineWriter(1, settings.source()), level=settings.log_level, report=report)
    init_sentry(settings)
    registry = new_registry(service=settings.service, version=settings.version)
    provider = tracer_provider(settings)
    journal = JournalWriter(Path(os.environ["STATE_DIR"]) / "stages.journal")
    stage.connect(registry=registry, journal=journal, tracer_provider=provider, breadcrumb=breadcrumb)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    observe(app, registry=registry, provider=provider)
    announce_stop(app, address=os.environ["BACKEND_ADDR"])
    app.router.add_post("/api/barcodes/upload-excel", upload)
    app.router.add_get("/api/jobs/{id}/labels.pdf", stream)
    app.router.add_get("/healthz", well)
    app.router.add_get("/metrics", metrics_handler(registry))
    host, _, port = os.environ["BACKEND_ADDR"].rpartition(":")
    web.run_app(app, host=host, port=int(port), print=None, access_log=None, shutdown_timeout=3)


if __name__ == "__main__":
    main()
