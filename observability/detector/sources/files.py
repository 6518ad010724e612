"""Followed files to batches: wakes on a write, catches up in bounded steps, yields an empty batch on each tick."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from observability.detector.parse.clues import Clue
from observability.detector.signals import Line, Position
from observability.detector.sources.batch import Batch, Clock
from observability.detector.sources.catching_up import BEHIND_BYTES, MAX_BATCH_LINES, CatchingUp
from observability.detector.sources.followed import Followed
from observability.detector.sources.tail import Tail, all_checkpoints
from observability.detector.sources.watch import watch

# One failure is written to several files within a millisecond or two: read together they are worked on and kept once. And each
# batch costs as much as a dozen ordinary lines: at 2,000 lines a second a wake for each write would be all that is done.
GATHER_S = 0.01
REST_EACH_S = 0.01  # while there is more to read: others in the process have their turn


async def follow(
    paths: Iterable[Path],
    checkpoints: Mapping[str, Position],
    tick_s: float,
    *,
    clock: Clock,
    monotonic: Callable[[], float] = time.monotonic,
    known: Callable[[], Iterable[Clue]] = tuple,
    zone: Callable[[], tzinfo] = lambda: UTC,
) -> AsyncGenerator[Batch, None]:
    """Yield what is appended to `paths` (a `*` in one stands for many), from `checkpoints` on, for ever.

    Never raises for what happens to a file.

    A line without its line break is held until it is complete, or its file was rotated or truncated. Files that are far behind
    are read as `catching_up` says; `known` are the clues that it begins with, `zone` that of clocks that write none.
    """
    followed = Followed(paths, checkpoints)
    tails = followed.tails
    try:
        async with watch(followed.directories()) as changes:
            ticked_at = rested_at = 0.0
            late: CatchingUp | None = None
            while True:
                if late is None:
                    followed.refresh(monotonic())
                    changes.also(followed.directories())
                changes.refresh()
                for tail in tails:
                    tail.look(clock(), monotonic())
                left = sum(tail.left() for tail in tails)
                if late is None and left > BEHIND_BYTES:
                    late = CatchingUp(tails, known(), zone)
                for batch in _pass(tails, clock(), monotonic()) if late is None else late.advance(clock(), monotonic()):
                    if batch.lines or monotonic() - ticked_at >= tick_s:
                        ticked_at = monotonic()
                        yield replace(batch, lag_bytes=left)
                late = None if late is None or late.done else late
                if late is None and not any(tail.behind for tail in tails):
                    await changes.wait(max(0.0, ticked_at + tick_s - monotonic()))
                    await asyncio.sleep(GATHER_S)
                elif monotonic() - rested_at >= REST_EACH_S:
                    await asyncio.sleep(0)
                    rested_at = monotonic()
    finally:
        for tail in tails:
            tail.close()


def _pass(tails: list[Tail], read_at: datetime, monotonic: float) -> Iterator[Batch]:
    """Give one chunk of every file, as few batches as fit; the last one, perhaps empty, has the exact checkpoints."""
    reached = all_checkpoints(tails)
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
    yield Batch(tuple(lines), all_checkpoints(tails))
