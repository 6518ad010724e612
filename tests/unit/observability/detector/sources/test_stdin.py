"""A stream: lines as they come, ticks in silence, the last line even without its line break."""

import asyncio
from datetime import UTC, datetime

from observability.detector.sources import read_stream


async def test_a_stream_is_read_to_its_end() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"one\ntwo\nthr")
    reader.feed_eof()
    texts = [
        line.text
        async for batch in read_stream(reader, "stdin", 1, clock=lambda: datetime.now(UTC))
        for line in batch.lines
    ]
    assert texts == ["one", "two", "thr"]


async def test_a_silent_stream_ticks() -> None:
    reader = asyncio.StreamReader()
    batches = read_stream(reader, "stdin", 0.001, clock=lambda: datetime.now(UTC))
    assert (await anext(batches)).lines == ()
    reader.feed_data(b"one\n")
    assert [line.text for line in (await anext(batches)).lines] == ["one"]
