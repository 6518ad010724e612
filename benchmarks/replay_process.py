"""`python -m benchmarks.replay_process`: generated traffic through the real pipeline for a minute, and what that weighs."""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from prometheus_client import CollectorRegistry

from benchmarks.traffic import traffic
from observability.detector.lifecycle import Policy
from observability.detector.measures import Measures
from observability.detector.pipeline import Pipeline
from observability.detector.signals import Line, Position
from observability.detector.sources import Batch
from observability.detector.store import open_store

LASTS_S = 60.0
BATCH_LINES = 2_000
NAMES = ("access.log", "error.log", "backend.log")


def _now() -> datetime:
    return datetime.now(UTC)


def _rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def batches() -> Iterator[Batch]:
    """Yield traffic as a source hands it on: a crash in 30,000 requests."""
    number = 0
    lines: list[Line] = []
    for written in traffic(300, 30_000):
        for name, text in zip(NAMES, written, strict=True):
            for one in text.splitlines():
                number += 1
                lines.append(Line(name, Position(1, number, number), one, _now()))
        if len(lines) >= BATCH_LINES:
            yield Batch(tuple(lines), {name: Position(1, number + 1, number + 1) for name in NAMES})
            lines = []


async def replay() -> dict[str, float]:
    """Return the lines read, the memory at the end, and its growth over the second half."""
    with tempfile.TemporaryDirectory() as directory:
        async with open_store(f"sqlite:///{directory}/incidents.db", lambda _: ()) as store:
            measures = Measures(CollectorRegistry(), ())
            loaded = await store.load()
            pipeline = Pipeline(store, loaded, measures, Policy(), clock=_now, zone=lambda: UTC, wake=lambda: None)
            began, read = time.monotonic(), 0
            half: tuple[int, float] | None = None
            for batch in islice(batches(), 100_000):
                await pipeline.take(batch)
                read += len(batch.lines)
                passed = time.monotonic() - began
                if half is None and passed >= LASTS_S / 2:
                    half = (read, _rss_mb())
                if half is not None and passed >= LASTS_S:
                    break
            seen, weighed = half or (0, 0.0)
            return {
                "lines": read,
                "rss_mb": _rss_mb(),
                "later_lines": read - seen,
                "growth_mb": _rss_mb() - weighed,
            }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(replay())))
