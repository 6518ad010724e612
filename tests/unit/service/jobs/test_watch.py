"""Who waits for a job is woken by its change, and by nothing that happened to another one."""

import asyncio

from service.jobs.watch import Watches


async def test_a_change_wakes_those_who_wait_for_that_job() -> None:
    watches = Watches()
    with watches.open("a") as first, watches.open("a") as second, watches.open("b") as other:
        waiting = [asyncio.create_task(watch.changed(60)) for watch in (first, second, other)]
        await asyncio.sleep(0)
        watches.wake("a")
        await asyncio.sleep(0.01)
        assert [task.done() for task in waiting] == [True, True, False]
        watches.wake_all()
        await asyncio.gather(*waiting)


async def test_a_change_before_the_wait_is_not_lost() -> None:
    watches = Watches()
    with watches.open("a") as watch:
        watches.wake("a")
        await asyncio.wait_for(watch.changed(60), 0.5)


async def test_without_a_change_it_looks_again_all_the_same() -> None:
    watches = Watches()
    with watches.open("a") as watch:
        await asyncio.wait_for(watch.changed(0.01), 0.5)
    watches.wake("a")  # nobody waits any more
