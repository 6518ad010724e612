"""How far a running job has come, into its store: the latest word only, one write at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from observability.ids import JobId
from service.jobs.store import JobStore

Progress = Callable[[int, int], None]  # done, total


@asynccontextmanager
async def kept(store: JobStore, job_id: JobId) -> AsyncIterator[Progress]:
    """Yield what notes how far a job has come. The last word is written when the block ends: no late one follows it."""
    latest = _Latest(store, job_id)
    try:
        yield latest.note
    finally:
        await latest.written()


class _Latest:
    def __init__(self, store: JobStore, job_id: JobId) -> None:
        self._store = store
        self._job_id = job_id
        self._next: tuple[int, int] | None = None
        self._writing: asyncio.Future[None] | None = None

    def note(self, done: int, total: int) -> None:
        """Return at once. What comes faster than a database takes it is left out."""
        self._next = done, total
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write())

    async def written(self) -> None:
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        while self._next is not None:
            (done, total), self._next = self._next, None
            await self._store.change(self._job_id, done=done, total=total)
