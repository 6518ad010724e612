"""The outbox at work: a sender for each channel, woken at once on a commit, so that one channel that is down delays no other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from observability.detector.notify.channel import Channel, DeliveryFailed
from observability.detector.notify.sending import Present, Sender, Surroundings, Told
from observability.detector.sources import Clock
from observability.detector.store import Store, StoreUnavailable


class Outbox:
    """Handle on the running deliveries."""

    def __init__(self, senders: Sequence[Sender]) -> None:
        self._senders = senders
        # Set with what ended a delivery for good: a detector that tells nobody must end, and be started anew.
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ended(self, task: asyncio.Task[None]) -> None:
        """Note that a channel's task has ended, which is right only where it was cancelled."""
        if not task.cancelled() and (error := task.exception()) and not self.broken.done():
            self.broken.set_exception(error)

    def wake(self) -> None:
        """Look again, there may be something new: to be called after each commit."""
        for sender in self._senders:
            sender.wake.set()


@asynccontextmanager
async def deliver(
    store: Store, channels: Sequence[Channel], *, clock: Clock, present: Present, told: Told
) -> AsyncIterator[Outbox]:
    """Send what the outbox holds, until left. What is not confirmed by then stays in the outbox for the next start."""
    senders = [Sender(channel, Surroundings(store, clock, present, told)) for channel in channels]
    outbox = Outbox(senders)
    tasks = [asyncio.create_task(sender.run()) for sender in senders]
    tasks += [asyncio.create_task(_refresh(store, c, c.refresh_s, clock)) for c in channels if c.refresh_s is not None]
    for task in tasks:
        task.add_done_callback(outbox.ended)
    outbox.wake()  # what the last process left
    try:
        yield outbox
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        outbox.broken.cancel()


async def _refresh(store: Store, channel: Channel, every_s: float, clock: Clock) -> None:
    """Tell again what is open, for ever. Failures are left to the next round: the outbox has told it once already."""
    while True:
        await asyncio.sleep(every_s)
        with suppress(DeliveryFailed, StoreUnavailable):
            await channel.refresh(await store.unresolved(), clock())
