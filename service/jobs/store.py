"""Where each job stands: one table, in the database that DBOS uses too. A job that has ended never changes its state again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from observability.ids import JobId
from service.jobs.model import ACTIVE, Idempotency, IdempotencyMismatch, Job, QueueFull
from service.jobs.schema import METADATA, from_row, jobs, to_row
from service.jobs.watch import Watches

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Added:
    """A job, and whether it is a new one: False where the idempotency key was known."""

    job: Job
    new: bool


class JobStore:
    """Every method runs its statement in a thread: the event loop never waits for a database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.watches = Watches()
        self._adding = asyncio.Lock()  # of two at the same moment no two see the last place in the queue

    async def add(self, job: Job, *, idempotency: Idempotency | None, queue_limit: int) -> Added:
        """Keep a new job, or return the one that its key stands for. Raises QueueFull, IdempotencyMismatch."""
        if idempotency is not None and (known := await self.find(idempotency)) is not None:
            return Added(known, new=False)
        try:
            async with self._adding:
                await self._write(lambda connection: _insert(connection, job, idempotency, queue_limit))
        except IntegrityError:  # the same key at the same moment: the other request was first
            if idempotency is None or (known := await self.find(idempotency)) is None:
                raise
            return Added(known, new=False)
        return Added(job, new=True)

    async def find(self, idempotency: Idempotency) -> Job | None:
        """Return the job of a key. Raises IdempotencyMismatch when it came with another body."""
        row = await self._one(sa.select(jobs).where(jobs.c.idempotency_key == idempotency.key))
        if row is None:
            return None
        if row.body_hash != idempotency.body_hash:
            raise IdempotencyMismatch(idempotency.key)
        return from_row(dict(row._mapping))

    async def get(self, job_id: str) -> Job | None:
        """Return the job, None if there is none of that id."""
        row = await self._one(sa.select(jobs).where(jobs.c.id == job_id))
        return None if row is None else from_row(dict(row._mapping))

    async def change(self, job_id: JobId, **values: Any) -> bool:
        """Set columns of an active job. Returns whether it was active still."""
        statement = (
            jobs.update()
            .where(jobs.c.id == job_id, jobs.c.state.in_(ACTIVE))
            .values(version=jobs.c.version + 1, **values)
        )
        changed = await self._write(lambda connection: connection.execute(statement).rowcount == 1)
        self.watches.wake(job_id)
        return changed

    async def begin(self, job_id: JobId) -> Job | None:
        """Count one more attempt at an active job and return it as it is then; None if it has ended."""
        if not await self.change(job_id, state="running", attempts=jobs.c.attempts + 1):
            return None
        return await self.get(job_id)

    async def take_back_attempts(self, job_ids: list[JobId]) -> None:
        """Uncount the running attempts of an orderly stop: only deaths count."""
        statement = (
            jobs.update().where(jobs.c.id.in_(job_ids), jobs.c.attempts > 0).values(attempts=jobs.c.attempts - 1)
        )
        await self._write(lambda connection: connection.execute(statement).rowcount)

    async def active(self, executor: str) -> tuple[JobId, ...]:
        """Return the ids of the executor's jobs that have not ended, the oldest first."""
        query = (
            sa.select(jobs.c.id).where(jobs.c.executor == executor, jobs.c.state.in_(ACTIVE)).order_by(jobs.c.created)
        )
        return tuple(JobId(row.id) for row in await self._all(query))

    async def still_active(self, job_ids: Collection[JobId]) -> set[JobId]:
        """Return those of the jobs that have not ended."""
        if not job_ids:
            return set()
        query = sa.select(jobs.c.id).where(jobs.c.id.in_(job_ids), jobs.c.state.in_(ACTIVE))
        return {JobId(row.id) for row in await self._all(query)}

    async def expire(self, *, before: datetime) -> tuple[JobId, ...]:
        """Mark the jobs that ended before then as expired and return their ids."""
        old = sa.and_(jobs.c.finished < before, jobs.c.expired.is_(sa.false()))
        statement = jobs.update().where(old).values(expired=True, idempotency_key=None).returning(jobs.c.id)
        rows = await self._write(lambda connection: connection.execute(statement).fetchall())
        return tuple(JobId(row.id) for row in rows)

    async def expire_one(self, job_id: JobId) -> None:
        """Mark a job that has ended as expired; its idempotency key is free again."""
        ended = sa.and_(jobs.c.id == job_id, jobs.c.state.not_in(ACTIVE))
        statement = jobs.update().where(ended).values(expired=True, idempotency_key=None)
        await self._write(lambda connection: connection.execute(statement).rowcount)

    async def _one(self, query: sa.Select[Any]) -> sa.Row[Any] | None:
        rows = await self._all(query)
        return rows[0] if rows else None

    async def _all(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        return await self._write(lambda connection: list(connection.execute(query).fetchall()))

    async def _write(self, action: Callable[[sa.Connection], T]) -> T:
        def run() -> T:
            with self._engine.begin() as connection:
                return action(connection)

        return await asyncio.to_thread(run)


def _insert(connection: sa.Connection, job: Job, idempotency: Idempotency | None, queue_limit: int) -> None:
    waiting = connection.execute(sa.select(sa.func.count()).where(jobs.c.state.in_(ACTIVE))).scalar_one()
    if waiting >= queue_limit:
        raise QueueFull(queue_limit)
    key = {} if idempotency is None else {"idempotency_key": idempotency.key, "body_hash": idempotency.body_hash}
    connection.execute(jobs.insert().values(**to_row(job), **key))


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[JobStore]:
    """Yield the store of a database; its table is made where it is missing. Raises sqlalchemy.exc.OperationalError."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
    try:
        await asyncio.to_thread(METADATA.create_all, engine)
        yield JobStore(engine)
    finally:
        await asyncio.to_thread(engine.dispose)


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    """WAL lets readers go on beside one writer; the mode is kept in the file, so DBOS has it too."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=30000")
