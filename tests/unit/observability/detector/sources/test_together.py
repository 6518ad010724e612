"""Several sources as one: nothing waits for another, no checkpoint is forgotten."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from observability.detector.signals import Line, Position
from observability.detector.sources import Batch, together

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def batch(source: str, number: int) -> Batch:
    line = Line(source, Position(1, number, number), f"{source} {number}", NOW)
    return Batch((line,), {source: Position(1, number + 1, number + 1)})


async def source(name: str, count: int, *, go: asyncio.Event | None = None) -> AsyncGenerator[Batch, None]:
    for number in range(1, count + 1):
        if go is not None:
            await go.wait()
        yield batch(name, number)


async def test_all_is_handed_on_in_the_order_of_each() -> None:
    batches = [b async for b in together([source("a", 3), source("b", 2)], {})]
    for name, count in (("a", 3), ("b", 2)):
        texts = [line.text for b in batches for line in b.lines if line.source == name]
        assert texts == [f"{name} {n}" for n in range(1, count + 1)]
    assert batches[-1].checkpoints == {"a": Position(1, 4, 4), "b": Position(1, 3, 3)}


async def test_a_silent_source_holds_up_no_other_and_keeps_its_checkpoint() -> None:
    go, begun = asyncio.Event(), {"b": Position(7, 70, 7), "a": Position(1, 1, 1)}
    async with aclosing(together([source("a", 1), source("b", 1, go=go)], begun)) as batches:
        first = await anext(batches)
        assert first.checkpoints == {"a": Position(1, 2, 2), "b": Position(7, 70, 7)}
        go.set()
        assert (await anext(batches)).checkpoints == {"a": Position(1, 2, 2), "b": Position(1, 2, 2)}


async def test_a_source_that_breaks_is_heard_of() -> None:
    async def broken() -> AsyncGenerator[Batch, None]:
        yield batch("a", 1)
        raise OSError("gone")

    async with aclosing(together([broken()], {})) as batches:
        assert (await anext(batches)).lines
        with pytest.raises(OSError, match="gone"):
            await anext(batches)
