"""`barwatch detector`: settings in, incidents and notifications out. The one place where the detector's parts meet."""

import argparse
import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack, aclosing, suppress
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

import aiohttp
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from observability.config import ObservabilitySettings, SettingsError, load_observability
from observability.detector.access import Access
from observability.detector.api import Parts, build_api
from observability.detector.config import DetectorSettings, access_token, load_detector
from observability.detector.heartbeat import EVERY_S, Heartbeat
from observability.detector.measures import Measures, ProofMeasures
from observability.detector.notify import KEEP_TRYING, Loopback, deliver, open_channels, recipients, usual
from observability.detector.pipeline import Pipeline
from observability.detector.presentation import present
from observability.detector.selfproof import SelfProof
from observability.detector.silences_file import SilencesFile
from observability.detector.sources import follow, follow_loki, is_of_loki, read_stream, together
from observability.detector.store import StoreBusy, StoreUnavailable, open_store, upgrade_apart
from observability.detector.web import add_failed_page, add_pages
from observability.lines import LineWriter
from observability.logs import configure_logs, get_logger
from observability.metrics import new_registry

TICK_S: Final = 0.25  # how long an entry or a window that ended in silence may stay open
_STANDS_STILL: Final = timedelta(seconds=10)
_STOP_WITHIN_S: Final = 1.5
_FORGET_EVERY_S: Final = 24 * 3600.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `detector`. All of its settings are in the environment."""
    parser = subparsers.add_parser(
        "detector", help="follow the logs, keep incidents, notify; settings: docs/configuration.md"
    )
    parser.add_argument(
        "--stdin", action="store_true", help="read stdin, too: journalctl -o export -f | barwatch detector --stdin"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT. Returns 1 with one sentence on stderr where it cannot start."""
    try:
        observability = load_observability(os.environ)
        settings = load_detector(os.environ)
        configure_logs(LineWriter(sys.stdout.fileno(), observability.source()), level=observability.log_level)
        asyncio.run(detect(settings, observability, with_stdin=args.stdin))
    except (SettingsError, StoreBusy) as problem:
        return _cannot_start(str(problem))
    except SQLAlchemyError as problem:
        return _cannot_start(f"INCIDENTS_DATABASE_URL: {problem}. Is the server up?")
    except OSError as problem:
        return _cannot_start(f"{problem}. See DETECTOR_ADDR and STATE_DIR")
    return 0


def _cannot_start(why: str) -> int:
    sys.stderr.write(f"barwatch detector can't start: {why}\n")
    return 1


async def detect(settings: DetectorSettings, observability: ObservabilitySettings, *, with_stdin: bool) -> None:
    """Follow the logs until asked to stop."""
    log = get_logger()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def clock() -> datetime:
        return datetime.now(UTC)

    def shown(document: dict[str, Any], attempts: Any) -> dict[str, Any]:
        return present(document, settings.links, attempts)

    async with AsyncExitStack() as opened:  # closes in reverse order
        session = await opened.enter_async_context(aiohttp.ClientSession())
        loopback = Loopback()
        people = open_channels(session, settings.channels, settings.public_url)
        told_all = (*usual(people, settings.policy.escalate_to), loopback)
        channels = (*people, loopback)
        store = await opened.enter_async_context(
            open_store(
                settings.database_url, lambda telling: telling.to or recipients(telling, told_all), upgrade_apart
            )
        )
        registry = new_registry(service=observability.service, version=observability.version)
        measures = Measures(registry, tuple(channel.name for channel in channels))
        proofs = ProofMeasures(
            registry,
            every_s=settings.proof.every.total_seconds() if settings.proof.every else 0,
            beats_every_s=EVERY_S if settings.proof.heartbeat_url else 0,
        )
        outbox = await opened.enter_async_context(
            deliver(store, channels, clock=clock, present=shown, told=measures.told)
        )
        loaded = await store.load()
        silences = SilencesFile(settings.silences_file, clock)
        pipeline = Pipeline(
            store, loaded, measures, settings.policy, clock=clock, zone=LocalTime, wake=outbox.wake,
            silences=silences.current,
        )  # fmt: skip

        def alive() -> bool:
            return clock() - pipeline.turned_at < _STANDS_STILL

        app = build_api(
            Parts(
                store=store,
                access=Access(access_token(settings)),
                act=pipeline.act,
                present=shown,
                measures=measures,
                registry=registry,
                alive=alive,
                clock=clock,
                silences=silences.shown,
                proxy=settings.proxy,
            )
        )
        add_pages(app)
        add_failed_page(app, pipeline.fate)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        opened.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, settings.address.host, settings.address.port).start()
        log.info("detector.started", address=str(settings.address), files=[str(path) for path in settings.log_files])

        of_files = {source: at for source, at in loaded.checkpoints.items() if not is_of_loki(source)}
        followers = [
            follow(settings.log_files, of_files, TICK_S, clock=clock, known=pipeline.clues, zone=LocalTime),
        ]
        if settings.loki is not None:
            followers.append(follow_loki(session, settings.loki, loaded.checkpoints, TICK_S, clock=clock))
        if with_stdin:
            followers.append(read_stream(await open_stdin(), "stdin", TICK_S, clock=clock))

        async def follow_logs() -> None:
            async with aclosing(together(followers, loaded.checkpoints)) as batches:
                async for batch in batches:
                    await pipeline.take(batch)
                    if stop.is_set():
                        break
            await pipeline.finish()

        async def forget_old() -> None:
            while True:
                with suppress(StoreUnavailable):
                    await store.forget(clock() - settings.keep)
                    await store.forget_unsent(clock() - 2 * KEEP_TRYING)
                await asyncio.sleep(_FORGET_EVERY_S)

        background = [asyncio.ensure_future(forget_old())]
        if settings.proof.every:
            every, url = settings.proof.every, settings.proof.heartbeat_url
            proof = SelfProof(settings.selftest_log, every, loopback, pipeline.act, proofs, clock)
            background.append(asyncio.ensure_future(proof.run()))
            if url:
                heartbeat = Heartbeat(session, url, lambda: alive() and proof.holds(), proofs, clock)
                background.append(asyncio.ensure_future(heartbeat.run()))
        for task in background:
            opened.callback(task.cancel)
        following = asyncio.ensure_future(follow_logs())
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait((following, stopping, outbox.broken), return_when=asyncio.FIRST_COMPLETED)
        if outbox.broken.done():
            outbox.broken.result()
        try:
            await asyncio.wait_for(following, _STOP_WITHIN_S)  # it ends by itself at the next tick
            log.info("detector.stopped")
        except TimeoutError:  # it waits for its database: what is not kept is read again at the next start
            log.warning("detector.stopped.behind")


async def open_stdin() -> asyncio.StreamReader:
    """Return a reader of what is piped in."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


class LocalTime(tzinfo):
    """This machine's time, in summer and in winter: nginx writes its error log in it, and a backlog may hold both."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        return (dt or datetime.now()).replace(tzinfo=None).astimezone().utcoffset()  # noqa: DTZ005 (local is meant)

    def dst(self, dt: datetime | None) -> timedelta | None:  # noqa: ARG002
        return timedelta(0)

    def tzname(self, dt: datetime | None) -> str | None:
        return (dt or datetime.now()).replace(tzinfo=None).astimezone().tzname()  # noqa: DTZ005

    def fromutc(self, dt: datetime) -> datetime:
        return dt.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)
