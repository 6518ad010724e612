"""A stream of bytes to batches: what another program pipes in, such as `docker compose logs -f` or `journalctl -o export -f`.

It has no past: what was piped in while nobody read is gone, and its checkpoints are good for counting only.
"""

import asyncio
from collections.abc import AsyncGenerator

from observability.detector.signals import Position
from observability.detector.sources.batch import Batch, Clock
from observability.detector.sources.journal import BEGIN, ExportSplitter
from observability.detector.sources.splitter import LineSplitter

_CHUNK_BYTES = 64 * 1024


async def read_stream(
    reader: asyncio.StreamReader, source: str, tick_s: float, *, clock: Clock
) -> AsyncGenerator[Batch, None]:
    """Yield lines as they come, an empty batch on each tick, and at the end the last line even without a line break."""
    # Lines of two runs have the same offsets: the time of the start tells them apart.
    begin = Position(int(clock().timestamp() * 1_000_000), 0, 1)
    splitter: LineSplitter | ExportSplitter | None = None
    pending = asyncio.ensure_future(reader.read(_CHUNK_BYTES))
    try:
        while True:
            done, _ = await asyncio.wait({pending}, timeout=tick_s)
            if not done:
                yield Batch((), {source: splitter.position if splitter else begin})
                continue
            chunk = pending.result()
            splitter = splitter or (ExportSplitter if chunk.startswith(BEGIN) else LineSplitter)(source, begin)
            lines = splitter.feed(chunk, clock()) if chunk else splitter.flush(clock())
            yield Batch(tuple(lines), {source: splitter.position})
            if not chunk:
                return
            pending = asyncio.ensure_future(reader.read(_CHUNK_BYTES))
    finally:
        pending.cancel()
