"""`python -m benchmarks.day_process`: 50 million lines, more than a day's, followed as the detector does; what that weighs."""

import asyncio
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from benchmarks.day_writer import NAMES
from observability.detector.lifecycle import Policy
from observability.detector.measures import Measures
from observability.detector.pipeline import Pipeline
from observability.detector.sources import Batch, follow
from observability.detector.store import open_store

LINES = 50_000_000


def _now() -> datetime:
    return datetime.now(UTC)


def _rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _next_block(writer: Process) -> int:
    """Have the next block written; return how many lines it has."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(b"\n")
    return int(await writer.stdout.readline())


def _read_to_its_end(batch: Batch, path: Path) -> bool:
    place, found = batch.checkpoints.get(str(path)), path.stat()
    return place is not None and (place.file_id, place.offset) == (found.st_ino, found.st_size)


async def day(logs: Path, lines: int) -> dict[str, float]:
    """Return the lines followed, the seconds of CPU, the memory at the end, and its growth over the second half."""
    paths = [logs / name for name in NAMES]
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.day_writer", str(logs), stdin=PIPE, stdout=PIPE
    )
    async with open_store(f"sqlite:///{logs}/incidents.db", lambda _: ()) as store:
        loaded = await store.load()
        measures = Measures(CollectorRegistry(), ())
        pipeline = Pipeline(store, loaded, measures, Policy(), clock=_now, zone=lambda: UTC, wake=lambda: None)
        written, half, began = await _next_block(writer), (0, 0.0), time.process_time()
        async with aclosing(follow(paths, {}, 0.25, clock=_now, known=pipeline.clues, zone=lambda: UTC)) as batches:
            async for batch in batches:
                await pipeline.take(batch)
                if not all(_read_to_its_end(batch, path) for path in paths):
                    continue
                if not half[0] and written >= lines / 2:
                    half = (written, _rss_mb())
                if written >= lines:
                    break
                written += await _next_block(writer)
        await pipeline.finish()
        writer.terminate()
        await writer.wait()
        return {
            "lines": written,
            "cpu_s": time.process_time() - began,
            "rss_mb": _rss_mb(),
            "later_lines": written - half[0],
            "growth_mb": _rss_mb() - half[1],
        }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        print(json.dumps(asyncio.run(day(Path(directory), int(sys.argv[1]) if sys.argv[1:] else LINES))))
