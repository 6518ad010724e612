"""The detector as a process proves itself: metrics say so, the dead man's switch beats, and nobody is paged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from service.parts import Part, start
from tests.e2e.chain import BARWATCH, environment, free_addresses, until, webhook

pytestmark = pytest.mark.e2e


@asynccontextmanager
async def switch(beats: list[str]) -> AsyncIterator[str]:
    """Run a dead man's switch that keeps what it is asked."""

    async def receive(request: web.Request) -> web.Response:
        beats.append(request.method)
        return web.Response(text="OK")

    app = web.Application()
    app.router.add_route("*", "/ping/secret", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/ping/secret"
    finally:
        await runner.cleanup()


async def scraped(address: str) -> dict[str, float]:
    """Return the samples of the detector, "name" or "name{outcome}" to value."""
    async with aiohttp.ClientSession() as session, session.get(f"http://{address}/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
        return {
            f"{sample.name}{{{sample.labels['outcome']}}}"
            if set(sample.labels) == {"outcome"}
            else sample.name: sample.value
            for family in families
            for sample in family.samples
        }


async def test_it_proves_itself_again_and_again(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    addresses, pages, beats = free_addresses(3), list[dict[str, Any]](), list[str]()
    async with webhook(pages) as url, switch(beats) as heartbeat:
        env = environment(tmp_path, addresses, url) | {"SELFTEST_EVERY": "10s", "HEARTBEAT_URL": heartbeat}
        output = tmp_path / "detector.out"
        running = await start(Part("detector", (*BARWATCH, "detector"), env, output, addresses[2], "/healthz"))
        try:
            await running.healthy()

            async def passed_twice() -> bool:
                return (await scraped(addresses[2]))["selftest_runs_total{passed}"] >= 2

            await until(passed_twice, "two scheduled selftests", within_s=40)
            await until(lambda: beats, "a beat")
            await asyncio.sleep(0.1)  # the beat is noted after its answer
            metrics = await scraped(addresses[2])
            rss = int(Path(f"/proc/{running.process.pid}/statm").read_text().split()[1]) * 4096
        finally:
            await running.stop()
    assert (metrics["selftest_runs_total{lost}"], metrics["selftest_interval_seconds"]) == (0, 10)
    assert metrics["selftest_last_success_timestamp_seconds"] > 0
    assert metrics["heartbeat_last_success_timestamp_seconds"] > 0
    assert metrics["detector_line_to_page_seconds_count"] >= 2
    assert (pages, beats) == ([], ["GET"])
    assert rss <= 100_000_000
    assert "secret" not in output.read_text()
