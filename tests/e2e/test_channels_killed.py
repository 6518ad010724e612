"""kill -9 of the detector while PagerDuty and Slack stumble: every incident is one alert and one message, up to date in the end."""

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from service.parts import Part, start
from tests.e2e.chain import TOKEN, until
from tests.e2e.test_detector_killed import Played, environment_of, incidents_of
from tests.unit.observability.detector.notify import test_pagerduty, test_slack
from tests.unit.observability.detector.notify.stand_in import Got, StandIn, listening

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CRASHES = 40
KILLS = 6


@dataclass
class Workspace:
    """Slack's side: messages by ts. One call in ten fails, as the dice say."""

    dice: random.Random
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, got: Got) -> web.Response:
        if self.dice.random() < 0.1:
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "0"})
        ts = got.json.get("ts") or f"1762542019.{len(self.messages):06}"
        if got.path == "/chat.update" and ts not in self.messages:
            return web.json_response({"ok": False, "error": "message_not_found"})
        self.messages[ts] = got.json
        return web.json_response({"ok": True, "channel": "C0123456789", "ts": ts})

    def shown(self) -> dict[str, list[str]]:
        """Return the headlines of each incident's messages, oldest first."""
        found: dict[str, list[str]] = {}
        for ts in sorted(self.messages):
            body = self.messages[ts]
            identity = re.search(r"/incidents/(\w+)", orjson.dumps(body).decode())
            assert identity
            found.setdefault(identity[1], []).append(body["blocks"][0]["text"]["text"])
        return found


def stumbling(dice: random.Random) -> StandIn:
    def answer(got: Got) -> web.Response:
        return web.Response(status=503) if dice.random() < 0.1 else test_pagerduty.accepted(got)

    return StandIn(test_pagerduty.check, usual=answer)


async def killed_while(played: "asyncio.Task[None]", detector: Part, dice: random.Random) -> Any:
    running = await start(detector)
    for _ in range(KILLS):
        await running.healthy()
        await asyncio.sleep(dice.uniform(0.05, 0.8))
        running.process.kill()
        await running.process.wait()
        running = await start(detector)
    await played
    await running.healthy()
    return running


async def resolve_all(detector: Part) -> set[str]:
    ids = {one["id"] for one in await incidents_of(detector)}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        for identity in ids:
            async with client.post(f"http://{detector.address}/api/incidents/{identity}/resolve") as answer:
                assert answer.status == 200
    return ids


async def test_every_incident_is_one_alert_and_one_message(tmp_path: Path) -> None:
    dice = random.Random(5)
    slack = Workspace(random.Random(6))
    workspace, pagerduty = StandIn(test_slack.check, usual=slack.answer), stumbling(random.Random(7))
    async with listening(workspace) as (_, slack_url), listening(pagerduty) as (_, pagerduty_url):
        settings = {
            "SLACK_BOT_TOKEN": test_slack.TOKEN, "SLACK_CHANNEL": "#on-call", "SLACK_URL": slack_url,
            "PAGERDUTY_ROUTING_KEY": test_pagerduty.KEY, "PAGERDUTY_URL": pagerduty_url,
        }  # fmt: skip
        async with environment_of(tmp_path, [], **settings) as detector:
            playing = asyncio.create_task(Played(tmp_path / "logs", CRASHES).play(random.Random(8)))
            running = await killed_while(playing, detector, dice)
            try:
                await until(lambda: len(slack.shown()) == CRASHES, "a message for each", within_s=60)
                ids = await resolve_all(detector)
                running.process.kill()  # what was kept is told by the next one, in the messages that the last one posted
                await running.process.wait()
                running = await start(detector)
                await until(
                    lambda: all(m[-1].startswith("Resolved") for m in slack.shown().values()), "the end in Slack"
                )

                def actions() -> dict[str, list[str]]:
                    found: dict[str, list[str]] = {}
                    for got in pagerduty.got:
                        found.setdefault(got.json["dedup_key"], []).append(got.json["event_action"])
                    return found

                await until(lambda: all(a[-1] == "resolve" for a in actions().values()), "the end in PagerDuty")
            finally:
                await running.stop()
    assert set(slack.shown()) == set(actions()) == ids
    assert all("trigger" in each for each in actions().values())
    # One message at a time is on its way: each kill may have taken the answer to one, which is then posted again.
    doubled = Counter({identity: len(messages) - 1 for identity, messages in slack.shown().items()})
    assert doubled.total() <= KILLS + 1
