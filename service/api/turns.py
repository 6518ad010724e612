"""Requests for the same job that must not run at the same moment take turns."""

import asyncio
from weakref import WeakValueDictionary

from observability.ids import JobId


class Turns:
    """A lock for each job that is asked for; gone when nobody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[JobId, asyncio.Lock] = WeakValueDictionary()

    def of(self, job_id: JobId) -> asyncio.Lock:
        """Return the job's lock."""
        return self._locks.setdefault(job_id, asyncio.Lock())
