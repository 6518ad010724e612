"""A webhook that nobody answers: Slack is told in its place, once, and the webhook gets it all when it is back."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from service.parts import Part, start
from tests.e2e.chain import BARWATCH, environment, free_addresses, until
from tests.e2e.test_detector_killed import crash
from tests.unit.observability.detector.notify import test_slack
from tests.unit.observability.detector.notify.stand_in import StandIn, listening

pytestmark = pytest.mark.e2e


async def listen(address: str, pages: list[dict[str, Any]]) -> web.AppRunner:
    """Start the webhook's receiver, late."""

    async def receive(request: web.Request) -> web.Response:
        pages.append(await request.json())
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/page", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    host, _, port = address.rpartition(":")
    await web.TCPSite(runner, host, int(port)).start()
    return runner


async def test_what_nobody_takes_goes_to_the_fallback(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    *addresses, receiver = free_addresses(4)
    slack = StandIn(test_slack.check, usual=test_slack.ok)
    async with listening(slack) as (_, url):
        env = environment(tmp_path, addresses, f"http://{receiver}/page") | {
            "SLACK_BOT_TOKEN": test_slack.TOKEN, "SLACK_CHANNEL": "#on-call", "SLACK_URL": url,
            "FALLBACK_CHANNEL": "slack", "FALLBACK_AFTER": "2s",
        }  # fmt: skip
        part = Part("detector", (*BARWATCH, "detector"), env, tmp_path / "detector.out", addresses[2], "/healthz")
        running = await start(part)
        await running.healthy()
        logged, access = crash(1)
        (tmp_path / "logs" / "backend.log").write_text(f"{logged}\n")
        (tmp_path / "logs" / "access.log").write_text(f"{access}\n")
        await until(lambda: (tmp_path / "detector.out").read_text().count("notification.failed"), "an attempt in vain")
        os.kill(running.process.pid, signal.SIGKILL)  # what waits for the fallback outlives this
        await running.process.wait()
        running = await start(part)
        pages: list[dict[str, Any]] = []
        try:
            await until(lambda: slack.got, "the fallback")
            receiving = await listen(receiver, pages)
            await until(lambda: pages, "the webhook", within_s=60)
            await receiving.cleanup()
        finally:
            await running.stop()
    assert [got.path for got in slack.got] == ["/chat.postMessage"]
    assert "webhook did not take it" in slack.got[0].json["text"]
    assert pages[0]["change"] == "opened"
