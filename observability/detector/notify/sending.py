"""One channel's way through the outbox: sends what waits, backs off when the channel fails, lets no message block the others."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from observability.detector.incidents import Attempt
from observability.detector.notify.backoff import backoff_s
from observability.detector.notify.channel import Channel, DeliveryFailed, Fields, Message
from observability.detector.sources import Clock
from observability.detector.store import Due, Store, StoreUnavailable, Wanted
from observability.logs import get_logger

KEEP_TRYING: Final = timedelta(
    days=7
)  # a channel may be down over a weekend; what is older would only bury today's pages
LOOK_AGAIN_S: Final = 1.0  # what waits for its time wakes nobody
_STORE_RETRY_S: Final = 1.0
# It may be this message that the channel can't take: others are tried before it comes again.
_PERHAPS_ITS_OWN: Final = frozenset({"internal", "server_error", "unknown"})
_ASIDE: Final = timedelta(seconds=60)
_MOST_ASIDE: Final = 100
_REALLY_DOWN: Final = 3  # failures in a row

T = TypeVar("T")
Present = Callable[[dict[str, Any], Sequence[Attempt]], dict[str, Any]]  # stored document → DESIGN section 8
Told = Callable[[Due, Attempt], None]
_log = get_logger()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every channel's sender works with."""

    store: Store
    clock: Clock
    present: Present
    told: Told


class Sender:
    """Sends on one channel, for ever. `wake` is set when there may be something new."""

    def __init__(self, channel: Channel, around: Surroundings) -> None:
        self.wake = asyncio.Event()
        self._channel = channel
        self._around = around
        self._failures = 0  # in a row, of the channel
        self._aside: dict[str, datetime] = {}  # incident to when it may be tried again

    async def run(self) -> None:
        """Send until cancelled."""
        await self.wake.wait()
        while True:
            self.wake.clear()
            try:
                due = await self._around.store.due(self._wanted())
                if not due:
                    await self._rest()
                    continue
                outcomes = await _all(self._send(one) for one in due)
            except StoreUnavailable as error:
                _log.warning("notification.postponed", channel=self._channel.name, reason=str(error))
                await asyncio.sleep(_STORE_RETRY_S)
                continue
            await self._learn(due, outcomes)

    def _wanted(self) -> Wanted:
        now, channel = self._around.clock(), self._channel
        self._aside = {key: until for key, until in self._aside.items() if until > now}
        not_after = now - channel.patience if channel.patience else None
        return Wanted(channel.name, channel.parallel, channel.tells, not_after, frozenset(self._aside))

    async def _rest(self) -> None:
        """Return when there may be something to send."""
        waits = bool(self._aside or self._channel.patience)
        try:
            await asyncio.wait_for(self.wake.wait(), LOOK_AGAIN_S if waits else None)
        except TimeoutError:
            return

    async def _learn(self, due: Sequence[Due], outcomes: Sequence[DeliveryFailed | None]) -> None:
        """Count failures and leave the channel alone for a while. One message that came through says that it works."""
        failed = {one.incident_id: f for one, f in zip(due, outcomes, strict=True) if f is not None and f.retry}
        works = len(failed) < len(due)
        if works and self._failures >= _REALLY_DOWN:
            self._aside.clear()  # the channel is back: on with the oldest
        own = {key for key, failure in failed.items() if failure.reason in _PERHAPS_ITS_OWN}
        until = self._around.clock() + _ASIDE
        self._aside = dict([*self._aside.items(), *((key, until) for key in own)][-_MOST_ASIDE:])
        self._failures = 0 if not failed else 1 if works else self._failures + 1
        if failed and not (works and len(own) == len(failed)):
            asked_s = max((failure.after_s or 0.0 for failure in failed.values()), default=None)
            await asyncio.sleep(backoff_s(self._failures, asked_s, random.random()))  # noqa: S311 (jitter)

    async def _send(self, due: Due) -> DeliveryFailed | None:
        """Make one attempt and keep it; return the failure, if it was one."""
        failure: DeliveryFailed | None = None
        fields: Fields | None = {}
        try:
            fields = await self._try(due)
        except DeliveryFailed as error:
            failure = error
        if fields is None:
            await self._around.store.drop(due)
            return None
        attempt = self._attempt(due, failure, fields)
        if failure and not (failure.retry and self._failures):  # a channel may be down all day: it is said once
            _log.warning("notification.failed", channel=due.channel, reason=failure.reason, detail=failure.detail)
        await self._around.store.record(due, attempt)
        self._around.told(due, attempt)
        return failure

    async def _try(self, due: Due) -> Fields | None:
        now, store = self._around.clock(), self._around.store
        if now - due.newest_at > KEEP_TRYING:
            raise DeliveryFailed("expired", f"not delivered within {KEEP_TRYING}", retry=False)
        attempts = (await store.attempts([due.incident_id]))[due.incident_id]
        try:
            return await self._channel.send(
                Message(
                    change=due.change,
                    incident=self._around.present(due.document, attempts),
                    dedup_key=due.incident_id,
                    number=due.row_ids[-1],
                    synthetic=bool(due.document.get("synthetic")),
                    at=now,
                    since=due.created_at,
                    previous=due.previous,
                )
            )
        except DeliveryFailed:
            raise
        except Exception as error:  # one message that trips a channel must not silence all the others
            _log.exception("notification.crashed", channel=due.channel)
            raise DeliveryFailed("internal", type(error).__name__, retry=True) from error

    def _attempt(self, due: Due, failure: DeliveryFailed | None, fields: Fields) -> Attempt:
        at = self._around.clock()
        if failure is None:
            return Attempt(due.channel, at, "delivered", "", due.change, fields)
        return Attempt(due.channel, at, "retry" if failure.retry else "refused", str(failure), due.change)


async def _all(sending: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return all outcomes. Raises what one of them raised, when none is on its way any more: it will be sent again."""
    tasks = [asyncio.create_task(one) for one in sending]
    try:
        await asyncio.wait(tasks)
        return [task.result() for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
