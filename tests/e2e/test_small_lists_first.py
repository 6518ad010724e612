"""A short list does not wait behind long ones: shown by the order in which jobs end, with the real children."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.backend_process import Backend, backend
from tests.lists import ean, ean_list

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
LONG: dict[str, bytes] = {
    "xlsx": ean_list(50_000),
    "csv, the smallest file that so many rows can be": "\n".join(("EAN", *map(ean, range(50_000)))).encode(),
}


@pytest.mark.parametrize("content", LONG.values(), ids=LONG)
async def test_a_list_of_50_rows_ends_while_three_of_50_000_posted_before_it_are_under_way(
    content: bytes, tmp_path: Path
) -> None:
    async with backend(tmp_path, WORKERS="2") as running:
        long = [(await running.upload(content, options='{"verify": "all"}'))[1] for _ in range(3)]
        await running.until_started("read", times=2)
        _, short = await running.upload(ean_list(50))
        assert (await running.job_of(short))["state"] == "succeeded"
        states = [await state_of(running, job["id"]) for job in long]
        assert set(states) <= {"queued", "running"}, states
        stages = [line for line in running.events(event="upload.stage.started") if line["stage"] != "receive"]
        of_short = [line["stage"] for line in stages if line["job_id"] == short["id"]]
        assert of_short == ["read", "check", "draw", "verify", "publish"]


async def state_of(running: Backend, job_id: str) -> str:
    async with aiohttp.ClientSession() as client, client.get(f"{running.url}/api/jobs/{job_id}") as answer:
        job: dict[str, Any] = await answer.json()
    return str(job["state"])


async def test_long_lists_go_on_beside_short_ones_and_all_of_them_end(tmp_path: Path) -> None:
    async with backend(tmp_path, WORKERS="2") as running:
        _, long = await running.upload(ean_list(20_000))
        short = [(await running.upload(ean_list(50, first=100 * n)))[1] for n in range(10)]
        jobs = await asyncio.gather(*(running.job_of(job) for job in (long, *short)))
        assert {job["state"] for job in jobs} == {"succeeded"}
        assert max(job["finished"] for job in jobs[1:]) < jobs[0]["finished"]
