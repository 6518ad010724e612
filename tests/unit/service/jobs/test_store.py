"""The store of jobs behaves the same on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from observability.ids import JobId, RequestId
from service.jobs.model import Idempotency, IdempotencyMismatch, Job, QueueFull, Upload
from service.jobs.runner import with_driver
from service.jobs.store import JobStore, open_store
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
JOB = Job(JobId("a"), "queued", Upload("l.xlsx", "0" * 64, 5, "{}"), RequestId("r"), "", executor="one", created=AT)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.e2e)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    else:
        url = with_driver(request.getfixturevalue("postgres_url"))
    async with open_store(url) as opened:
        yield opened


async def add(store: JobStore, job: Job = JOB, key: Idempotency | None = None, limit: int = 10) -> Job:
    return (await store.add(job, idempotency=key, queue_limit=limit)).job


async def test_what_was_kept_comes_back(store: JobStore) -> None:
    await add(store)
    assert await store.get("a") == JOB
    assert await store.get("b") is None
    problem = {"code": "corrupt_file", "detail": "ünïcode"}
    assert await store.change(JOB.id, counts={"rows": 3}, problem=problem, verified={"checked": 1}, stage="read")
    changed = await store.get("a")
    assert changed is not None
    assert (changed.counts, changed.problem, changed.verified) == ({"rows": 3}, problem, {"checked": 1})
    assert changed.version == JOB.version + 1
    assert changed.created == AT


async def test_a_job_that_has_ended_changes_no_more(store: JobStore) -> None:
    await add(store)
    assert await store.change(JOB.id, state="cancelled", finished=AT)
    assert not await store.change(JOB.id, state="succeeded")
    assert await store.begin(JOB.id) is None
    ended = await store.get("a")
    assert ended is not None
    assert ended.state == "cancelled"


async def test_attempts_are_counted_and_those_of_an_orderly_stop_taken_back(store: JobStore) -> None:
    await add(store)
    for attempt in (1, 2):
        begun = await store.begin(JOB.id)
        assert begun is not None
        assert begun.attempts == attempt
    await store.take_back_attempts([JOB.id])
    left = await store.get("a")
    assert left is not None
    assert left.attempts == 1


async def test_a_key_stands_for_one_job_also_when_asked_at_once(store: JobStore) -> None:
    key = Idempotency("k", "hash")
    jobs = await asyncio.gather(*(add(store, replace(JOB, id=JobId(f"j{n}")), key) for n in range(5)))
    assert len({job.id for job in jobs}) == 1
    with pytest.raises(IdempotencyMismatch):
        await add(store, key=Idempotency("k", "other"))


async def test_no_more_jobs_than_the_limit_wait(store: JobStore) -> None:
    await add(store, limit=1)
    with pytest.raises(QueueFull):
        await add(store, replace(JOB, id=JobId("b")), limit=1)
    await store.change(JOB.id, state="failed", finished=AT)
    await add(store, replace(JOB, id=JobId("b")), limit=1)


async def test_a_replica_finds_its_own_unfinished_jobs(store: JobStore) -> None:
    await add(store)
    await add(store, replace(JOB, id=JobId("b"), created=AT + timedelta(seconds=1)))
    await add(store, replace(JOB, id=JobId("c"), executor="two"))
    await store.change(JobId("b"), state="failed", finished=AT)
    assert await store.active("one") == ("a",)


async def test_what_ended_long_ago_expires_once_and_frees_its_key(store: JobStore) -> None:
    await add(store, key=Idempotency("k", "hash"))
    await store.change(JOB.id, state="succeeded", finished=AT)
    assert await store.expire(before=AT) == ()
    assert await store.expire(before=AT + timedelta(seconds=1)) == ("a",)
    assert await store.expire(before=AT + timedelta(seconds=1)) == ()
    expired = await store.get("a")
    assert expired is not None
    assert expired.expired
    assert await store.find(Idempotency("k", "other")) is None
