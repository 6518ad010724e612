"""What a webhook gets."""

from typing import Any

import aiohttp
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from observability.detector.incidents import Opened
from observability.detector.notify import Message, Webhook, recipients
from observability.detector.notify.alertmanager import Alertmanager
from observability.detector.store import document_of
from tests.unit.observability.detector.incident_examples import T0, incident


async def test_a_change_is_posted_as_json(aiohttp_server: AiohttpServer) -> None:
    got: list[dict[str, Any]] = []

    async def receive(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/page", receive)
    server = await aiohttp_server(app)
    document = document_of(incident())
    async with aiohttp.ClientSession() as session:
        webhook = Webhook(session, str(server.make_url("/page")))
        assert await webhook.send(Message("opened", document, "inc-1", synthetic=False, at=T0, previous=None)) == {}
    assert got == [{"change": "opened", "dedup_key": "inc-1", "synthetic": False, "incident": document}]


async def test_a_selftest_reaches_the_webhook_and_never_alertmanager() -> None:
    async with aiohttp.ClientSession() as session:
        channels = (Webhook(session, "http://x/"), Alertmanager(session, ["http://x"], "http://x", ""))
        assert recipients(Opened(incident()), channels) == ("webhook", "alertmanager")
        assert recipients(Opened(incident(synthetic=True)), channels) == ("webhook",)
