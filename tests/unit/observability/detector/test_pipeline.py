"""Batches to kept incidents: what is committed when, what a restart goes on with, what people's wishes change."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from observability.detector import keeping
from observability.detector import pipeline as module
from observability.detector.correlate import Memory, State, assign, correlate
from observability.detector.incidents import Attempt
from observability.detector.life import Wish
from observability.detector.lifecycle import Policy, Silence, Silences
from observability.detector.measures import Measures
from observability.detector.pipeline import Pipeline
from observability.detector.remembered import state_of
from observability.detector.signals import Line, Position
from observability.detector.sources import Batch
from observability.detector.store import Due, Filters, Store, StoreUnavailable, Wanted, open_store
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


async def all_due(store: Store) -> list[Due]:
    """Deliver everything, and return it in order."""
    sent = []
    while due := await store.due(Wanted("webhook", 100)):
        for one in due:
            sent.append(one)
            await store.record(one, Attempt("webhook", T0, "delivered", "", one.change))
    return sent


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
    clock.now += keeping.KEEP_EVERY
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
    monkeypatch.setattr(keeping, "_RETRY_S", 0.001)
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

    def tripping(state: State, signals: Any, now: datetime, memory: Memory) -> Any:
        if any(getattr(signal, "pid", None) == 13 for signal in signals):
            raise ZeroDivisionError
        return real(state, signals, now, memory)

    monkeypatch.setattr(module, "correlate", tripping)
    pipeline = await started(store, Clock())
    await pipeline.take(batch(died(13), died(41)))
    assert len(await documents(store)) == 1


async def test_the_time_from_line_to_incident_has_the_wait_in_it_and_counts_recurrences(store: Store) -> None:
    clock = Clock()
    registry = CollectorRegistry()
    measures = Measures(registry, ("webhook",))
    pipeline = Pipeline(store, await store.load(), measures, Policy(), clock=clock, zone=lambda: UTC, wake=lambda: None)
    error = (
        "2025/11/07 19:00:19 [error] 28#28: *9 upstream prematurely closed connection while reading response header from "
        'upstream, client: 10.0.0.1, server: localhost, request: "POST /x HTTP/1.1", upstream: "http://10.0.7.2:8034/x"'
    )
    await pipeline.take(batch(error))
    clock.now += timedelta(seconds=0.25)
    await pipeline.take(batch())
    assert registry.get_sample_value("detector_line_to_incident_seconds_sum") == 0.25
    for number in range(2):  # a death waits for nothing; the second one recurs
        clock.now += timedelta(minutes=5)
        ts = clock.now.isoformat().replace("+00:00", "Z")
        line = died(41 + number, ts=ts, address="127.0.0.1:9")
        await pipeline.take(batch(line, at=clock.now - timedelta(seconds=0.125), offset=1000 * number + 1000))
    assert registry.get_sample_value("detector_line_to_incident_seconds_sum") == 0.5
    assert registry.get_sample_value("detector_line_to_incident_seconds_count") == 3


async def test_a_storm_is_one_page_a_minute_also_over_a_restart(store: Store) -> None:
    clock = Clock()
    pipeline = await started(store, clock)

    async def dies(number: int) -> None:
        place = {"address": f"10.0.0.{number}:80", "signal": None, "exit_code": number}
        await pipeline.take(batch(died(number, ts=f"2025-11-07T19:00:{19 + number}Z", **place), offset=1000 * number))

    for number in range(1, 5):
        clock.now += timedelta(seconds=1)
        await dies(number)
    sent = await all_due(store)
    clock.now += timedelta(seconds=50)
    pipeline = await started(store, clock)
    await dies(5)
    for seconds in (20, 60):
        clock.now += timedelta(seconds=seconds)
        pipeline = await started(store, clock)
        await pipeline.take(batch())
        sent += await all_due(store)
    told = [(one.change, one.document["title"].partition(",")[0]) for one in sent]
    assert [word for word, title in told if not title.startswith("Storm")] == ["opened", "opened"]
    assert [(word, title) for word, title in told if title.startswith("Storm")] == [
        ("opened", "Storm: 3 new incidents within a minute"),
        ("reopened", "Storm: 2 new incidents within a minute"),
        ("enriched", "Storm is over: 5 new incidents"),
    ]
    assert len(await documents(store)) == 5
    (folded, *_) = await documents(store)
    storm = await store.incident(folded["life"]["storm"])
    assert storm is not None
    assert storm["title"].startswith("Storm is over: 5 new incidents, 3 of them still open")


def raised(number: int, at: datetime) -> str:
    """Return a crash of a kind of its own."""
    trace = f'Traceback (most recent call last):\n  File "/srv/a.py", line 4, in f{number}\n    g()\nError{number}: x\n'
    fields = {"ts": at.isoformat(), "level": "error", "event": "http.request.failed", "request_id": f"{at.timestamp()}"}
    return json.dumps(
        {**fields, "exception.type": f"Error{number}", "exception.message": "x", "exception.stacktrace": trace}
    )


async def test_a_recurrence_of_what_is_out_of_mind_is_one_of_the_incident_that_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assign, "MAX_CASES", 3)
    clock = Clock()
    pipeline = await started(store, clock)
    offset = 0

    async def happens(number: int) -> None:
        nonlocal offset
        clock.now += timedelta(minutes=2)
        await pipeline.take(batch(raised(number, clock.now), at=clock.now, offset=offset))
        offset += 1000

    for number in range(6):
        await happens(number)
    first, second = (await documents(store))[-1]["id"], (await documents(store))[-2]["id"]
    await pipeline.act(second, Wish("resolve", "Ann"))
    await happens(0)
    await happens(1)
    await happens(0)
    found = {document["id"]: document for document in await documents(store)}
    assert len(found) == 6
    assert (found[first]["occurrences"], found[first]["state"], len(found[first]["evidence"])) == (3, "open", 3)
    assert found[first]["first_seen"] < found[second]["first_seen"] < found[first]["last_seen"]
    assert (found[second]["occurrences"], found[second]["state"]) == (2, "open")
    assert [entry["what"] for entry in found[second]["life"]["history"]] == ["opened", "resolved", "reopened"]


async def test_a_silence_of_the_file_holds_over_a_restart_and_what_is_open_at_its_end_pages(store: Store) -> None:
    clock = Clock()
    until = T0 + timedelta(minutes=10)
    silences = Silences((Silence("upgrade", "ops", (("cause", "killed"),), None, until),))

    async def restarted() -> Pipeline:
        return Pipeline(
            store, await store.load(), Measures(CollectorRegistry(), ()), Policy(), clock=clock, zone=lambda: UTC,
            wake=lambda: None, silences=lambda: silences,
        )  # fmt: skip

    await (await restarted()).take(batch(died()))
    (silenced,) = await documents(store)
    assert (silenced["life"]["silenced"]["by"], await store.outbox_size()) == ("ops", {})
    pipeline = await restarted()
    for clock.now in (T0 + timedelta(minutes=9), until, until + timedelta(minutes=1)):
        await pipeline.take(batch())
    assert [one.change for one in await all_due(store)] == ["opened"]


async def test_an_escalation_waits_over_a_restart_and_goes_to_its_channel_alone(tmp_path: Path) -> None:
    clock = Clock()
    policy = Policy(escalate_to=("pagerduty",))
    async with open_store(f"sqlite:///{tmp_path}/steps.db", lambda telling: telling.to or ("webhook",)) as store:
        for clock.now in (T0, T0 + timedelta(minutes=14), T0 + timedelta(minutes=15), T0 + timedelta(minutes=60)):
            pipeline = Pipeline(
                store, await store.load(), Measures(CollectorRegistry(), ()), policy, clock=clock, zone=lambda: UTC,
                wake=lambda: None,
            )  # fmt: skip
            await pipeline.take(batch(*([died()] if clock.now == T0 else [])))
            sizes = await store.outbox_size()
            assert sizes == {"webhook": 1, **({"pagerduty": 1} if clock.now >= T0 + timedelta(minutes=15) else {})}


async def test_a_silence_that_is_written_while_an_incident_is_open_reaches_it(store: Store) -> None:
    clock = Clock()
    silences = Silences()
    pipeline = Pipeline(
        store, await store.load(), Measures(CollectorRegistry(), ()), Policy(), clock=clock, zone=lambda: UTC,
        wake=lambda: None, silences=lambda: silences,
    )  # fmt: skip
    await pipeline.take(batch(died()))
    silences = Silences((Silence("known", "ann", (), None, T0 + timedelta(minutes=10)),))
    await pipeline.take(batch())
    assert [document["life"]["silenced"]["by"] for document in await documents(store)] == ["ann"]
    assert await store.unresolved() == ()


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
