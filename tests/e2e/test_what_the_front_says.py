"""What a person or a program reads behind nginx when the backend is gone: honest about what became of the upload."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.chain import Chain, chain, until
from tests.lists import ean_list

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
UPLOAD = "/api/barcodes/upload-excel"


async def post(running: Chain, content: bytes, accept: str) -> tuple[int, str, str]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list.xlsx")
    headers = {"Prefer": "wait=40", "Accept": accept}
    async with running.client.post(running.front + UPLOAD, data=form, headers=headers) as answer:
        return answer.status, answer.content_type, await answer.text()


async def _access(running: Chain) -> dict[str, Any]:
    """Return nginx's line of the upload; it is written after the answer."""

    def lines() -> list[dict[str, Any]]:
        return [line for line in running.access() if UPLOAD in line["request"]]

    await until(lines, "nginx's access line")
    (access,) = lines()
    return access


def _drawing(running: Chain) -> bool:
    return any(line["stage"] == "draw" for line in running.lines("upload.stage.started"))


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_an_upload_that_had_become_a_job_was_not_lost(accept: str, tmp_path: Path) -> None:
    async with chain(tmp_path) as running:
        sending = asyncio.create_task(post(running, ean_list(4_000), accept))
        await until(lambda: _drawing(running), "stage draw", within_s=60)
        os.kill(running.backend_pid(), signal.SIGKILL)
        status, kind, text = await sending
        access = await _access(running)
        job_id = running.lines("upload.stage.started")[-1]["job_id"]
        assert (status, kind) == (502, "text/html" if accept == "text/html" else "application/problem+json")
        assert "was not lost" in text
        assert access["request_id"] in text
        assert job_id in text
        assert access["status"] == 502
        incident = await running.only_incident()
        assert incident["suspect_request_id"] == access["request_id"]


async def test_an_upload_that_nobody_took_was_lost(tmp_path: Path) -> None:
    async with chain(tmp_path) as running:
        os.kill(running.supervisor_pid(), signal.SIGKILL)
        os.kill(running.backend_pid(), signal.SIGKILL)
        await asyncio.sleep(0.2)
        status, kind, text = await post(running, ean_list(5), "application/json")
        assert (status, kind) == (502, "application/problem+json")
        assert '"upload":"lost"' in text
        assert "was lost" in text


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_without_the_detector_nginx_says_that_it_does_not_know(accept: str, tmp_path: Path) -> None:
    async with chain(tmp_path) as running:
        os.kill(running.supervisor_pid(), signal.SIGKILL)
        os.kill(running.backend_pid(), signal.SIGKILL)
        os.kill(_listener(running.detector), signal.SIGKILL)
        await asyncio.sleep(0.2)
        status, kind, text = await post(running, ean_list(5), accept)
        assert (status, kind) == (502, "text/html" if accept == "text/html" else "application/problem+json")
        assert "not known whether" in text
        assert (await _access(running))["request_id"] in text


async def test_a_client_that_floods_is_told_to_wait_and_this_machine_is_not_counted(tmp_path: Path) -> None:
    async with chain(tmp_path, local_counts=True) as running:
        answers = [await asyncio.create_task(_validate(running)) for _ in range(70)]
    refused = [answer for answer in answers if answer[0] == 429]
    assert answers[0][0] != 429
    assert refused
    assert refused[0][1]["code"] == "queue_full"
    assert refused[0][2] == "30"


async def _validate(running: Chain) -> tuple[int, dict[str, Any], str | None]:
    async with running.client.post(f"{running.front}/api/barcodes/validate", data=b"") as answer:
        return answer.status, await answer.json(), answer.headers.get("Retry-After")


def _listener(url: str) -> int:
    """Return the process that listens there."""
    port = url.rpartition(":")[2]
    said = subprocess.run(("ss", "-Hltnp", f"sport = :{port}"), capture_output=True, text=True, check=True).stdout
    return int(said.partition("pid=")[2].partition(",")[0])
