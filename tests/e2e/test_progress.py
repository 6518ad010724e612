"""How far an upload is: told to the one who waits while it runs, and to the one who asks after a death."""

import asyncio
import json
import os
import signal
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from observability import journal
from tests.e2e.backend_process import Backend, backend
from tests.e2e.chain import chain, until
from tests.lists import ean_list

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
ROWS = 20_000
LIST = ean_list(ROWS)


async def events_of(running: Backend, job_id: str) -> list[dict[str, Any]]:
    """Return the job as each server-sent event told it, up to its end."""
    async with aiohttp.ClientSession() as client, client.get(f"{running.url}/api/jobs/{job_id}/events") as stream:
        lines = [line async for line in stream.content if line.startswith(b"data: ")]
    return [json.loads(line.removeprefix(b"data: ")) for line in lines]


async def test_a_long_list_shows_its_progress_stage_by_stage(tmp_path: Path) -> None:
    async with backend(tmp_path) as running:
        _, accepted = await running.upload(LIST, options='{"verify": "all"}')
        told = await events_of(running, accepted["id"])
        assert told[-1]["state"] == "succeeded"
        assert told[-1]["progress"] == {"done": ROWS, "total": ROWS}
        stages = {stage: list(group) for stage, group in groupby(told, lambda job: job["stage"]) if stage}
        assert list(stages) == ["read", "check", "draw", "verify", "publish"]
        for stage in ("check", "draw", "verify"):
            assert {job["progress"]["total"] for job in stages[stage]} == {ROWS}, stage
        for stage in ("draw", "verify"):
            done = [job["progress"]["done"] for job in stages[stage]]
            assert done[0] == 0 < done[1], stage
            assert all(before < after for before, after in pairwise(done)), stage
        assert len(stages["verify"]) >= 5
        finished = {line["stage"]: line for line in running.events(event="upload.stage.finished")}
        assert finished["draw"]["rows_done"] == finished["verify"]["rows_done"] == ROWS


async def test_a_kill_in_the_middle_of_a_drawing_tells_the_label_that_it_had_reached(tmp_path: Path) -> None:
    async with chain(tmp_path) as running:
        form = aiohttp.FormData()
        form.add_field("file", LIST, filename="list.xlsx")
        async with running.client.post(f"{running.front}/api/barcodes/upload-excel", data=form) as answer:
            accepted = await answer.json()
        await until(lambda: drawn(tmp_path / "stages.journal") > 0, "a label to be drawn", within_s=60)
        os.kill(running.backend_pid(), signal.SIGKILL)
        incident = await running.only_incident()
        assert (incident["cause"]["code"], incident["stage"]) == ("killed", "draw")
        marks = [piece["fields"] for piece in incident["evidence"] if piece["kind"] == "stage_mark"]
        (interrupted,) = [mark for mark in marks if mark["edge"] == "interrupted"]
        assert interrupted["stage"] == "draw"
        assert 0 < interrupted["rows_done"] < ROWS
        while True:
            async with running.client.get(f"{running.front}/api/jobs/{accepted['id']}") as got:
                if got.status == 200 and (job := await got.json())["finished"] is not None:
                    break
            await asyncio.sleep(0.05)
        assert (job["state"], job["progress"]["done"]) == ("succeeded", ROWS)


def drawn(path: Path) -> int:
    """Return the labels that the journal says are drawn."""
    records = [record for record in journal.read(path) if record.stage == "draw"]
    return (records[-1].rows_done or 0) if records else 0
