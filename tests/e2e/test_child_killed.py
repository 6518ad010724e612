"""A child that is killed at each stage: its job ends with the right code, one ticket tells of it, and the backend lives on."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from observability import journal
from tests.e2e.chain import Chain, chain, until
from tests.lists import ean_list

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
UPLOAD = "/api/barcodes/upload-excel"
ROWS = 49_000
LIST = ean_list(ROWS)
CODES = {"read": "parser_crashed", "check": "parser_crashed", "draw": "drawing_crashed", "verify": "drawing_crashed"}


@pytest.mark.parametrize(("stage", "code"), CODES.items(), ids=CODES)
async def test_a_child_that_is_killed_is_one_ticket(stage: str, code: str, tmp_path: Path) -> None:
    async with chain(tmp_path) as running:
        backend = running.backend_pid()
        accepted = await upload(running, LIST, '{"verify": "all"}')
        await until(lambda: moving(tmp_path, stage), f"{stage} to get somewhere", within_s=60)
        (child,) = children_of_children(backend)
        os.kill(child, signal.SIGKILL)
        job = await ended(running, accepted["id"])
        assert (job["state"], job["problem"]["code"]) == ("failed", code)
        incident = await running.only_incident()
        assert (incident["severity"], incident["stage"], incident["cause"]["code"]) == ("ticket", stage, "killed")
        assert f"job {job['id']}" in incident["cause"]["summary"]
        exits = [piece["fields"] for piece in incident["evidence"] if piece["kind"] == "process_exit"]
        (told,) = exits
        assert (told["role"], told["pid"], told["signal"], told["stage"]) == ("worker", child, "SIGKILL", stage)
        assert (told["job_id"], told["request_id"]) == (job["id"], incident["suspect_request_id"])
        assert 0 < told["rows_done"] <= ROWS + 1
        assert told["max_rss_bytes"] > 1 << 20
        assert told["uptime_s"] > 0
        assert running.backend_pid() == backend
        assert Path(f"/proc/{backend}").exists()
        again = await ended(running, (await upload(running, ean_list(3), "{}"))["id"])
        assert again["state"] == "succeeded"


async def upload(running: Chain, content: bytes, options: str) -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list.xlsx")
    form.add_field("options", options)
    async with running.client.post(running.front + UPLOAD, data=form) as answer:
        accepted: dict[str, Any] = await answer.json()
        return accepted


async def ended(running: Chain, job_id: str) -> dict[str, Any]:
    while True:
        async with running.client.get(f"{running.front}/api/jobs/{job_id}") as answer:
            job: dict[str, Any] = await answer.json()
        if job["finished"] is not None:
            return job
        await asyncio.sleep(0.05)


def moving(state: Path, stage: str) -> bool:
    """Return whether the journal's last word is that a stage has got somewhere."""
    records = journal.read(state / "stages.journal")
    return bool(records) and (records[-1].stage, records[-1].edge) == (stage, "moved")


def children_of_children(pid: int) -> list[int]:
    """Return the children of the process that forks, which is a child of the backend."""
    return [child for server in _children(pid) for child in _children(server)]


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]
