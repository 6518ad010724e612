"""How many children run at once, and who is next: large work always leaves one slot to small work."""

import asyncio
from bisect import insort
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True, order=True)
class _Waiting:
    since: float
    number: int
    large: bool = field(compare=False)
    granted: asyncio.Future[None] = field(compare=False)


class Slots:
    """`count` tasks at once, of which at most `count - 1` large ones (one, where there is only one slot).

    Work of jobs goes by the age of its job: what has begun ends before the next begins, so the first results of a burst come
    at once. Work that somebody waits for at this moment goes in turn with it. Large work goes behind the small work that
    waits when it asks.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"{count} slots: at least one child must run")
        self._free = count
        self._free_to_large = max(1, count - 1)
        self._number = 0
        self._asked: list[_Waiting] = []
        self._jobs: list[_Waiting] = []
        self._lines = [self._asked, self._jobs]

    @asynccontextmanager
    async def take(self, *, large: bool, since: float | None = None) -> AsyncIterator[None]:
        """Hold a slot for as long as the block runs. `since`: when its job was made, as Unix time; None: it is of no job."""
        await self._granted(large, since)
        try:
            yield
        finally:
            self._give_back(large)

    async def _granted(self, large: bool, since: float | None) -> None:
        self._number += 1
        line = self._asked if since is None else self._jobs
        since = since or 0.0
        if large:
            since = max([since, *(one.since for one in line if not one.large)])
        waiting = _Waiting(since, self._number, large, asyncio.get_running_loop().create_future())
        insort(line, waiting)
        self._next()
        try:
            await waiting.granted
        except asyncio.CancelledError:
            if waiting.granted.cancelled():
                line.remove(waiting)
            else:
                self._give_back(large)
            raise

    def _give_back(self, large: bool) -> None:
        self._free += 1
        self._free_to_large += large
        self._next()

    def _next(self) -> None:
        """Grant what is free."""
        while self._free:
            found = ((line, one) for line in self._lines if (one := self._first(line)) is not None)
            line, one = next(found, (None, None))
            if line is None or one is None:
                return
            line.remove(one)
            self._lines.sort(key=lambda other: other is line)  # the other line is first the next time
            self._free -= 1
            self._free_to_large -= one.large
            one.granted.set_result(None)

    def _first(self, line: list[_Waiting]) -> _Waiting | None:
        return next((one for one in line if not one.granted.done() and (not one.large or self._free_to_large)), None)
