"""All of it around an aiohttp application of yours, in one call: docs/guides/own-app.md."""

import os
import sys
from collections.abc import Mapping

from aiohttp import web

from observability.config import load_observability
from observability.journal import JournalWriter
from observability.lines import LineWriter
from observability.logs import configure_logs
from observability.metrics import metrics_handler, new_registry
from observability.middleware import observe
from observability.sentry import breadcrumb, init_sentry, report
from observability.stage import Stages
from observability.stopping import announce_stop
from observability.tracing import tracer_provider


def watch(app: web.Application, *pipelines: Stages, address: str, environ: Mapping[str, str] = os.environ) -> None:
    """Let `app` say what happens to it: JSON lines on stdout, metrics at /metrics, spans, error events, the stage journal.

    `address` is host:port as nginx names it. Settings: docs/configuration.md, "Every process". Raises SettingsError, and OSError
    where the stage journal cannot be written.
    """
    settings = load_observability(environ)
    configure_logs(LineWriter(sys.stdout.fileno(), settings.source()), level=settings.log_level, report=report)
    init_sentry(settings)
    registry = new_registry(service=settings.service, version=settings.version)
    provider = tracer_provider(settings)
    journal = JournalWriter(settings.journal) if settings.journal else None
    for stages in pipelines:
        stages.connect(registry=registry, journal=journal, tracer_provider=provider, breadcrumb=breadcrumb)
    observe(app, registry=registry, provider=provider)
    announce_stop(app, address=address)
    app.router.add_get("/metrics", metrics_handler(registry))

    async def send_last_spans(_: web.Application) -> None:
        provider.shutdown()

    app.on_cleanup.append(send_last_spans)
