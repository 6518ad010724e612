"""Builds and wires the aiohttp application; nothing else does."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from observability.config import ObservabilitySettings
from observability.journal import JournalWriter
from observability.logs import get_logger
from observability.metrics import new_registry
from observability.middleware import observe
from observability.sentry import breadcrumb
from observability.stopping import announce_stop
from service.api import PAGES, ROUTES, answer_problems, keys
from service.api.admission import Admission
from service.api.body import MULTIPART_MARGIN
from service.api.rates import Rates
from service.api.turns import Turns
from service.config import BackendSettings
from service.jobs.files import Files, open_files
from service.jobs.runner import open_runner, with_driver
from service.jobs.store import JobStore, open_store
from service.jobs.workers import open_workers
from service.uploads.limits import Limits
from service.uploads.pipeline import Pipeline
from service.uploads.stage import stage
from service.uploads.work import PRELOAD, Shop

_SWEEP_EVERY_S: Final = 600.0


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the process gives to its application. `environ` is for the preflight checks of /readyz."""

    settings: BackendSettings
    observability: ObservabilitySettings
    provider: TracerProvider
    environ: Mapping[str, str]
    clock: Callable[[], datetime] = utc_now


def build_app(wiring: Wiring) -> web.Application:
    """Return the application. The only place where the backend's parts meet."""
    settings = wiring.settings
    app = web.Application(middlewares=[answer_problems], client_max_size=settings.max_file_bytes + MULTIPART_MARGIN)
    registry = new_registry(service=wiring.observability.service, version=wiring.observability.version)
    observe(app, registry=registry, provider=wiring.provider)
    announce_stop(app, address=wiring.settings.backend_addr)
    app[keys.REGISTRY] = registry
    app[keys.ENVIRON] = wiring.environ
    app[keys.CLOCK] = wiring.clock
    app[keys.TURNS] = Turns()
    app[keys.QUEUE_LIMIT] = settings.queue_limit
    for method, path, handler in (*ROUTES, *PAGES):
        app.router.add_route(method, path, handler)
        if method == "GET":
            app.router.add_route("HEAD", path, handler)

    async def parts(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            workers = await opened.enter_async_context(open_workers(PRELOAD, children=settings.workers))
            opened.enter_context(_connected_stages(wiring, registry))
            executor = settings.executor()
            files = open_files(settings.upload_dir, settings.download_dir, settings.files_url)
            # What our last life did not finish receiving goes. Made anew now, so that one that cannot be written later
            # fails in the stage receive, with its path.
            shutil.rmtree(files.incoming(executor), ignore_errors=True)
            files.incoming(executor)
            url = with_driver(settings.database_url)
            store = await opened.enter_async_context(open_store(url))
            shop = Shop(files, workers, _limits(settings), store, settings.logo_file)
            pipeline = Pipeline(store, shop, wiring.clock)
            runner = await opened.enter_async_context(
                open_runner(url, store, pipeline.process, pipeline.give_up, executor)
            )
            sweeper = asyncio.create_task(_sweep(store, files, timedelta(hours=settings.keep_hours), wiring.clock))
            opened.callback(sweeper.cancel)
            await workers.ready()  # started first, needed last: it loads its modules while DBOS loads its own
            app[keys.EXECUTOR] = executor
            app[keys.FILES] = files
            app[keys.STORE] = store
            app[keys.SHOP] = shop
            app[keys.RUNNER] = runner
            rates = Rates(settings.client_uploads_per_minute)
            app[keys.ADMISSION] = Admission(rates, settings.client_open_uploads, settings.trusted_proxies, store)
            yield

    async def stopping(app: web.Application) -> None:
        app[keys.STOPPING].set()
        app[keys.STORE].watches.wake_all()

    async def start(app: web.Application) -> None:
        app[keys.STOPPING] = asyncio.Event()

    app.on_startup.append(start)
    app.on_shutdown.append(stopping)  # those who wait for a job, or follow one, are answered at once
    app.cleanup_ctx.append(parts)
    return app


@contextmanager
def _connected_stages(wiring: Wiring, registry: CollectorRegistry) -> Iterator[None]:
    """Give the stages their sinks for as long as the application runs. The journal is the file that our supervisor reads."""
    journal = JournalWriter(wiring.observability.journal or wiring.settings.journal)
    stage.connect(registry=registry, journal=journal, tracer_provider=wiring.provider, breadcrumb=breadcrumb)
    try:
        yield
    finally:
        stage.journal = None
        journal.close()


def _limits(settings: BackendSettings) -> Limits:
    return Limits(
        file_bytes=settings.max_file_bytes,
        read_seconds=float(settings.read_seconds),
        child_bytes=settings.worker_memory_bytes,
    )


async def _sweep(store: JobStore, files: Files, keep_for: timedelta, clock: Callable[[], datetime]) -> None:
    """Remove what has expired, every ten minutes, until cancelled."""
    while True:
        try:
            for job_id in await store.expire(before=clock() - keep_for):
                await files.remove(job_id)
        except Exception as error:  # noqa: BLE001 — the edge of a background task: the next round tries again
            get_logger().error("upload.sweep.failed", exc_info=error)
        await asyncio.sleep(_SWEEP_EVERY_S)
