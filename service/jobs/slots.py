"""How many children run at once, and who waits: large work always leaves one slot to small work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """`count` tasks at once, of which at most `count - 1` large ones (one, where there is only one slot), in turn."""

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"{count} slots: at least one child must run")
        self._all = asyncio.Semaphore(count)
        self._large = asyncio.Semaphore(max(1, count - 1))

    @asynccontextmanager
    async def take(self, *, large: bool) -> AsyncIterator[None]:
        """Hold a slot for as long as the block runs."""
        if not large:
            async with self._all:
                yield
            return
        async with self._large, self._all:
            yield
