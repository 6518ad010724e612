"""10,000 distinct open incidents in the store (SQLite): opening the list, and adding one more, from line to commit.

Correlate has its 256 in mind. They came 31 seconds apart: what a burst of new ones costs, `latency` measures.

The limit in the same run is SQLite alone: the same 50 documents by one query, and the same document by one insert.
"""

import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry

from benchmarks.latency import crash_line
from benchmarks.table import Row, quantile
from observability.detector.access import COOKIE, Access
from observability.detector.api import Parts, build_api
from observability.detector.incidents import Incident, Opened
from observability.detector.life import Life
from observability.detector.lifecycle import Policy
from observability.detector.measures import Measures
from observability.detector.pipeline import Pipeline
from observability.detector.presentation import LinkTemplates, present
from observability.detector.signals import Line, Position
from observability.detector.silences_file import SilencesFile
from observability.detector.sources import Batch
from observability.detector.store import Filters, Store, incident_of, open_store
from observability.detector.web import add_pages

INCIDENTS = 10_000
ROUNDS = 100
AIM_MS = 50.0
TOKEN = "benchmark-token"
_ADDED = 300  # crashes that are really read
_APART = timedelta(seconds=31)
LISTS = {
    "open the list over HTTP": "/api/incidents",
    "the same, open ones of one route": "/api/incidents?state=open&route=POST%20/api/barcodes/upload-excel",
    "the same, a filter that nothing fits": "/api/incidents?cause=segfault",
    "open the list as a page": "/incidents",
}


class Clock:
    """Stands still until the next crash."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def batch(number: int, at: datetime) -> Batch:
    """Return one more crash of a kind of its own."""
    text = crash_line(number).decode().rstrip("\n")
    position = Position(7, number * 10_000, number + 1)
    return Batch(
        (Line("backend.log", position, text, at),), {"backend.log": replace(position, offset=position.offset + 1)}
    )


async def fill(store: Store, example: Incident, now: datetime) -> None:
    """Keep copies of a real incident, each with a fingerprint and a time of its own."""
    for start in range(0, INCIDENTS, 500):
        copies = [
            replace(
                example,
                id=f"{n:020x}",
                fingerprint=f"v1:{n:032x}",
                first_seen=example.first_seen - timedelta(seconds=n),
            )
            for n in range(start, start + 500)
        ]
        lived = {one.id: Life(told=True) for one in copies}
        await store.commit([Opened(one) for one in copies], {}, {}, now=now, lived=lived, tell=())


@asynccontextmanager
async def served(
    store: Store, pipeline: Pipeline, measures: Measures, registry: CollectorRegistry, clock: Clock
) -> AsyncIterator[str]:
    """Serve API and pages; give the address."""
    app = build_api(
        Parts(
            store=store,
            access=Access(TOKEN),
            act=pipeline.act,
            present=lambda document, attempts: present(document, LinkTemplates(), attempts),
            measures=measures,
            registry=registry,
            alive=lambda: True,
            clock=clock,
            silences=SilencesFile(None, clock).shown,
        )
    )
    add_pages(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def bare(path: Path) -> tuple[float, float]:
    """Return the p99 of reading 50 documents and of inserting one, with sqlite3 alone."""
    with sqlite3.connect(path) as connection:
        reads, writes = [], []
        query = "SELECT document FROM incidents ORDER BY first_seen_us DESC, id DESC LIMIT 50"
        connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, document TEXT)")
        for _ in range(ROUNDS):
            began = time.perf_counter()
            (document, *_rest) = [json.loads(row[0]) for row in connection.execute(query)]
            reads.append(time.perf_counter() - began)
            began = time.perf_counter()
            connection.execute("INSERT INTO bare (document) VALUES (?)", (json.dumps(document),))
            connection.commit()
            writes.append(time.perf_counter() - began)
    return quantile(reads, 0.99), quantile(writes, 0.99)


async def measure(path: Path) -> dict[str, list[float]]:
    """Return the seconds of each round."""
    async with open_store(f"sqlite:///{path}", lambda _: ("webhook",)) as store:
        registry, clock = CollectorRegistry(), Clock()
        measures = Measures(registry, ("webhook",))
        pipeline = Pipeline(
            store, await store.load(), measures, Policy(), clock=clock, zone=lambda: UTC, wake=lambda: None
        )

        async def add(number: int) -> float:
            clock.now += _APART
            began = time.perf_counter()
            await pipeline.take(batch(number, clock.now))
            return time.perf_counter() - began

        for number in range(_ADDED):
            await add(number)
        (example,) = (await store.list_incidents(Filters(), 1)).documents
        await fill(store, incident_of(example), clock.now)
        found = {"add one, line → commit": [await add(number) for number in range(_ADDED, _ADDED + ROUNDS)]}
        cookies = {COOKIE: Access(TOKEN).new_session(clock())}
        async with (
            served(store, pipeline, measures, registry, clock) as url,
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}, cookies=cookies) as client,
        ):

            async def get(target: str) -> float:
                began = time.perf_counter()
                async with client.get(f"{url}{target}") as answer:
                    assert answer.status == 200, await answer.text()
                    await answer.read()
                return time.perf_counter() - began

            for name, target in LISTS.items():
                found[name] = [await get(target) for _ in range(ROUNDS)]
        return found


async def rows() -> list[Row]:
    """Measure everything in one run."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "incidents.db"
        found = await measure(path)
        read_s, write_s = await asyncio.to_thread(bare, path)
    made = []
    for name, values in found.items():
        limit, words = (write_s, "insert") if name.startswith("add") else (read_s, "select")
        ours = quantile(values, 0.99) * 1e3
        half = quantile(values, 0.5) * 1e3
        what = f"{INCIDENTS:,} incidents: {name}, p50 / p99"
        made.append(
            Row(what, f"{half:.1f} / {ours:.1f} ms", f"sqlite3, {words}: {limit * 1e3:.1f} ms", f"{ours / limit / 1e3:.1f}",
                f"≤ {AIM_MS:.0f} ms", ours <= AIM_MS)
        )  # fmt: skip
    return made
