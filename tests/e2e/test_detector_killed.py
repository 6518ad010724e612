"""kill -9 of the detector at random points while crashes are played in: no incident is lost or doubled, every page arrives."""

import asyncio
import json
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from service.parts import Part, start
from tests.e2e.chain import BARWATCH, TOKEN, environment, free_addresses, until, webhook
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CRASHES = 200
KILLS = 10


def crash(number: int) -> tuple[str, str]:
    """Return what the backend logs and nginx logs of a request that failed at a place of its own."""
    at, request_id = datetime.now(UTC), uuid.uuid4().hex
    trace = (
        "Traceback (most recent call last):\n"
        f'  File "/app/service/uploads/stage{number}.py", line 7, in draw_{number}\n'
        f"    place_{number}(labels)\n"
        f"ValueError: no room for label {number}"
    )
    logged = {
        "ts": at.isoformat().replace("+00:00", "Z"), "level": "error", "event": "http.request.failed", "service": "barwatch",
        "pid": 41, "request_id": request_id, "route": f"POST /api/{number}", "method": "POST", "path": f"/api/{number}",
        "status": 500, "exception.type": "ValueError", "exception.message": f"no room for label {number}",
        "exception.stacktrace": trace,
    }  # fmt: skip
    access = {
        "msec": f"{at.timestamp():.3f}", "pid": 28, "connection": number, "connection_requests": 1, "request_id": request_id,
        "request": f"POST /api/{number} HTTP/1.1", "status": 500, "upstream_addr": "127.0.0.1:8034", "upstream_status": "500",
        "request_time": 0.01, "request_length": 100, "client": "127.0.0.1",
    }  # fmt: skip
    return json.dumps(logged), json.dumps(access)


class Played:
    """Writes the crashes, half lines at times, and rotates the log in the middle, as logrotate and nginx do."""

    def __init__(self, logs: Path, crashes: int = CRASHES) -> None:
        self._logs = logs
        self._crashes = crashes

    async def play(self, dice: random.Random) -> None:
        backend, access = ((self._logs / name).open("ab", buffering=0) for name in ("backend.log", "access.log"))
        for number in range(self._crashes):
            logged, line = (text.encode() + b"\n" for text in crash(number))
            cut = dice.randrange(len(logged))
            backend.write(logged[:cut])
            await asyncio.sleep(dice.uniform(0, 0.02))
            backend.write(logged[cut:])
            access.write(line)
            await asyncio.sleep(dice.uniform(0, 0.12))
            if number == self._crashes // 2:
                (self._logs / "backend.log").rename(self._logs / "backend.log.1")
                backend.close()
                backend = (self._logs / "backend.log").open("ab", buffering=0)
        backend.close()
        access.close()


@asynccontextmanager
async def environment_of(tmp_path: Path, pages: list[dict[str, Any]], **more: str) -> AsyncIterator[Part]:
    (tmp_path / "logs").mkdir()
    addresses = free_addresses(3)
    async with webhook(pages) as url:
        env = environment(tmp_path, addresses, url) | more
        output = tmp_path / "logs" / "detector.out"
        yield Part("detector", (*BARWATCH, "detector"), env, output, addresses[2], "/healthz")


async def incidents_of(detector: Part) -> list[dict[str, Any]]:
    """Return all incidents, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        while True:
            async with client.get(f"http://{detector.address}/api/incidents?limit=100{cursor}") as answer:
                body = await answer.json()
            found += body["incidents"]
            if body["next_cursor"] is None:
                return found
            cursor = f"&cursor={body['next_cursor']}"


def at_fault(incident: dict[str, Any]) -> int:
    """Return which crash this is; every incident must have found its traceback."""
    (traceback,) = (piece for piece in incident["evidence"] if piece["kind"] == "traceback")
    message: str = traceback["fields"]["exceptions"][-1]["message"]
    return int(message.removeprefix("no room for label "))


async def survive(detector: Part, logs: Path, pages: list[dict[str, Any]], seed: int) -> None:
    dice = random.Random(seed)
    running = await start(detector)
    await running.healthy()
    playing = asyncio.create_task(Played(logs).play(random.Random(seed + 1)))
    for kill in range(KILLS):
        if kill % 3:  # every third one falls into the start
            await running.healthy()
        await asyncio.sleep(dice.uniform(0.05, 0.8))
        running.process.kill()
        await running.process.wait()
        running = await start(detector)
    try:
        await playing
        await running.healthy()

        async def all_told() -> bool:
            return len({page["dedup_key"] for page in pages if page["change"] == "opened"}) >= CRASHES

        await until(all_told, "every page", within_s=60)
        found = await incidents_of(detector)
    finally:
        await running.stop()
    assert running.process.returncode == 0
    for one in found:
        if not any(p["kind"] == "traceback" for p in one["evidence"]):
            print(json.dumps(one, indent=1))
    assert Counter(at_fault(one) for one in found) == Counter(range(CRASHES))
    assert {one["occurrences"] for one in found} == {1}
    assert {one["id"] for one in found} == {page["dedup_key"] for page in pages}
    assert all(any(n["outcome"] == "delivered" for n in one["notifications"]) for one in found)


async def test_nothing_is_lost_and_nothing_doubled_on_sqlite(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    async with environment_of(tmp_path, pages) as detector:
        await survive(detector, tmp_path / "logs", pages, seed=7)


async def test_nothing_is_lost_and_nothing_doubled_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    pages: list[dict[str, Any]] = []
    async with environment_of(tmp_path, pages, INCIDENTS_DATABASE_URL=postgres_url) as detector:
        await survive(detector, tmp_path / "logs", pages, seed=11)
