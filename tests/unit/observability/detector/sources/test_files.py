"""Following files: wakes on a write, ticks in silence, catches up in bounded steps, checkpoints what was handed on."""

import asyncio
import errno
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from observability.detector.signals import Position
from observability.detector.sources import Batch, follow, held_back
from observability.detector.sources.catching_up import MAX_BATCH_LINES


def following(
    *paths: Path, checkpoints: Mapping[str, Position] | None = None, tick_s: float = 0.25
) -> AsyncGenerator[Batch, None]:
    return follow(paths, checkpoints or {}, tick_s, clock=lambda: datetime.now(UTC))


async def next_lines(batches: AsyncGenerator[Batch, None]) -> Batch:
    async for batch in batches:
        if batch.lines:
            return batch
    raise AssertionError("ended")


async def test_a_tick_is_an_empty_batch(tmp_path: Path) -> None:
    async with aclosing(following(tmp_path / "a.log", tick_s=0.01)) as batches:
        assert (await anext(batches)).lines == ()
        assert (await anext(batches)).lines == ()


async def test_a_write_wakes_long_before_the_tick(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.touch()
    async with aclosing(following(log, tick_s=60)) as batches:
        waiting = asyncio.create_task(next_lines(batches))
        await asyncio.sleep(0.05)
        log.write_text("one\n")
        batch = await asyncio.wait_for(waiting, 5)
    assert [line.text for line in batch.lines] == ["one"]


async def test_a_directory_that_appears_is_watched_from_the_next_tick_on(tmp_path: Path) -> None:
    log = tmp_path / "later" / "a.log"
    async with aclosing(following(log, tick_s=0.05)) as batches:
        await anext(batches)
        log.parent.mkdir()
        await anext(batches)
        log.write_text("one\n")
        assert (await asyncio.wait_for(next_lines(batches), 5)).lines[0].text == "one"


async def test_without_inotify_the_tick_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("observability.detector.sources.watch.Inotify", none_left)
    log = tmp_path / "a.log"
    async with aclosing(following(log, tick_s=0.01)) as batches:
        await anext(batches)
        log.write_text("one\n")
        assert (await asyncio.wait_for(next_lines(batches), 5)).lines[0].text == "one"


async def test_catching_up_comes_in_bounded_batches_and_can_stop_after_each(tmp_path: Path) -> None:
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    first.write_text("".join(f"a {number}\n" for number in range(30_000)))
    second.write_text("".join(f"b {number}\n" for number in range(100)))
    seen: list[str] = []
    checkpoints: Mapping[str, Position] = {}
    while len(seen) < 30_100:
        async with aclosing(following(first, second, checkpoints=checkpoints)) as batches:
            batch = await asyncio.wait_for(next_lines(batches), 5)
        assert len(batch.lines) <= MAX_BATCH_LINES
        checkpoints = batch.checkpoints
        seen += [line.text for line in batch.lines]
    assert [text for text in seen if text.startswith("a")] == [f"a {number}" for number in range(30_000)]
    assert [text for text in seen if text.startswith("b")] == [f"b {number}" for number in range(100)]


async def test_reading_goes_on_while_the_loop_has_other_work(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("x\n" * 500_000)

    async def count() -> int:
        total = 0
        async with aclosing(following(log)) as batches:
            async for batch in batches:
                total += len(batch.lines)
                await asyncio.sleep(0)
                if total == 500_000:
                    break
        return total

    counting = asyncio.create_task(count())
    turns = 0
    while not counting.done():
        await asyncio.sleep(0)
        turns += 1
    assert counting.result() == 500_000
    assert turns >= 500_000 / MAX_BATCH_LINES


def at(file_id: int, offset: int) -> Position:
    return Position(file_id, offset, offset + 1)


def test_a_checkpoint_does_not_pass_an_entry_that_is_still_held() -> None:
    assert held_back({"a": at(1, 90), "b": at(2, 9)}, {"a": at(1, 40)}) == {"a": at(1, 40), "b": at(2, 9)}


def test_an_entry_held_in_a_rotated_file_keeps_that_file_and_not_the_new_one() -> None:
    both = {"a": at(2, 10), "a#1": at(1, 90)}
    assert held_back(both, {"a": at(1, 40)}) == {"a": at(2, 10), "a#1": at(1, 40)}
    assert held_back({"a": at(2, 10)}, {"a": at(1, 40)}) == {"a": at(2, 10), "a#1": at(1, 40)}


def test_what_was_held_before_a_truncation_does_not_move_the_checkpoint_forward() -> None:
    assert held_back({"a": at(1, 0)}, {"a": at(1, 40)}) == {"a": at(1, 0)}
