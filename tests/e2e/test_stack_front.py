"""nginx as its container runs it: configured by front.sh, the stack's pages behind the sign-in, its logs rotated."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.e2e.chain import ROOT, TOKEN, Chain, chain, free_addresses, until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@asynccontextmanager
async def stand_in(name: str, seen: list[Mapping[str, str]]) -> AsyncIterator[str]:
    """Run what nginx passes to, in the place of a server of the stack; it keeps the headers that it was sent."""

    async def answer(request: web.Request) -> web.Response:
        seen.append({**request.headers, "path": request.path})
        return web.Response(text=name)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def front(running: Chain, tmp_path: Path, **settings: str) -> AsyncIterator[str]:
    """Run front.sh before the chain's backend and detector; yields its address."""
    address = settings.get("FRONT_ADDR") or free_addresses(1)[0]
    state, logs = tmp_path / "front", tmp_path / "front-logs"
    state.mkdir()
    logs.mkdir()
    templates = tmp_path / "templates"  # in one directory, as in the image
    templates.mkdir()
    for template in ("service/nginx.conf.template", "deploy/nginx/stack.conf.template"):
        shutil.copy(ROOT / template, templates)
    environment = {
        "PATH": f"{ROOT / 'deploy/nginx'}:{os.environ['PATH']}:/usr/sbin:/sbin",
        "TEMPLATES_DIR": str(templates),
        "STATE_DIR": str(state),
        "LOGS_DIR": str(logs),
        "FRONT_ADDR": address,
        "BACKEND_ADDR": running.backend,
        "DETECTOR_ADDR": running.detector.removeprefix("http://"),
        "MAX_FILE_MB": "20",
        "READ_TIMEOUT_S": "75",
        "USER_DIRECTIVE": "user root;" if os.getuid() == 0 else "",
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        ROOT / "deploy/nginx/front.sh", env=environment, start_new_session=True
    )
    try:
        await until(lambda: _up(running, address), "nginx of front.sh")
        yield f"http://{address}"
    finally:
        os.killpg(process.pid, 15)
        await process.wait()


async def _up(running: Chain, address: str) -> bool:
    try:
        async with running.client.get(f"http://{address}/front-healthz") as answer:
            return answer.status == 204
    except aiohttp.ClientError:
        return False


async def test_dashboards_open_with_the_sign_in_of_incidents_and_not_without(tmp_path: Path) -> None:
    seen: list[Mapping[str, str]] = []
    async with (
        chain(tmp_path) as running,
        stand_in("grafana", seen) as grafana,
        stand_in("bugsink", []) as bugsink,
        front(running, tmp_path, GRAFANA_ADDR=grafana, BUGSINK_ADDR=bugsink) as url,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser,
    ):
        async with browser.get(f"{url}/grafana/d/x", allow_redirects=False) as asked:
            assert (asked.status, asked.headers["Location"]) == (303, "/incidents/sign-in?next=/grafana/d/x")
        assert seen == []
        form = {"token": TOKEN, "next": "/grafana/d/x"}
        async with browser.post(f"{url}/incidents/sign-in", data=form, headers={"X-WEBAUTH-USER": "admin"}) as shown:
            assert await shown.text() == "grafana"
        async with browser.get(f"{url}/grafana/d/x", headers={"X-WEBAUTH-USER": "admin"}):
            pass
        assert {headers["X-WEBAUTH-USER"] for headers in seen} == {"on-call"}
        assert seen[-1]["path"] == "/grafana/d/x"


async def test_errors_are_passed_on_without_the_prefix(tmp_path: Path) -> None:
    seen: list[Mapping[str, str]] = []
    async with (
        chain(tmp_path) as running,
        stand_in("bugsink", seen) as bugsink,
        front(running, tmp_path, GRAFANA_ADDR=bugsink, BUGSINK_ADDR=bugsink) as url,
        running.client.get(f"{url}/errors/issues/1/") as answer,
    ):
        assert await answer.text() == "bugsink"
    assert seen[0]["path"] == "/issues/1/"


async def test_the_core_alone_has_no_pages_of_the_stack(tmp_path: Path) -> None:
    async with chain(tmp_path) as running, front(running, tmp_path) as url:
        async with running.client.get(f"{url}/grafana/") as answer:
            assert answer.status == 404
        async with running.client.get(f"{url}/healthz") as answer:
            assert answer.status == 200


async def test_a_log_that_has_grown_is_turned_over_and_nginx_writes_to_the_new_one(tmp_path: Path) -> None:
    async with chain(tmp_path) as running, front(running, tmp_path, ROTATE_MB="1", ROTATE_EVERY_S="0.2") as url:
        log = tmp_path / "front-logs/access.log"
        with log.open("ab") as file:
            file.write(b"x" * 1_000_001 + b"\n")
        await until(lambda: log.with_name("access.log.1").exists() and log.exists(), "rotation")
        async with running.client.get(f"{url}/healthz"):
            pass
        await until(lambda: b"/healthz" in log.read_bytes(), "a line in the new log")
