"""The dead man's switch: it beats only while the chain is proven."""

import asyncio

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from observability.detector import heartbeat as module
from observability.detector.heartbeat import AFTER_FAILURE_S, EVERY_S, Heartbeat
from observability.detector.measures import ProofMeasures
from tests.unit.observability.detector.incident_examples import T0
from tests.unit.observability.detector.notify.stand_in import Got, StandIn, listening

LAST = "heartbeat_last_success_timestamp_seconds"


def check(got: Got) -> None:
    assert (got.path, got.body) == ("/ping/hidden", b"")


async def beaten(*answers: web.Response) -> tuple[list[float], float | None]:
    """Beat once for each answer; return the waits and the metric."""
    registry, switch = CollectorRegistry(), StandIn(check, list(answers))
    measures = ProofMeasures(registry, every_s=300, beats_every_s=EVERY_S)
    async with listening(switch) as (session, url):
        heart = Heartbeat(session, f"{url}/ping/hidden", lambda: True, measures, lambda: T0)
        waits = [await heart.beat() for _ in answers]
    return waits, registry.get_sample_value(LAST)


async def test_a_beat_that_is_taken_is_noted() -> None:
    assert await beaten(web.Response(text="OK")) == ([EVERY_S], T0.timestamp())


async def test_a_beat_that_is_not_taken_comes_again_soon() -> None:
    assert await beaten(web.Response(status=503), web.Response(status=404)) == ([AFTER_FAILURE_S] * 2, 0)


async def test_nothing_beats_while_nothing_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_AGAIN_S", 0.001)
    monkeypatch.setattr(module, "EVERY_S", 0.001)
    switch, proven = StandIn(check), asyncio.Event()
    asked = 0

    def lives() -> bool:
        nonlocal asked
        asked += 1
        return proven.is_set()

    async with listening(switch) as (session, url):
        measures = ProofMeasures(CollectorRegistry(), every_s=300, beats_every_s=EVERY_S)
        beating = asyncio.create_task(Heartbeat(session, f"{url}/ping/hidden", lives, measures, lambda: T0).run())
        async with asyncio.timeout(10):
            while asked < 5:
                await asyncio.sleep(0.001)
            assert switch.got == []
            proven.set()
            while len(switch.got) < 2:
                await asyncio.sleep(0.001)
        beating.cancel()
