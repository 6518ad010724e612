"""`barwatch detector` and `barwatch selftest` as processes: start, refuse to start, selftest through to the webhook, stop."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
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


def crash(number: int) -> str:
    """Return a line of the backend's log: a crash of a kind of its own."""
    trace = f'Traceback (most recent call last):\n  File "/srv/a.py", line 4, in f{number}\n    g()\nError{number}: x\n'
    fields = {"ts": datetime.now(UTC).isoformat(), "level": "error", "event": "http.request.failed", "service": "labels",
              "request_id": f"{number:032x}", "method": "POST", "route": f"/api/{number}", "exception.type": f"Error{number}",
              "exception.message": "x", "exception.stacktrace": trace}  # fmt: skip
    return json.dumps(fields) + "\n"


async def test_a_storm_pages_as_one_and_lists_all(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    async with detector(tmp_path, pages, STORM_AFTER="3") as (part, _):
        with (tmp_path / "logs/backend.log").open("a") as log:
            for number in range(6):
                log.write(crash(number))
                log.flush()
                await asyncio.sleep(0.4)
        await until(lambda: len(pages) >= 3, "three pages")
        async with aiohttp.ClientSession(headers=BEARER) as client:
            async with client.get(f"http://{part.address}/api/incidents") as answer:
                listed = (await answer.json())["incidents"]
            async with client.get(f"http://{part.address}/api/incidents/{pages[2]['dedup_key']}") as answer:
                storm = await answer.json()
    assert [(page["change"], page["dedup_key"][:6]) for page in pages[2:]] == [("opened", "storm-")]
    assert [one["storm"] for one in listed] == [pages[2]["dedup_key"]] * 4 + [None] * 2
    assert storm["notifications"][0]["outcome"] == "delivered"


async def test_a_silence_is_read_while_the_detector_runs_and_pages_when_it_is_taken_out(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    silences = tmp_path / "silences.toml"
    silences.write_text("[[silence]\n")
    async with detector(tmp_path, pages, SILENCES_FILE=str(silences)) as (part, _):
        async with aiohttp.ClientSession(headers=BEARER) as client:

            async def seen(path: str = "") -> Any:
                async with client.get(f"http://{part.address}/api/incidents{path}") as answer:
                    return await answer.json()

            assert [wrong["line"] for wrong in (await seen("/silences"))["wrong"]] == [1]
            silences.write_text(
                '[[silence]]\nreason = "known"\nauthor = "ann"\nuntil = 2999-01-01T00:00:00Z\nmatch = { route = "*/api/1" }\n'
            )
            (tmp_path / "logs/backend.log").write_text(crash(1) + crash(2))

            async def both() -> bool:
                return len((await seen())["incidents"]) == 2

            await until(both, "both incidents")
            held = {one["route"][-1]: one["silenced"] for one in (await seen())["incidents"]}
            assert (held["1"]["by"], held["2"]) == ("ann", None)
            await until(lambda: pages, "the page of the other")
            silences.write_text("")
            await until(lambda: len(pages) == 2, "the page of what had been silenced")
        assert [page["change"] for page in pages] == ["opened", "opened"]
        assert {page["incident"]["route"][-1] for page in pages} == {"1", "2"}
