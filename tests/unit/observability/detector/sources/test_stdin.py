"""A stream: lines as they come, ticks in silence, the last line even without its line break."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.signals import Position
from observability.detector.sources import read_stream
from observability.detector.sources.journal import ExportSplitter


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


EXPORT = (
    b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795518049348363\n_PID=7\nSYSLOG_IDENTIFIER=labels\nMESSAGE=started\n\n"
    b"__CURSOR=s=2\n__REALTIME_TIMESTAMP=1795518049348364\nMESSAGE\n\x09\x00\x00\x00\x00\x00\x00\x00one\ntwo\xff\n\n"
    b"\n"
    b"__CURSOR=s=3\nCOREDUMP\n\x04\x00\x00\x00\x00\x00\x00\x00\n\n\n\n\nMESSAGE=last\n"
)
RECORDS = [
    '{"__REALTIME_TIMESTAMP": "1795518049348363", "_PID": "7", "SYSLOG_IDENTIFIER": "labels", "MESSAGE": "started"}',
    '{"__REALTIME_TIMESTAMP": "1795518049348364", "MESSAGE": "one\\ntwo\\\\xff\\n"}',
    '{"MESSAGE": "last"}',
]


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_an_export_of_the_journal_comes_as_its_records(size: int) -> None:
    splitter = ExportSplitter("stdin", Position(1, 0, 1))
    export = EXPORT
    now = datetime.now(UTC)
    lines = [line for at in range(0, len(export), size) for line in splitter.feed(export[at : at + size], now)]
    lines += splitter.flush(now)
    assert [line.text for line in lines] == RECORDS
    assert [line.position.number for line in lines] == [1, 2, 3]
    assert splitter.position.offset == len(export)


async def test_a_stream_that_begins_as_an_export_is_read_as_one() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(EXPORT[:130])
    reader.feed_eof()
    batches = [batch async for batch in read_stream(reader, "stdin", 1, clock=lambda: datetime.now(UTC))]
    assert [line.text for batch in batches for line in batch.lines] == RECORDS[:1]


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_bytes_break_it(chunks: list[bytes]) -> None:
    splitter = ExportSplitter("stdin", Position(1, 0, 1))
    for chunk in chunks:
        splitter.feed(chunk, datetime.now(UTC))
    splitter.flush(datetime.now(UTC))
