"""Batches to kept incidents: what is committed when, what a restart goes on with, what people's wishes change."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from observability.detector import pipeline as module
from observability.detector.correlate import State, correlate
from observability.detector.life import Wish
from observability.detector.lifecycle import Policy
from observability.detector.measures import Measures
from observability.detector.pipeline import Pipeline
from observability.detector.remembered import state_of
from observability.detector.signals import Line, Position
from observability.detector.sources import Batch
from observability.detector.store import Filters, Store, StoreUnavailable, open_store
from tests.unit.observability.detector.incident_examples import T0

SOURCE = "/logs/backend.log"


class Clock:
    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{tmp_path}/incidents.db", lambda _: ("webhook",)) as opened:
        yield opened


async def started(store: Store, clock: Clock) -> Pipeline:
    measures = Measures(CollectorRegistry(), ("webhook",))
    return Pipeline(store, await store.load(), measures, Policy(), clock=clock, zone=lambda: UTC, wake=lambda: None)


def batch(*texts: str, at: datetime = T0, offset: int = 0) -> Batch:
    lines = []
    for number, text in enumerate(texts, start=1):
        lines.append(Line(SOURCE, Position(7, offset, number), text, at))
        offset += len(text) + 1
    return Batch(tuple(lines), {SOURCE: Position(7, offset, len(texts) + 1)})


def died(pid: int = 41, **more: object) -> str:
    ts = T0.isoformat().replace("+00:00", "Z")
    fields = {"ts": ts, "level": "error", "event": "process.exited", "role": "backend", "pid": pid, "signal": "SIGKILL"}
    return json.dumps({**fields, "expected": False, "address": "127.0.0.1:8034", **more})


async def documents(store: Store) -> list[dict[str, Any]]:
    return list((await store.list_incidents(Filters())).documents)


async def test_a_death_is_kept_with_its_outbox_row_and_the_checkpoint(store: Store) -> None:
    pipeline = await started(store, Clock())
    await pipeline.take(batch(died()))
    assert [document["cause"]["code"] for document in await documents(store)] == ["killed"]
    assert await store.outbox_size() == {"webhook": 1}
    loaded = await store.load()
    assert loaded.checkpoints == batch(died()).checkpoints
    assert state_of(loaded.state).cases[0].incident.state == "open"


async def test_a_restart_knows_what_it_has_seen(store: Store) -> None:
    clock = Clock()
    await (await started(store, clock)).take(batch(died()))
    again = await started(store, clock)
    await again.take(batch(died()))  # the same line once more, as after a crash between reading and keeping
    assert len(await documents(store)) == 1
    assert (await documents(store))[0]["occurrences"] == 1
    assert await store.outbox_size() == {"webhook": 1}


async def test_lines_that_say_nothing_are_not_kept_at_once(store: Store) -> None:
    clock = Clock()
    pipeline = await started(store, clock)
    await pipeline.take(batch())
    await pipeline.take(batch('{"event": "upload.stage.started"}'))
    assert (await store.load()).checkpoints == batch().checkpoints
    clock.now += module.KEEP_EVERY
    await pipeline.take(replace(batch("x"), lines=()))
    assert (await store.load()).checkpoints == {SOURCE: Position(7, 2, 2)}


async def test_a_clean_stop_keeps_how_far_it_was(store: Store) -> None:
    pipeline = await started(store, Clock())
    await pipeline.take(batch("nothing"))
    await pipeline.finish()
    assert (await store.load()).checkpoints == {SOURCE: Position(7, 8, 2)}


async def test_a_checkpoint_does_not_pass_a_traceback_that_is_half_read(store: Store) -> None:
    pipeline = await started(store, Clock())
    await pipeline.take(batch("something", "Traceback (most recent call last):", '  File "a.py", line 1, in f'))
    await pipeline.finish()
    assert (await store.load()).checkpoints == {SOURCE: Position(7, 10, 2)}


async def test_a_database_that_is_away_is_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_S", 0.001)
    pipeline = await started(store, Clock())
    commit, tries = store.commit, []

    async def flaky(*args: Any, **kwargs: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise StoreUnavailable("away")
        await commit(*args, **kwargs)

    monkeypatch.setattr(store, "commit", flaky)
    await pipeline.take(batch(died()))
    assert (len(tries), len(await documents(store))) == (3, 1)


async def test_a_signal_that_trips_correlate_does_not_hide_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = correlate

    def tripping(state: State, signals: Any, now: datetime) -> Any:
        if any(getattr(signal, "pid", None) == 13 for signal in signals):
            raise ZeroDivisionError
        return real(state, signals, now)

    monkeypatch.setattr(module, "correlate", tripping)
    pipeline = await started(store, Clock())
    await pipeline.take(batch(died(13), died(41)))
    assert len(await documents(store)) == 1


async def test_what_a_person_said_stands_when_late_evidence_comes(store: Store) -> None:
    clock = Clock()
    pipeline = await started(store, clock)
    await pipeline.take(batch(died()))
    (opened,) = await documents(store)
    acknowledged = await pipeline.act(opened["id"], Wish("acknowledge"))
    assert acknowledged is not None
    assert acknowledged["state"] == "acknowledged"
    clock.now += timedelta(seconds=2)
    late = json.dumps({"ts": "2025-11-07T19:00:19.2Z", "event": "upload.stage.interrupted", "stage": "draw", "pid": 41})
    await pipeline.take(batch(late, at=clock.now, offset=1000))
    assert [document["state"] for document in await documents(store)] == ["acknowledged"]
    assert await pipeline.act("none", Wish("resolve")) is None


async def test_an_acknowledgement_that_runs_out_is_open_again_and_pages_once(store: Store) -> None:
    clock = Clock()
    pipeline = await started(store, clock)
    await pipeline.take(batch(died()))
    (opened,) = await documents(store)
    await pipeline.act(opened["id"], Wish("acknowledge", "Ann", lasts=timedelta(hours=1)))
    before = await store.outbox_size()
    clock.now += timedelta(minutes=59)
    pipeline = await started(store, clock)  # it survives a restart
    await pipeline.take(batch())
    assert [document["state"] for document in await documents(store)] == ["acknowledged"]
    clock.now += timedelta(minutes=1)
    for _ in "12":
        await pipeline.take(batch())
    (again,) = await documents(store)
    assert (again["state"], [entry["what"] for entry in again["life"]["history"]]) == (
        "open", ["opened", "acknowledged", "expired"],
    )  # fmt: skip
    assert {name: size - before[name] for name, size in (await store.outbox_size()).items()} == {"webhook": 1}
    assert state_of((await store.load()).state).cases[0].incident.state == "open"


async def test_state_survives_whatever_a_log_says(store: Store) -> None:
    pipeline = await started(store, Clock())
    await pipeline.take(batch(died(request_id="\ud800\0", detail="\udfff")))
    (document,) = await documents(store)
    assert state_of((await store.load()).state).cases[0].incident.id == document["id"]
