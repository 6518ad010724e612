"""What holds for every source that has a past: nothing lost, nothing twice, in order, in bounded batches."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import aiohttp
import pytest

from observability.detector.parse import Pending, step
from observability.detector.signals import Line, Position
from observability.detector.source_config import LokiSource
from observability.detector.sources import Batch, follow, follow_loki, held_back
from observability.detector.sources.loki import follow as loki_follow
from tests import loki as stand_in
from tests.loki import Loki

Checkpoints = Mapping[str, Position]
TICK_S = 0.01
MAX_LINES = 5_000
TRACEBACK = ("Traceback (most recent call last):", '  File "/srv/a.py", line 3, in f', "    g()", "KeyError: 'ean'")


def now() -> datetime:
    return datetime.now(UTC)


class World(Protocol):
    """A source with somebody who writes to it."""

    async def write(self, *texts: str) -> None: ...
    async def away(self) -> None: ...
    async def back(self) -> None: ...
    async def ready(self) -> None: ...
    def read(self, checkpoints: Checkpoints) -> AsyncGenerator[Batch, None]: ...
    def text_of(self, line: Line) -> str: ...


class Files:
    """A followed file. Away: its directory is moved."""

    def __init__(self, directory: Path) -> None:
        self._home, self._elsewhere = directory / "logs", directory / "moved"
        self._home.mkdir()
        self.log = self._home / "a.log"

    async def write(self, *texts: str) -> None:
        home = self._home if self._home.exists() else self._elsewhere
        with (home / self.log.name).open("a") as file:
            file.writelines(f"{self.line(text)}\n" for text in texts)

    def line(self, text: str) -> str:
        return text

    async def away(self) -> None:
        self._home.rename(self._elsewhere)

    async def back(self) -> None:
        self._elsewhere.rename(self._home)

    async def ready(self) -> None:
        pass

    def read(self, checkpoints: Checkpoints) -> AsyncGenerator[Batch, None]:
        return follow([self._pattern()], checkpoints, TICK_S, clock=now)

    def _pattern(self) -> Path:
        return self.log

    def text_of(self, line: Line) -> str:
        return line.text


class Docker(Files):
    """A container's log, found by a pattern."""

    def line(self, text: str) -> str:
        return json.dumps({"log": f"{text}\n", "stream": "stderr", "time": "2026-11-24T14:00:00.1Z"})

    def _pattern(self) -> Path:
        return self._home / "*.log"

    def text_of(self, line: Line) -> str:
        log: str = json.loads(line.text)["log"]
        return log.rstrip("\n")


class InLoki:
    """One stream in Loki. Away: Loki is stopped; agents push what they kept once it is back."""

    def __init__(self, server: Loki, session: aiohttp.ClientSession) -> None:
        self._server, self._session = server, session

    async def write(self, *texts: str) -> None:
        for text in texts:
            await self._server.push({"service": "backend"}, text)

    async def away(self) -> None:
        await self._server.stop()

    async def back(self) -> None:
        await self._server.start()

    async def ready(self) -> None:
        while not self._server.tails:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)

    def read(self, checkpoints: Checkpoints) -> AsyncGenerator[Batch, None]:
        source = LokiSource(self._server.url, '{service="backend"}')
        return follow_loki(self._session, source, checkpoints, TICK_S, clock=now)

    def text_of(self, line: Line) -> str:
        return line.text


@asynccontextmanager
async def world_of(kind: str, directory: Path) -> AsyncIterator[World]:
    if kind == "files":
        yield Files(directory)
    elif kind == "docker":
        yield Docker(directory)
    else:
        async with stand_in.loki() as server, aiohttp.ClientSession() as session:
            yield InLoki(server, session)


@pytest.fixture(params=["files", "docker", "loki"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setattr(loki_follow, "_WAITS_S", (0.01,))
    async with world_of(request.param, tmp_path) as made:
        yield made


class Detector:
    """Reads in the background, as a process does between two restarts; parses, and keeps what a commit would keep."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pending = Pending()
        self.checkpoints: Checkpoints = {}
        self.texts: list[str] = []
        self.tracebacks = 0
        self.longest = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._pending = Pending()
        task = asyncio.create_task(self._run())
        await self._world.ready()
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        async with aclosing(self._world.read(self.checkpoints)) as batches:
            async for batch in batches:
                self.texts += [self._world.text_of(line) for line in batch.lines]
                self.longest = max(self.longest, len(batch.lines))
                self._pending, signals = step(self._pending, batch.lines, now() - timedelta(minutes=1))
                self.tracebacks += sum(signal.kind == "traceback" for signal in signals)
                self.checkpoints = held_back(batch.checkpoints, self._pending.held_from)

    async def has(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.texts) < count:
                await asyncio.sleep(0.005)
        await asyncio.sleep(3 * TICK_S)


def numbered(begin: int, end: int) -> list[str]:
    return [f"line {number}" for number in range(begin, end)]


async def test_over_restarts_each_line_is_read_once_and_in_order(world: World) -> None:
    detector = Detector(world)
    for begin in (0, 3, 6):
        async with detector.running():
            if begin == 0:
                await world.write(*numbered(0, 3))
            await detector.has(begin + 3)
        await world.write(*numbered(begin + 3, begin + 6))
    assert detector.texts == numbered(0, 9)


async def test_an_entry_that_was_read_by_half_is_read_again_as_a_whole(world: World) -> None:
    detector = Detector(world)
    async with detector.running():
        await world.write("started", *TRACEBACK[:2])
        await detector.has(3)
    assert detector.tracebacks == 0
    await world.write(*TRACEBACK[2:], "2026-11-24 14:00:01 INFO next")
    async with detector.running():
        await detector.has(3 + 5)
    assert detector.texts == ["started", *TRACEBACK[:2], *TRACEBACK, "2026-11-24 14:00:01 INFO next"]
    assert detector.tracebacks == 1


async def test_what_was_written_while_the_source_was_away_comes_when_it_is_back(world: World) -> None:
    detector = Detector(world)
    async with detector.running():
        await world.write("before")
        await detector.has(1)
        await world.away()
        await asyncio.sleep(5 * TICK_S)
        await world.write("meanwhile")
        await world.back()
        await world.ready()
        await world.write("after")
        await detector.has(3)
    assert detector.texts == ["before", "meanwhile", "after"]


async def test_away_at_the_start_is_waited_for(world: World) -> None:
    detector = Detector(world)
    async with detector.running():
        await world.write("one")
        await detector.has(1)
    await world.write("two")
    await world.away()
    task = asyncio.create_task(detector._run())
    await asyncio.sleep(5 * TICK_S)
    await world.back()
    await detector.has(2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert detector.texts == ["one", "two"]


async def test_a_backlog_comes_in_bounded_batches(world: World) -> None:
    detector = Detector(world)
    async with detector.running():
        await world.write("first")
        await detector.has(1)
    await world.write(*numbered(0, MAX_LINES + 1_000))
    async with detector.running():
        await detector.has(MAX_LINES + 1_001)
    assert detector.texts == ["first", *numbered(0, MAX_LINES + 1_000)]
    assert detector.longest <= MAX_LINES
