"""Followed files to batches: wakes on a write, catches up in bounded steps, yields an empty batch on each tick."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from observability.detector.signals import Line, Position
from observability.detector.sources.batch import Batch, Clock
from observability.detector.sources.tail import Tail
from observability.detector.sources.watch import watch

MAX_BATCH_LINES = 4000
# One failure is written to several files within a millisecond or two: read together they are worked on and kept once.
GATHER_S = 0.002


async def follow(
    paths: Iterable[Path],
    checkpoints: Mapping[str, Position],
    tick_s: float,
    *,
    clock: Clock,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[Batch, None]:
    """Yield what is appended to `paths`, from `checkpoints` on, for ever. Never raises for what happens to a file.

    A line without its line break is held until it is complete, or its file was rotated or truncated.
    """
    tails = [Tail(path, checkpoints) for path in paths]
    directories = {d for path in paths for d in (path.parent, path.resolve().parent)}
    try:
        async with watch(directories) as changes:
            ticked_at = monotonic()
            while True:
                changes.refresh()
                for batch in _pass(tails, clock(), monotonic()):
                    if batch.lines or monotonic() - ticked_at >= tick_s:
                        ticked_at = monotonic()
                        yield batch
                if any(tail.behind for tail in tails):
                    await asyncio.sleep(0)
                else:
                    await changes.wait(max(0.0, ticked_at + tick_s - monotonic()))
                    await asyncio.sleep(GATHER_S)
    finally:
        for tail in tails:
            tail.close()


def _pass(tails: list[Tail], read_at: datetime, monotonic: float) -> Iterator[Batch]:
    """Give one chunk of every file, as few batches as fit; the last one, perhaps empty, has the exact checkpoints."""
    for tail in tails:
        tail.look(read_at, monotonic)
    reached = _all_checkpoints(tails)
    lines: list[Line] = []
    for tail in tails:
        for key, read, after in tail.read(read_at, monotonic):
            while len(lines) + len(read) > MAX_BATCH_LINES:
                fitting = MAX_BATCH_LINES - len(lines)
                lines += read[:fitting]
                read = read[fitting:]
                reached[key] = read[0].position
                yield Batch(tuple(lines), dict(reached))
                lines = []
            lines += read
            reached[key] = after
    yield Batch(tuple(lines), _all_checkpoints(tails))


def _all_checkpoints(tails: list[Tail]) -> dict[str, Position]:
    return {key: position for tail in tails for key, position in tail.checkpoints().items()}
