"""`barwatch detector` and `barwatch selftest` as processes: start, refuse to start, selftest through to the webhook, stop."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from service.parts import Part, Running, start
from tests.e2e.chain import BARWATCH, TOKEN, environment, free_addresses, until, webhook

pytestmark = pytest.mark.e2e
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@asynccontextmanager
async def detector(state: Path, pages: list[dict[str, Any]], **more: str) -> AsyncIterator[tuple[Part, Running]]:
    (state / "logs").mkdir()
    addresses = free_addresses(3)
    async with webhook(pages) as url:
        env = environment(state, addresses, url) | more
        part = Part("detector", (*BARWATCH, "detector"), env, state / "detector.out", addresses[2], "/healthz")
        running = await start(part)
        try:
            await running.healthy()
            yield part, running
        finally:
            await running.stop()


async def barwatch(env: dict[str, str], *argv: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *BARWATCH, *argv, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_selftest_goes_through_to_the_webhook_and_leaves_nothing_open(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    async with detector(tmp_path, pages, SELFTEST_EVERY="off") as (part, _):
        for _again in range(2):
            code, output = await barwatch(dict(part.env), "selftest")
            assert code == 0, output
            assert output.startswith("selftest passed: incident after ")
            assert ", webhook after " in output
        await until(lambda: pages[-1]["change"] == "resolved", "the end of the selftest")
        assert all(page["synthetic"] and page["incident"]["synthetic"] for page in pages)
        async with aiohttp.ClientSession(headers=BEARER) as client:
            async with client.get(f"http://{part.address}/api/incidents") as answer:
                assert (await answer.json())["incidents"] == []
            async with client.get(f"http://{part.address}/api/incidents?synthetic=true") as answer:
                assert {one["state"] for one in (await answer.json())["incidents"]} == {"resolved"}


async def test_selftest_says_what_broke(tmp_path: Path) -> None:
    async with detector(tmp_path, []) as (part, _):
        env = dict(part.env)
        failures = {
            "another log": (env | {"LOGS_DIR": str(tmp_path)}, "no incident within", "same LOGS_DIR"),
            "no log": (env | {"LOGS_DIR": str(tmp_path / "none")}, "cannot be written", "detector's user"),
            "another token": (env | {"ACCESS_TOKEN": "another-token"}, "answered 401", "ACCESS_TOKEN"),
            "nobody there": (env | {"DETECTOR_ADDR": free_addresses(1)[0]}, "no answer", "barwatch up"),
        }
        for name, (broken, found, remedy) in failures.items():
            code, output = await barwatch(broken, "selftest", "--within", "0.5")
            assert code == 1, name
            assert output.startswith("selftest FAILED: "), output
            assert found in output, output
            assert remedy in output, output


async def test_selftest_fails_when_the_webhook_does_not_take_it(tmp_path: Path) -> None:
    dead = f"http://{free_addresses(1)[0]}/secret-path"
    async with detector(tmp_path, [], WEBHOOK_URL=dead) as (part, _):
        code, output = await barwatch(dict(part.env), "selftest", "--within", "1")
    assert code == 1
    assert "webhook: not delivered: connection" in output
    assert "secret-path" not in output


async def test_sigterm_stops_it_cleanly_and_nothing_is_read_twice(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    died = {"ts": "2025-11-07T19:00:19.1Z", "event": "process.exited", "role": "backend", "pid": 41, "signal": "SIGKILL",
            "expected": False}  # fmt: skip
    async with detector(tmp_path, pages) as (part, running):
        (tmp_path / "logs" / "backend.log").write_text(json.dumps(died) + "\n")
        await until(lambda: pages, "the page")
        await running.stop()
        assert running.process.returncode == 0
        again = await start(part)
        await again.healthy()
        await again.stop()
        assert again.process.returncode == 0
    assert [page["change"] for page in pages] == ["opened"]
    assert stat.S_IMODE((tmp_path / "incidents.db").stat().st_mode) == 0o600
    assert '"event":"detector.stopped"' in (tmp_path / "detector.out").read_text()


async def test_it_says_in_one_sentence_why_it_cannot_start(tmp_path: Path) -> None:
    async with detector(tmp_path, []) as (part, _):
        env = dict(part.env)
        refusals = {
            "another detector is active": env,
            "address already in use": env | {"INCIDENTS_DATABASE_URL": f"sqlite:///{tmp_path}/other.db"},
            "INCIDENTS_DATABASE_URL": env | {"INCIDENTS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "not host:port": env | {"DETECTOR_ADDR": "8035"},
        }
        for words, broken in refusals.items():
            code, output = await barwatch(broken, "detector")
            assert code == 1, words
            assert words in output
            assert "Traceback" not in output


async def test_a_token_of_its_own_opens_the_api(tmp_path: Path) -> None:
    async with detector(tmp_path, [], ACCESS_TOKEN="") as (part, _):
        token = (tmp_path / "access-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        url = f"http://{part.address}/api/incidents"
        async with aiohttp.ClientSession(headers=headers) as client, client.get(url) as answer:
            assert answer.status == 200
        code, output = await barwatch(dict(part.env), "selftest")
        assert code == 0, output
