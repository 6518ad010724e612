"""The outbox at work: one task a channel sends what waits, wakes at once on a commit, and backs off when the channel fails."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from observability.detector.incidents import Attempt
from observability.detector.notify.backoff import backoff_s
from observability.detector.notify.channel import Channel, DeliveryFailed, Fields, Message
from observability.detector.sources import Clock
from observability.detector.store import Due, Store, StoreUnavailable
from observability.logs import get_logger

PARALLEL = 8  # incidents told at the same time on one channel; the changes of one incident keep their order
KEEP_TRYING = timedelta(days=7)  # a channel may be down over a weekend; what is older would only bury today's pages
_STORE_RETRY_S = 1.0

Present = Callable[[dict[str, Any], Sequence[Attempt]], dict[str, Any]]  # stored document → DESIGN section 8
Told = Callable[[Due, Attempt], None]
_log = get_logger()


class Outbox:
    """Handle on the running deliveries."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._wakes = {channel.name: asyncio.Event() for channel in channels}
        # Set with what ended a delivery for good: a detector that tells nobody must end, and be started anew.
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ended(self, task: asyncio.Task[None]) -> None:
        """Note that a channel's task has ended, which is right only where it was cancelled."""
        if not task.cancelled() and (error := task.exception()) and not self.broken.done():
            self.broken.set_exception(error)

    def wake(self) -> None:
        """Look again, there may be something new: to be called after each commit."""
        for event in self._wakes.values():
            event.set()

    async def wait(self, channel: Channel) -> None:
        """Return when there may be something to send."""
        event = self._wakes[channel.name]
        await event.wait()
        event.clear()


@asynccontextmanager
async def deliver(
    store: Store, channels: Sequence[Channel], *, clock: Clock, present: Present, told: Told
) -> AsyncIterator[Outbox]:
    """Send what the outbox holds, until left. What is not confirmed by then stays in the outbox for the next start."""
    outbox = Outbox(channels)
    tasks = [asyncio.create_task(_work(store, channel, outbox, clock, present, told)) for channel in channels]
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


async def _work(store: Store, channel: Channel, outbox: Outbox, clock: Clock, present: Present, told: Told) -> None:
    failures = 0
    await outbox.wait(channel)
    while True:
        try:
            due = await store.due(channel.name, PARALLEL)
            if not due:
                await outbox.wait(channel)
                continue
            sent = await asyncio.gather(*(_send(store, channel, one, clock, present, told) for one in due))
        except StoreUnavailable as error:
            _log.warning("notification.postponed", channel=channel.name, reason=str(error))
            await asyncio.sleep(_STORE_RETRY_S)
            continue
        failed = [failure for failure in sent if failure and failure.retry]
        failures = 0 if not failed else failures + 1 if len(failed) == len(sent) else 1
        if failed:
            asked_s = max((failure.after_s or 0.0 for failure in failed), default=None)
            await asyncio.sleep(backoff_s(failures, asked_s, random.random()))  # noqa: S311 (jitter)


async def _send(
    store: Store, channel: Channel, due: Due, clock: Clock, present: Present, told: Told
) -> DeliveryFailed | None:
    """Make one attempt and keep it; return the failure, if it was one."""
    failure: DeliveryFailed | None = None
    fields: Fields | None = {}
    try:
        fields = await _try(store, channel, due, clock, present)
    except DeliveryFailed as error:
        failure = error
    if fields is None:
        await store.drop(due)
        return None
    attempt = _attempt(due, failure, fields, clock)
    if failure:
        _log.warning("notification.failed", channel=channel.name, reason=failure.reason, detail=failure.detail)
    await store.record(due, attempt)
    told(due, attempt)
    return failure


async def _try(store: Store, channel: Channel, due: Due, clock: Clock, present: Present) -> Fields | None:
    now = clock()
    if now - due.created_at > KEEP_TRYING:
        raise DeliveryFailed("expired", f"not delivered within {KEEP_TRYING}", retry=False)
    attempts = (await store.attempts([due.incident_id]))[due.incident_id]
    document = present(due.document, attempts)
    synthetic = bool(due.document.get("synthetic"))
    message = Message(due.change, document, due.incident_id, due.row_ids[-1], synthetic, now, due.previous)
    try:
        return await channel.send(message)
    except DeliveryFailed:
        raise
    except Exception as error:  # one message that trips a channel must not silence all the others
        _log.exception("notification.crashed", channel=channel.name)
        raise DeliveryFailed("internal", type(error).__name__, retry=True) from error


def _attempt(due: Due, failure: DeliveryFailed | None, fields: Fields, clock: Clock) -> Attempt:
    if failure is None:
        return Attempt(due.channel, clock(), "delivered", "", due.change, fields)
    return Attempt(due.channel, clock(), "retry" if failure.retry else "refused", str(failure), due.change)


async def _refresh(store: Store, channel: Channel, every_s: float, clock: Clock) -> None:
    """Tell again what is open, for ever. Failures are left to the next round: the outbox has told it once already."""
    while True:
        await asyncio.sleep(every_s)
        with suppress(DeliveryFailed, StoreUnavailable):
            await channel.refresh(await store.unresolved(), clock())
