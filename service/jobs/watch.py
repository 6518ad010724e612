"""Who waits for which job: woken at once by a change in this process, and every second for one in another replica."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_LOOK_EVERY_S: Final = 1.0


class Watch:
    """One who waits. Opened before the job is read, so that no change falls between the two."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def changed(self, within_s: float) -> None:
        """Return when the job may have changed: after a change here, or a second, or `within_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(within_s, _LOOK_EVERY_S)):
                await self._woken.wait()
        self._woken.clear()


class Watches:
    """Everybody who waits in this process."""

    def __init__(self) -> None:
        self._of: defaultdict[str, set[Watch]] = defaultdict(set)

    @contextmanager
    def open(self, job_id: str) -> Iterator[Watch]:
        """Yield a watch on a job."""
        watch = Watch()
        self._of[job_id].add(watch)
        try:
            yield watch
        finally:
            self._of[job_id].discard(watch)
            if not self._of[job_id]:
                del self._of[job_id]

    def wake(self, job_id: str) -> None:
        """Wake those who wait for a job."""
        for watch in self._of.get(job_id, ()):
            watch.wake()

    def wake_all(self) -> None:
        """Wake everybody: the process is asked to stop."""
        for job_id in self._of:
            self.wake(job_id)
