"""What an answer means for a delivery, and what of a URL may be shown."""

import asyncio

import aiohttp
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from observability.detector.notify.channel import DeliveryFailed
from observability.detector.notify.http import failure_of, post_json, redact

ANSWERS: dict[str, tuple[int, str | None, str, bool, float | None]] = {
    "an overloaded receiver is tried again when it says so": (429, "7", "rate_limited", True, 7.0),
    "a date as Retry-After leaves the wait to us": (429, "Wed, 21 Oct 2015 07:28:00 GMT", "rate_limited", True, None),
    "nobody waits for a day because a receiver says so": (503, "86400", "server_error", True, 3600.0),
    "a broken receiver is tried again": (500, None, "server_error", True, None),
    "a wrong token may be mended while the page waits": (401, None, "misconfigured", True, None),
    "a wrong path may be mended while the page waits": (404, None, "misconfigured", True, None),
    "a redirect is a wrong setting": (302, None, "misconfigured", True, None),
    "a message that is too large stays too large": (413, None, "refused", False, None),
    "a message that is not understood stays so": (400, None, "refused", False, None),
}


@pytest.mark.parametrize(("status", "retry_after", "reason", "retry", "after_s"), ANSWERS.values(), ids=ANSWERS)
def test_meaning_of_an_answer(
    status: int, retry_after: str | None, reason: str, retry: bool, after_s: float | None
) -> None:
    failure = failure_of(status, retry_after, "no\n thanks", "https://hooks.example/T0/secret")
    assert (failure.reason, failure.retry, failure.after_s) == (reason, retry, after_s)
    assert failure.detail == f"https://hooks.example/… answered {status}: no thanks"


URLS = {
    "https://user:pass@hooks.example:8443/services/T0/B0/secret?token=x": "https://hooks.example:8443/…",
    "http://[::1]:9093/api": "http://[::1]:9093/…",
}


@pytest.mark.parametrize(("url", "shown"), URLS.items())
def test_only_scheme_and_host_of_a_url_are_shown(url: str, shown: str) -> None:
    assert redact(url) == shown


async def test_nobody_listens_is_retried() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(DeliveryFailed) as failed:
            await post_json(session, "http://127.0.0.1:1/secret", {}, {})
    assert (failed.value.reason, failed.value.retry) == ("connection", True)
    assert "secret" not in str(failed.value)


async def test_a_receiver_that_hangs_is_retried(aiohttp_server: AiohttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hang)
    server = await aiohttp_server(app)
    monkeypatch.setattr("observability.detector.notify.http.TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    async with aiohttp.ClientSession() as session:
        with pytest.raises(DeliveryFailed) as failed:
            await post_json(session, str(server.make_url("/")), {}, {})
    assert (failed.value.reason, failed.value.retry) == ("timeout", True)


async def test_a_redirect_is_not_followed(aiohttp_server: AiohttpServer) -> None:
    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:1/")

    app = web.Application()
    app.router.add_post("/", elsewhere)
    server = await aiohttp_server(app)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(DeliveryFailed) as failed:
            await post_json(session, str(server.make_url("/")), {}, {})
    assert failed.value.reason == "misconfigured"
