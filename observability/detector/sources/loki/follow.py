"""Follows what matches a selector: the gap since the checkpoints by query, then the tail; again after each break."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

import aiohttp

from observability.detector.signals import Line, Position
from observability.detector.sources.batch import Batch, Clock
from observability.detector.sources.loki.client import LokiClient, LokiSource, LokiUnavailable, frame_of
from observability.detector.sources.loki.entries import Entry, Found, Streams, dropped_of, entries_of
from observability.logs import get_logger

# Agents push late: a gap is read again from so long before the newest entry. What is later than that is lost while we are away.
LATE_NS: Final = 600 * 10**9
MAX_LINE: Final = 1024 * 1024  # characters
_WAITS_S: Final = (0.5, 1, 2, 5, 10)
_log = get_logger()

Select = Callable[[Iterable[Entry]], Iterable[Found]]


async def follow_loki(
    session: aiohttp.ClientSession,
    source: LokiSource,
    checkpoints: Mapping[str, Position],
    tick_s: float,
    *,
    clock: Clock,
) -> AsyncGenerator[Batch, None]:
    """Yield entries from `checkpoints` on, for ever; without any, from now on. Loki's absence is logged, and waited for."""
    client, streams = LokiClient(session, source), Streams(checkpoints)
    begin_ns = _ns(clock())
    failures = 0
    while True:
        try:
            async for batch in _connected(client, streams, begin_ns, tick_s, clock):
                failures = 0
                yield batch
        except LokiUnavailable as problem:
            wait_s = _WAITS_S[min(failures, len(_WAITS_S) - 1)]
            failures += 1
            _log.warning("sources.loki.unavailable", reason=problem.reason, retry_in_s=wait_s)
            async for batch in _ticks(wait_s, tick_s, streams):
                yield batch


async def _ticks(wait_s: float, tick_s: float, streams: Streams) -> AsyncIterator[Batch]:
    while wait_s > 0:
        yield Batch((), streams.checkpoints)
        await asyncio.sleep(min(wait_s, tick_s))
        wait_s -= max(tick_s, 0.001)


async def _connected(
    client: LokiClient, streams: Streams, begin_ns: int, tick_s: float, clock: Clock
) -> AsyncIterator[Batch]:
    """Open the tail first: so what comes while the gap is read waits there, and nothing falls between the two."""
    opened_ns = _ns(clock())
    async with client.tail(opened_ns) as socket:
        latest = streams.latest_ns
        streams.forget((latest or 0) - LATE_NS)
        since = begin_ns if latest is None else latest - LATE_NS
        async for batch in _gap(client, streams, since, opened_ns + 1, streams.fill, clock):
            yield batch
        while True:
            frame = await frame_of(socket, tick_s)
            if frame is None:
                yield Batch((), streams.checkpoints)
                continue
            entries = list(entries_of(frame.get("streams")))
            if not all(streams.knows(entry) for entry in entries):
                streams.learn(await client.series(opened_ns - LATE_NS, _ns(clock()) + 1))
            yield _batch(streams, streams.tail(entries), clock())
            if (dropped_ns := dropped_of(frame)) is not None:
                _log.info("sources.loki.dropped", since_ns=dropped_ns)
                async for batch in _gap(client, streams, dropped_ns, _ns(clock()) + 1, streams.tail, clock):
                    yield batch


async def _gap(
    client: LokiClient, streams: Streams, begin_ns: int, end_ns: int, select: Select, clock: Clock
) -> AsyncIterator[Batch]:
    streams.learn(await client.series(begin_ns, end_ns))
    async for page in client.span(begin_ns, end_ns):
        yield _batch(streams, select(page), clock())


def _batch(streams: Streams, found: Iterable[Found], read_at: datetime) -> Batch:
    lines = tuple(_line(one, read_at) for one in found)
    return Batch(lines, streams.checkpoints)


def _line(found: Found, read_at: datetime) -> Line:
    source, position, text = found
    return Line(source, position, text.rstrip("\r\n")[:MAX_LINE], read_at)


def _ns(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000
