"""The outbox at work, on a real SQLite store: order, retries, restarts, what is recorded."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from observability.detector.incidents import Attempt, Enriched, IncidentChange, Opened, Resolved
from observability.detector.life import Life
from observability.detector.notify import KEEP_TRYING, DeliveryFailed, Message, Outbox, deliver
from observability.detector.store import Due, Store, StoreUnavailable, open_store
from tests.unit.observability.detector.incident_examples import T0, incident
from tests.unit.observability.detector.notify.receiver import Receiver


def again() -> DeliveryFailed:
    return DeliveryFailed("timeout", "no answer", retry=True)


def present(document: dict[str, Any], attempts: Sequence[Attempt]) -> dict[str, Any]:
    return {**document, "notifications": len(attempts)}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observability.detector.notify.sending.backoff_s", lambda *_: 0.001)
    monkeypatch.setattr("observability.detector.notify.sending._ASIDE", timedelta(0))
    monkeypatch.setattr("observability.detector.notify.sending.LOOK_AGAIN_S", 0.001)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{tmp_path}/incidents.db", lambda _: ("webhook",)) as opened:
        await opened.load()
        yield opened


@asynccontextmanager
async def delivering(store: Store, channel: Receiver, now: datetime = T0) -> AsyncIterator[Outbox]:
    def told(_: Due, __: Attempt) -> None:
        pass

    async with deliver(store, [channel], clock=lambda: now, present=present, told=told) as outbox:
        yield outbox


async def commit(store: Store, *changes: IncidentChange) -> None:
    lived = {change.incident.id: Life(told=True) for change in changes}
    await store.commit(changes, {}, {}, now=T0, lived=lived)


async def emptied(store: Store) -> None:
    async with asyncio.timeout(10):
        while await store.outbox_size():
            await asyncio.sleep(0.001)


async def test_a_commit_is_told_when_the_outbox_is_woken(store: Store) -> None:
    channel = Receiver()
    async with delivering(store, channel) as outbox:
        await commit(store, Opened(incident()))
        outbox.wake()
        await emptied(store)
    (message,) = channel.got
    assert (message.change, message.dedup_key, message.synthetic) == ("opened", "inc-1", False)
    assert (await store.attempts(["inc-1"]))["inc-1"] == (
        Attempt("webhook", T0, "delivered", "", "opened", {"number": 1}),
    )


async def test_what_the_last_process_left_is_told_at_start(store: Store) -> None:
    await commit(store, Opened(incident()))
    channel = Receiver()
    async with delivering(store, channel):
        await emptied(store)
    assert [message.change for message in channel.got] == ["opened"]


async def test_a_failed_delivery_is_repeated_with_the_same_key_before_what_follows_it(store: Store) -> None:
    await commit(store, Opened(incident()))
    await commit(store, Resolved(incident(state="resolved"), "proof"))
    channel = Receiver([again(), RuntimeError("a bug"), None])
    async with delivering(store, channel):
        await emptied(store)
    assert [(m.change, m.dedup_key, m.incident["notifications"]) for m in channel.got] == [
        ("opened", "inc-1", 0), ("opened", "inc-1", 1), ("opened", "inc-1", 2), ("resolved", "inc-1", 3),
    ]  # fmt: skip
    attempts = (await store.attempts(["inc-1"]))["inc-1"]
    assert [(attempt.outcome, attempt.reason) for attempt in attempts] == [
        ("retry", "timeout: no answer"), ("retry", "internal: RuntimeError"), ("delivered", ""), ("delivered", ""),
    ]  # fmt: skip


async def test_the_channel_is_left_alone_as_long_as_it_asks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, float | None]] = []

    def backoff(failures: int, asked_s: float | None, _: float) -> float:
        asked.append((failures, asked_s))
        return 0.001

    monkeypatch.setattr("observability.detector.notify.sending.backoff_s", backoff)
    await commit(store, Opened(incident()))
    patience = DeliveryFailed("rate_limited", "429", retry=True, after_s=30.0)
    async with delivering(store, Receiver([patience, again(), None])):
        await emptied(store)
    assert asked == [(1, 30.0), (2, 0.0)]


async def test_a_refused_message_does_not_hold_up_the_others(store: Store) -> None:
    await commit(store, Opened(incident("a")), Opened(incident("b")))
    channel = Receiver([DeliveryFailed("refused", "400", retry=False)])
    async with delivering(store, channel):
        await emptied(store)
    assert sorted(message.dedup_key for message in channel.got) == ["a", "b"]
    assert [attempt.outcome for attempt in (await store.attempts(["a"]))["a"]] == ["refused"]


async def test_an_update_knows_what_the_channel_returned_before(store: Store) -> None:
    channel = Receiver()
    async with delivering(store, channel) as outbox:
        await commit(store, Opened(incident()))
        outbox.wake()
        await emptied(store)
        await commit(store, Enriched(incident(stage="draw"), cause_changed=False))
        outbox.wake()
        await emptied(store)
    assert [message.previous for message in channel.got] == [None, {"number": 1}]


async def test_what_a_channel_has_no_reason_to_tell_is_no_attempt(store: Store) -> None:
    class Silent(Receiver):
        async def send(self, message: Message) -> None:  # type: ignore[override]
            self.got.append(message)

    await commit(store, Opened(incident()), Resolved(incident(state="resolved"), "proof"))
    channel = Silent()
    async with delivering(store, channel):
        await emptied(store)
    assert [message.change for message in channel.got] == ["opened", "resolved"]
    assert (await store.attempts(["inc-1"]))["inc-1"] == ()


async def test_a_store_that_fails_for_a_moment_leaves_nothing_half_sent(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, failed = store.record, False

    async def record(due: Due, attempt: Attempt) -> None:
        nonlocal failed
        if due.incident_id == "a" and not failed:
            failed = True
            raise StoreUnavailable("locked")
        await keep(due, attempt)

    monkeypatch.setattr(store, "record", record)
    monkeypatch.setattr("observability.detector.notify.sending._STORE_RETRY_S", 0.001)
    await commit(store, Opened(incident("a")), Opened(incident("b")))
    channel = Receiver()
    async with delivering(store, channel):
        await emptied(store)
    assert sorted(message.dedup_key for message in channel.got) == ["a", "a", "b"]


async def test_a_page_of_last_week_wakes_nobody(store: Store) -> None:
    await commit(store, Opened(incident()))
    channel = Receiver()
    async with delivering(store, channel, now=T0 + KEEP_TRYING + timedelta(seconds=1)):
        await emptied(store)
    assert channel.got == []
    assert (await store.attempts(["inc-1"]))["inc-1"][0].reason.startswith("expired")


async def test_what_is_open_is_told_again_where_the_receiver_forgets(store: Store) -> None:
    await commit(store, Opened(incident("a")), Opened(incident("b", state="resolved")))
    channel = Receiver(refresh_s=0.001)
    async with asyncio.timeout(10), delivering(store, channel):
        while len(channel.refreshed) < 2:
            await asyncio.sleep(0.001)
    assert set(channel.refreshed) == {"a"}


async def test_a_delivery_that_ends_for_good_is_not_silent(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(store, "due", broken)
    async with delivering(store, Receiver()) as outbox:
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(outbox.broken, 5)
