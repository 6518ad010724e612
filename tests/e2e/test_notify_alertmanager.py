"""With a real Alertmanager: an incident is one notification that is updated, not repeated, and ends when it is resolved."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from observability.detector.incidents import Incident
from observability.detector.notify import Alertmanager, Message, Places
from observability.detector.store import document_of
from tests.e2e.chain import free_addresses, until
from tests.unit.observability.detector.incident_examples import incident

pytestmark = pytest.mark.e2e

CONFIG = """
route:
  receiver: test
  group_by: [incident]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: test
    webhook_configs:
      - url: {url}
        send_resolved: true
"""


@asynccontextmanager
async def notified(groups: list[dict[str, Any]]) -> AsyncIterator[str]:
    async def receive(request: web.Request) -> web.Response:
        groups.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def alertmanager(home: Path, receiver: str) -> AsyncIterator[str]:
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    assert program, "Alertmanager is missing: run deploy/install.sh servers"
    (home / "alertmanager.yml").write_text(CONFIG.format(url=receiver))
    (address,) = free_addresses(1)
    process = await asyncio.create_subprocess_exec(
        program, f"--config.file={home}/alertmanager.yml", f"--storage.path={home}/data",
        f"--web.listen-address={address}", "--cluster.listen-address=",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:
            await until(lambda: _ready(session, address), "Alertmanager")
        yield f"http://{address}"
    finally:
        process.terminate()
        await process.wait()


async def _ready(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(f"http://{address}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def statuses(group: dict[str, Any]) -> set[tuple[str, str]]:
    return {(alert["labels"]["cause"], alert["status"]) for alert in group["alerts"]}


async def test_an_incident_is_one_notification_through_its_life(tmp_path: Path) -> None:
    groups: list[dict[str, Any]] = []
    now = datetime.now(UTC)
    unknown = incident("inc-7", first_seen=now, last_seen=now)
    unknown = replace(unknown, cause=replace(unknown.cause, code="other"))
    known = replace(unknown, cause=replace(unknown.cause, code="permission_denied"))
    async with (
        notified(groups) as receiver,
        alertmanager(tmp_path, receiver) as url,
        aiohttp.ClientSession() as session,
    ):
        channel = Alertmanager(session, [url], Places("http://front", "https://barwatch.example/runbooks"))

        async def tell(change: str, told: Incident, previous: dict[str, Any] | None) -> dict[str, Any]:
            at = datetime.now(UTC)
            return await channel.send(Message(change, document_of(told), told.id, 1, False, at, at, previous))

        fields = await tell("opened", unknown, None)
        await until(lambda: groups, "the page")
        assert statuses(groups[0]) == {("other", "firing")}
        page = groups[0]["alerts"][0]
        assert page["labels"]["incident"] == "inc-7"
        assert page["annotations"]["runbook_url"] == "https://barwatch.example/runbooks/other.md"

        await channel.refresh([document_of(unknown)], datetime.now(UTC))
        fields = await tell("enriched", known, fields)
        await until(lambda: len(groups) > 1, "the update")
        assert ("permission_denied", "firing") in statuses(groups[-1])
        assert {group["groupKey"] for group in groups} == {groups[0]["groupKey"]}

        await tell("resolved", replace(known, state="resolved"), fields)
        await until(lambda: groups[-1]["status"] == "resolved", "the end")
