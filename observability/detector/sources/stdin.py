"""A stream of bytes to batches: what another program pipes in. It has no past, so its checkpoints are only good for counting."""

import asyncio
from collections.abc import AsyncIterator

from observability.detector.signals import Position
from observability.detector.sources.batch import Batch, Clock
from observability.detector.sources.splitter import LineSplitter

_CHUNK_BYTES = 64 * 1024


async def read_stream(
    reader: asyncio.StreamReader, source: str, tick_s: float, *, clock: Clock
) -> AsyncIterator[Batch]:
    """Yield lines as they come, an empty batch on each tick, and at the end the last line even without a line break."""
    splitter = LineSplitter(source, Position(0, 0, 1))
    pending = asyncio.ensure_future(reader.read(_CHUNK_BYTES))
    try:
        while True:
            done, _ = await asyncio.wait({pending}, timeout=tick_s)
            if not done:
                yield Batch((), {source: splitter.position})
                continue
            chunk = pending.result()
            lines = splitter.feed(chunk, clock()) if chunk else splitter.flush(clock())
            yield Batch(tuple(lines), {source: splitter.position})
            if not chunk:
                return
            pending = asyncio.ensure_future(reader.read(_CHUNK_BYTES))
    finally:
        pending.cancel()
