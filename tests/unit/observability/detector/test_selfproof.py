"""The detector proves itself through its real parts: log file, parse, correlate, store, outbox, loopback."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from observability.detector.lifecycle import Policy
from observability.detector.measures import Measures, ProofMeasures
from observability.detector.notify import Loopback, deliver, recipients
from observability.detector.pipeline import Pipeline
from observability.detector.presentation import LinkTemplates, present
from observability.detector.selfproof import SelfProof
from observability.detector.sources import follow
from observability.detector.store import Filters, Store, open_store
from tests.unit.observability.detector.notify.receiver import Receiver

EVERY = timedelta(minutes=5)


class Ahead:
    """The real time, and as much more as the test has let pass."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


class Chain:
    """A detector without its process."""

    def __init__(
        self, proof: SelfProof, store: Store, registry: CollectorRegistry, webhook: Receiver, clock: Ahead
    ) -> None:
        self.proof, self.store, self.registry, self.webhook, self.clock = proof, store, registry, webhook, clock

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@asynccontextmanager
async def running(tmp_path: Path, *, log: Path | None = None) -> AsyncIterator[Chain]:
    written = tmp_path / "selftest.log"
    loopback, webhook, registry, clock = Loopback(), Receiver(), CollectorRegistry(), Ahead()
    channels = (webhook, loopback)

    def shown(document: dict[str, Any], attempts: Sequence[Any]) -> dict[str, Any]:
        return present(document, LinkTemplates(), attempts)

    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(
            open_store(f"sqlite:///{tmp_path}/incidents.db", lambda change: recipients(change, channels))
        )
        measures = Measures(registry, ("webhook", "loopback"))
        proofs = ProofMeasures(registry, every_s=EVERY.total_seconds(), beats_every_s=0)
        outbox = await opened.enter_async_context(
            deliver(store, channels, clock=clock, present=shown, told=measures.told)
        )
        loaded = await store.load()
        pipeline = Pipeline(store, loaded, measures, Policy(), clock=clock, zone=lambda: UTC, wake=outbox.wake)

        async def take() -> None:
            async with aclosing(follow((written,), loaded.checkpoints, 0.05, clock=clock)) as batches:
                async for batch in batches:
                    await pipeline.take(batch)

        taking = asyncio.create_task(take())
        opened.callback(taking.cancel)
        proof = SelfProof(log or written, EVERY, loopback, pipeline.act, proofs, clock)
        yield Chain(proof, store, registry, webhook, clock)


async def test_a_crash_that_comes_through_is_a_proof_and_wakes_nobody(tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        assert not chain.proof.holds()
        assert await chain.proof.prove() == "passed"
        assert chain.proof.holds()
        assert chain.webhook.got == []
        assert chain.value("selftest_runs_total", outcome="passed") == 1
        assert chain.value("selftest_last_success_timestamp_seconds") == pytest.approx(
            chain.clock().timestamp(), abs=60
        )
        assert chain.value("detector_line_to_incident_seconds_count") == 1
        assert chain.value("detector_line_to_page_seconds_count") == 1


async def test_each_run_is_the_same_incident_which_never_stays_open(tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        for _ in range(3):
            assert await chain.proof.prove() == "passed"
        assert chain.value("detector_line_to_incident_seconds_count") == 3
        assert chain.value("detector_line_to_page_seconds_count") == 3
        assert chain.value("detector_incidents_total", cause="segfault") == 0
        assert chain.value("detector_incident_changes_total", change="reopened") == 0
        assert (await chain.store.list_incidents(Filters())).documents == ()
        (one,) = (await chain.store.list_incidents(Filters(synthetic=True))).documents
        assert (one["service"], one["state"]) == ("barwatch-proof", "resolved")


async def test_a_proof_holds_until_the_second_one_is_missed(tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        await chain.proof.prove()
        chain.clock.by = 2 * EVERY
        assert chain.proof.holds()
        chain.clock.by = 2 * EVERY + timedelta(minutes=1)
        assert not chain.proof.holds()


async def test_a_crash_that_does_not_come_through_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observability.detector.selfproof.WITHIN_S", 0.05)
    async with running(tmp_path, log=tmp_path / "nobody reads this.log") as chain:
        assert await chain.proof.prove() == "lost"
        assert not chain.proof.holds()
        assert chain.value("selftest_runs_total", outcome="lost") == 1
        assert chain.value("selftest_last_success_timestamp_seconds") == 0


async def test_a_log_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    async with running(tmp_path, log=tmp_path / "no such directory" / "selftest.log") as chain:
        assert await chain.proof.prove() == "unwritable"
        assert chain.value("selftest_runs_total", outcome="unwritable") == 1
