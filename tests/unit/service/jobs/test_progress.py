"""How far a job is: the store has the latest word, and no late one."""

import asyncio
from dataclasses import replace
from pathlib import Path

from service.jobs.progress import kept
from service.jobs.store import JobStore, open_store
from tests.unit.service.jobs.test_store import JOB


async def progress_of(store: JobStore) -> tuple[int, int, int]:
    job = await store.get(JOB.id)
    assert job is not None
    return job.done, job.total, job.version


async def test_the_store_has_the_last_word_when_the_block_ends(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path / 'jobs.sqlite'}") as store:
        await store.add(replace(JOB, state="running"), idempotency=None, queue_limit=9)
        async with kept(store, JOB.id) as note:
            for done in range(1, 101):
                note(done, 100)
        done, total, version = await progress_of(store)
        assert (done, total) == (100, 100)
        assert version <= JOB.version + 2  # the first word, and the last of those that came while it was written


async def test_each_word_that_is_waited_for_wakes_those_who_follow_the_job(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path / 'jobs.sqlite'}") as store:
        await store.add(replace(JOB, state="running"), idempotency=None, queue_limit=9)
        async with kept(store, JOB.id) as note:
            for done in (10, 20):
                with store.watches.open(JOB.id) as watch:
                    note(done, 100)
                    await asyncio.wait_for(watch._woken.wait(), 10)
                assert (await progress_of(store))[0] == done


async def test_a_job_that_has_ended_is_not_changed(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path / 'jobs.sqlite'}") as store:
        await store.add(replace(JOB, state="cancelled"), idempotency=None, queue_limit=9)
        async with kept(store, JOB.id) as note:
            note(5, 100)
        assert (await progress_of(store))[0] == 0
