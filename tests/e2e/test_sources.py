"""The detector as a process, with its logs in Loki, in stdin and in containers' files: each crash is told, over a restart too."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from service.parts import start
from tests import loki
from tests.e2e.chain import BARWATCH, environment, free_addresses, until, webhook
from tests.e2e.test_detector_process import detector

pytestmark = pytest.mark.e2e
FRAME = '  File "/srv/labels/draw.py", line 40, in draw'


def traceback(kind: str) -> list[str]:
    return ["Traceback (most recent call last):", FRAME, "    raise", f"{kind}: no such row"]


def told(pages: list[dict[str, Any]], kind: str) -> bool:
    return any(kind in page["incident"]["title"] for page in pages)


async def test_crashes_in_loki_and_in_a_container_are_told(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    containers = tmp_path / "containers"
    async with loki.loki(tenant="edge", token="token-of-loki") as server:
        settings = {"LOKI_URL": server.url, "LOKI_QUERY": '{service="backend"}', "LOKI_TENANT": "edge"}
        files = {"LOG_FILES": f"{containers}/*/*-json.log", "LOKI_TOKEN": "token-of-loki"}
        async with detector(tmp_path, pages, SELFTEST_EVERY="off", **settings, **files) as (part, running):
            await until(lambda: server.tails, "the tail")
            await server.push({"service": "backend"}, *traceback("KeyError"))
            await until(lambda: told(pages, "KeyError"), "the crash in Loki")
            log = containers / "abc" / "abc-json.log"
            log.parent.mkdir(parents=True)
            records = [
                {"log": f"{text}\n", "stream": "stderr", "time": "2026-11-24T14:00:00.1Z"}
                for text in traceback("TypeError")
            ]
            log.write_text("".join(json.dumps(record) + "\n" for record in records))
            await until(lambda: told(pages, "TypeError"), "the crash in the container")
            await running.stop()
            await server.push({"service": "backend"}, *traceback("ZeroDivisionError"))
            again = await start(part)
            try:
                await again.healthy()
                await until(lambda: told(pages, "ZeroDivisionError"), "the crash while it was away")
            finally:
                await again.stop()
    assert sum(page["change"] == "opened" for page in pages) == 3


async def test_what_is_piped_in_is_read(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    (tmp_path / "logs").mkdir()
    async with webhook(pages) as url:
        env = environment(tmp_path, free_addresses(3), url) | {"SELFTEST_EVERY": "off"}
        process = await asyncio.create_subprocess_exec(
            *BARWATCH, "detector", "--stdin", env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            assert process.stdin is not None
            process.stdin.write("".join(f"backend-1  | {text}\n" for text in traceback("KeyError")).encode())
            await until(lambda: told(pages, "KeyError"), "the crash that was piped in")
        finally:
            process.terminate()
            await process.wait()
