"""`python -m benchmarks.catch_up_process LOGS`: follow the logs there to their end as the detector does, and say what it took."""

import asyncio
import json
import sys
import time
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry

from observability.detector.incidents import CauseCode
from observability.detector.lifecycle import Policy
from observability.detector.measures import Measures
from observability.detector.pipeline import Pipeline
from observability.detector.sources import follow
from observability.detector.store import open_store


def _now() -> datetime:
    return datetime.now(UTC)


def _peak_mb() -> float:
    """Return the peak of this program alone: getrusage() also knows of what its parent was before the exec."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


async def catch_up(logs: Path) -> dict[str, float]:
    """Return seconds of CPU, megabytes of memory at the peak, and what was found."""
    paths = [logs / name for name in ("access.log", "error.log", "backend.log")]
    async with open_store(f"sqlite:///{logs}/incidents.db", lambda _: ()) as store:
        loaded = await store.load()
        measures = Measures(CollectorRegistry(), ())
        pipeline = Pipeline(store, loaded, measures, Policy(), clock=_now, zone=lambda: UTC, wake=lambda: None)
        began = time.process_time()
        async with aclosing(follow(paths, {}, 0.25, clock=_now, known=pipeline.clues, zone=lambda: UTC)) as batches:
            async for batch in batches:
                await pipeline.take(batch)
                if all(batch.checkpoints[str(path)].offset == path.stat().st_size for path in paths):
                    break
        await pipeline.finish()
        return {
            "cpu_s": time.process_time() - began,
            "rss_mb": _peak_mb(),
            "incidents": sum(measures.incidents.labels(cause)._value.get() for cause in get_args(CauseCode)),
            "lines": measures.lines._value.get(),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(catch_up(Path(sys.argv[1])))))
