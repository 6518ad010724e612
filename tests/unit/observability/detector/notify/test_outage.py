"""A channel that is down for a day: nothing is lost, nobody else waits, and the fallback hears of it. On a real SQLite store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from observability.detector.incidents import Attempt, Enriched, IncidentChange, Opened, Recurred, Reopened, Resolved
from observability.detector.notify import Channel, DeliveryFailed, Message, Outbox, deliver
from observability.detector.notify.fallback import Fallback
from observability.detector.presentation import LinkTemplates, present
from observability.detector.store import Due, Store, open_store
from tests.unit.observability.detector.incident_examples import incident
from tests.unit.observability.detector.notify.receiver import Hands, Receiver

NONE = LinkTemplates()


def refused(_: Message) -> DeliveryFailed:
    return DeliveryFailed("connection", "nobody listens", retry=True)


def ill(_: Message) -> DeliveryFailed:
    return DeliveryFailed("server_error", "503", retry=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observability.detector.notify.sending.backoff_s", lambda *_: 0.005)
    monkeypatch.setattr("observability.detector.notify.sending.LOOK_AGAIN_S", 0.001)


class Day:
    """A store, its outbox at work, and a clock: what happens on a day, told as a script."""

    def __init__(self, store: Store, outbox: Outbox, clock: Hands) -> None:
        self.store, self.clock = store, clock
        self._outbox = outbox

    async def happens(self, *changes: IncidentChange) -> None:
        await self.store.commit(changes, {}, {}, now=self.clock())
        self._outbox.wake()

    async def passes(self, **time: float) -> None:
        """Let time pass, and the channels look."""
        self.clock.on(**time)
        await asyncio.sleep(0.03)

    async def emptied(self) -> None:
        async with asyncio.timeout(20):
            while await self.store.outbox_size():
                await asyncio.sleep(0.001)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.001)


@asynccontextmanager
async def day(tmp_path: Path, *channels: Channel, clock: Hands | None = None) -> AsyncIterator[Day]:
    hands = clock or Hands()
    names = tuple(channel.name for channel in channels)

    def shown(document: dict[str, Any], attempts: Sequence[Attempt]) -> dict[str, Any]:
        return present(document, NONE, attempts)

    def told(_: Due, __: Attempt) -> None:
        pass

    async with open_store(f"sqlite:///{tmp_path}/incidents.db", lambda _: names) as store:
        await store.load()
        async with deliver(store, channels, clock=hands, present=shown, told=told) as outbox:
            yield Day(store, outbox, hands)


def lives(count: int) -> Iterator[tuple[IncidentChange, ...]]:
    """Yield what happens to each of so many incidents: it opens, more is known, it happens again, and every other one ends."""
    for number in range(count):
        one = incident(f"inc-{number:02}")
        known = replace(one, stage="draw")
        yield Opened(one), Enriched(known, cause_changed=False), Recurred(replace(known, occurrences=2))
        if number % 2:
            yield (Resolved(replace(known, occurrences=2, state="resolved"), "proof"),)


DOWN: dict[str, Callable[[Message], DeliveryFailed]] = {"nobody listens": refused, "it answers 503": ill}


@pytest.mark.parametrize("down", DOWN.values(), ids=DOWN)
@pytest.mark.parametrize("tells", ["each", "latest"])
async def test_after_a_day_all_is_told(tmp_path: Path, tells: str, down: Callable[[Message], DeliveryFailed]) -> None:
    channel = Receiver(tells="latest" if tells == "latest" else "each", down=down, parallel=1)
    async with day(tmp_path, channel) as today:
        for changes in lives(8):
            await today.happens(*changes)
            await today.passes(hours=2)
        assert channel.got == []
        channel.down = lambda _: None
        await today.passes(minutes=2)
        await today.emptied()
    steps: dict[str, list[str]] = {
        f"inc-{n:02}": [m.change for m in channel.got if m.dedup_key == f"inc-{n:02}"] for n in range(8)
    }
    for number, told in enumerate(steps.values()):
        every = ["opened", "resolved"] if number % 2 else ["opened"]
        assert told == (every if tells == "each" else every[-1:])
    assert all(m.incident["occurrences"] == 2 for m in channel.got)
    if down is refused:
        firsts = list(dict.fromkeys(message.dedup_key for message in channel.got))
        assert firsts == sorted(firsts)


async def test_a_detector_that_is_started_again_meanwhile_tells_it_all(tmp_path: Path) -> None:
    clock, channel = Hands(), Receiver(down=refused)
    async with day(tmp_path, channel, clock=clock) as today:
        await today.happens(Opened(incident()))
        await today.passes(hours=12)
    channel.down = lambda _: None
    clock.on(hours=12)
    async with day(tmp_path, channel, clock=clock) as today:
        await today.emptied()
    assert [message.change for message in channel.got] == ["opened"]


async def test_what_happens_again_all_day_waits_as_one_row(tmp_path: Path) -> None:
    async with day(tmp_path, Receiver(down=refused)) as today:
        await today.happens(Opened(incident()))
        for times in range(2, 200):
            await today.happens(Recurred(incident(occurrences=times)))
        assert await today.store.outbox_size() == {"webhook": 2}


async def test_an_update_that_comes_while_another_is_on_its_way_is_told_too(tmp_path: Path) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    class Slow(Receiver):
        async def send(self, message: Message) -> dict[str, Any]:
            arrived.set()
            await go.wait()
            return await super().send(message)

    channel = Slow()
    async with day(tmp_path, channel) as today:
        await today.happens(Enriched(incident(stage="read"), cause_changed=False))
        await arrived.wait()
        await today.happens(Enriched(incident(stage="draw"), cause_changed=False))
        go.set()
        await today.emptied()
    assert [message.incident["stage"] for message in channel.got] == ["read", "draw"]


async def test_a_channel_that_is_down_delays_no_other(tmp_path: Path) -> None:
    good, bad = Receiver(), Receiver(name="slack", down=refused)
    async with day(tmp_path, good, bad) as today:
        for changes in lives(4):
            await today.happens(*changes)
        await today.until(lambda: len({message.dedup_key for message in good.got}) == 4)
        assert bad.got == []


@pytest.mark.parametrize("reason", ["internal", "server_error", "unknown"])
async def test_a_message_that_a_channel_cannot_take_does_not_block_the_others(tmp_path: Path, reason: Any) -> None:
    def trips(message: Message) -> DeliveryFailed | None:
        return DeliveryFailed(reason, "", retry=True) if message.dedup_key == "inc-00" else None

    channel = Receiver(parallel=1, down=trips)
    async with day(tmp_path, channel) as today:
        for changes in lives(6):
            await today.happens(*changes)
        await today.until(lambda: len({message.dedup_key for message in channel.got}) == 5)
        channel.down = lambda _: None
        await today.passes(minutes=2)
        await today.emptied()
    assert "inc-00" in {message.dedup_key for message in channel.got}


async def test_what_is_still_going_on_is_told_however_long_ago_it_began(tmp_path: Path) -> None:
    channel = Receiver(tells="latest", down=refused)
    async with day(tmp_path, channel) as today:
        await today.happens(Opened(incident()))
        await today.passes(days=6)
        await today.happens(Recurred(incident(occurrences=2)))
        await today.passes(days=2)
        channel.down = lambda _: None
        await today.emptied()
    assert [(message.change, message.incident["occurrences"]) for message in channel.got] == [("opened", 2)]


# -- the fallback -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def with_fallback(tmp_path: Path, primary: Receiver, last: Receiver) -> AsyncIterator[Day]:
    async with day(tmp_path, primary, Fallback(last, [primary.name], timedelta(minutes=5))) as today:
        yield today


def changes_of(channel: Receiver) -> list[tuple[str, str]]:
    return [(message.dedup_key, message.change) for message in channel.got]


async def test_the_fallback_is_told_once_what_nobody_has_taken_for_a_while_and_its_end(tmp_path: Path) -> None:
    primary, last = Receiver(down=refused), Receiver(name="slack")
    async with with_fallback(tmp_path, primary, last) as today:
        await today.happens(Opened(incident()))
        await today.passes(minutes=4)
        assert last.got == []
        await today.happens(Enriched(incident(stage="draw"), cause_changed=False))
        await today.passes(minutes=2)
        await today.until(lambda: changes_of(last) == [("inc-1", "opened")])
        assert last.got[0].incident["stage"] == "draw"
        assert last.got[0].incident["title"].endswith("(webhook did not take it for 5 min)")
        await today.happens(Recurred(incident(occurrences=2)))
        await today.passes(hours=1)
        assert len(last.got) == 1
        await today.happens(Resolved(incident(state="resolved"), "proof"))
        await today.until(lambda: changes_of(last) == [("inc-1", "opened"), ("inc-1", "resolved")])
        await today.happens(Reopened(incident(), "again"))
        await today.passes(minutes=6)
        await today.until(lambda: changes_of(last)[2:] == [("inc-1", "reopened")])


async def test_the_fallback_hears_nothing_while_others_take_it(tmp_path: Path) -> None:
    primary, last = Receiver(), Receiver(name="slack")
    async with with_fallback(tmp_path, primary, last) as today:
        for changes in lives(4):
            await today.happens(*changes)
        await today.passes(minutes=6)
        await today.emptied()
    assert last.got == []


async def test_the_fallback_hears_of_a_page_that_was_refused(tmp_path: Path) -> None:
    primary = Receiver(down=lambda _: DeliveryFailed("refused", "400", retry=False))
    last = Receiver(name="slack")
    async with with_fallback(tmp_path, primary, last) as today:
        await today.happens(Opened(incident()))
        await today.passes(minutes=6)
        await today.until(lambda: changes_of(last) == [("inc-1", "opened")])


async def test_the_fallback_is_not_woken_for_what_is_over(tmp_path: Path) -> None:
    primary, last = Receiver(down=refused), Receiver(name="slack")
    async with with_fallback(tmp_path, primary, last) as today:
        await today.happens(Opened(incident()))
        await today.passes(minutes=2)
        await today.happens(Resolved(incident(state="resolved"), "proof"))
        await today.passes(minutes=10)
        assert last.got == []
        primary.down = lambda _: None
        await today.emptied()
    assert [message.change for message in primary.got] == ["opened", "resolved"]
