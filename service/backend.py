"""`barwatch backend`: environment to a running server. Refuses to start where a check fails, with all failures and remedies."""

import argparse
import os
import sys
from typing import Final

_SHUTDOWN_S: Final = 3.0
_HEAD_BYTES: Final = (
    32_768  # of one line, also in a part of a form: a file name of 10,000 characters is cut, not refused
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `backend` to the command line."""
    parser = subparsers.add_parser("backend", help="run the upload service alone")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Returns 0 then, 1 where it could not start."""
    from observability.config import SettingsError, load_observability
    from observability.lines import LineWriter
    from observability.logs import configure_logs
    from observability.preflight import Diagnosis, PreflightFailed, log_checks, refuse_failures, run_probes
    from observability.sentry import init_sentry, report
    from observability.tracing import tracer_provider
    from service.preflight import checks

    try:
        observability = load_observability(os.environ)
        configure_logs(
            LineWriter(sys.stdout.fileno(), observability.source()),
            level=observability.log_level,
            report=Diagnosis(lambda: checks(os.environ)).beside(report),
        )
        done = run_probes(checks(os.environ), "start")
        log_checks(done, "start")
        refuse_failures(done)
        from service.config import load_backend

        settings = load_backend(os.environ)
    except (SettingsError, PreflightFailed) as error:
        sys.stderr.write(f"barwatch backend can't start:\n{error}\n")
        return 1
    init_sentry(observability)
    provider = tracer_provider(observability)
    from aiohttp import web

    from service.app import Wiring, build_app

    app = build_app(Wiring(settings, observability, provider, dict(os.environ)))
    try:
        web.run_app(
            app,
            host=settings.host,
            port=settings.port,
            shutdown_timeout=_SHUTDOWN_S,
            print=None,
            access_log=None,
            max_line_size=_HEAD_BYTES,
            max_field_size=_HEAD_BYTES,
        )
    finally:
        provider.shutdown()
    return 0
