"""Several sources as one: batches as they come, each with the checkpoints of all."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from observability.detector.signals import Position
from observability.detector.sources.batch import Batch

Follower = AsyncGenerator[Batch, None]


async def together(followers: Sequence[Follower], checkpoints: Mapping[str, Position]) -> Follower:
    """Yield what the sources yield until all have ended. None reads on before its last batch was taken.

    `checkpoints` hold for a source until its first batch: what it began with is not forgotten meanwhile.
    """
    reached: dict[int, Mapping[str, Position]] = {}
    waiting = {place: asyncio.ensure_future(anext(follower)) for place, follower in enumerate(followers)}
    try:
        while waiting:
            await asyncio.wait(waiting.values(), return_when=asyncio.FIRST_COMPLETED)
            for place, task in list(waiting.items()):
                if not task.done():
                    continue
                del waiting[place]
                with suppress(StopAsyncIteration):
                    batch = task.result()
                    reached[place] = batch.checkpoints
                    begun = checkpoints if len(reached) < len(followers) else {}
                    of_all = {key: position for one in (begun, *reached.values()) for key, position in one.items()}
                    yield replace(batch, checkpoints=of_all)
                    waiting[place] = asyncio.ensure_future(anext(followers[place]))
    finally:
        for task in waiting.values():
            task.cancel()
        await asyncio.gather(*waiting.values(), return_exceptions=True)
        for follower in followers:
            await follower.aclose()
