"""Who is next when several want a slot."""

import asyncio
from dataclasses import dataclass

import pytest

from service.jobs.slots import Slots


@dataclass(frozen=True, slots=True)
class Ask:
    name: str
    since: float | None = None
    large: bool = False


ORDERS: dict[str, tuple[tuple[Ask, ...], str]] = {
    "without a job in the order of asking": ((Ask("a"), Ask("b"), Ask("c")), "abc"),
    "the oldest job first, whatever it asks for and when": ((Ask("c", 3), Ask("a", 1), Ask("b", 2)), "abc"),
    "one job asks in order": ((Ask("a", 1), Ask("b", 1)), "ab"),
    "who waits at the door takes turns with jobs": (
        (Ask("1", 1), Ask("2", 2), Ask("3", 3), Ask("a"), Ask("b"), Ask("c")),
        "1a2b3c",
    ),
    "a large job goes behind the small ones that wait when it asks, and before those that come": (
        (Ask("a", 5), Ask("b", 6), Ask("L", 1, large=True), Ask("c", 7)),
        "abLc",
    ),
}


@pytest.mark.parametrize(("asks", "order"), ORDERS.values(), ids=ORDERS)
async def test_one_slot_is_given_in_this_order(asks: tuple[Ask, ...], order: str) -> None:
    slots, had = Slots(1), []

    async def work(ask: Ask) -> None:
        async with slots.take(large=ask.large, since=ask.since):
            had.append(ask.name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks, slots.take(large=False):
        for ask in asks:
            tasks.create_task(work(ask))
            await asyncio.sleep(0)
    assert "".join(had) == order


async def test_jobs_end_in_the_order_in_which_they_came() -> None:
    slots, ended = Slots(2), []

    async def job(number: int) -> None:
        for _stage in range(4):
            async with slots.take(large=False, since=number):
                await asyncio.sleep(0)
        ended.append(number)

    await asyncio.gather(*(job(number) for number in range(50)))
    assert all(abs(number - place) <= 2 for place, number in enumerate(ended))


async def test_large_work_leaves_a_slot() -> None:
    slots, entered = Slots(2), asyncio.Event()

    async def work(*, large: bool) -> None:
        async with slots.take(large=large, since=1):
            if large:
                await asyncio.sleep(60)
            entered.set()

    large = [asyncio.create_task(work(large=True)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.gather(work(large=False))
    assert entered.is_set()
    for task in large:
        task.cancel()


async def test_who_stops_waiting_holds_nothing() -> None:
    slots = Slots(1)

    async def wait() -> None:
        async with slots.take(large=True, since=1):
            pass

    async with slots.take(large=True):
        waiting = [asyncio.create_task(wait()) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
    waiting[1].cancel()  # granted already, and not entered yet
    await asyncio.gather(*waiting, return_exceptions=True)
    async with slots.take(large=True), asyncio.timeout(1):
        pass


def test_no_slot_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="0 slots"):
        Slots(0)
