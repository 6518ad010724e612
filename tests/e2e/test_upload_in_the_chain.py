"""The product's own backend behind nginx, watched by the detector: uploads that go well, and deaths in the middle of one."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.chain import BARWATCH, Chain, chain, until
from tests.lists import ean_list

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
UPLOAD = "/api/barcodes/upload-excel"
LIST = ean_list(4_000)
CLOSED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


async def post(running: Chain, content: bytes) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list.xlsx")
    headers = {"Prefer": "wait=40"}
    async with running.client.post(running.front + UPLOAD, data=form, headers=headers) as answer:
        return answer.status, await answer.json()


async def ended(running: Chain, job_id: str) -> dict[str, Any]:
    job: dict[str, Any] = {"finished": None}
    while job["finished"] is None:
        async with running.client.get(f"{running.front}/api/jobs/{job_id}") as answer:
            job = await answer.json() if answer.status == 200 else job
        await asyncio.sleep(0.05)
    return job


async def test_a_list_becomes_labels_through_nginx_and_nobody_is_paged(tmp_path: Path) -> None:
    async with chain(tmp_path) as running:
        status, job = await post(running, ean_list(30))
        assert (status, job["state"]) == (200, "succeeded")
        async with running.client.get(running.front + job["links"]["labels_pdf"]) as pdf:
            assert (await pdf.read()).startswith(b"%PDF")
        (access,) = [line for line in running.access() if UPLOAD in line["request"]]
        stages = [line for line in running.lines("upload.stage.finished") if line["request_id"] == access["request_id"]]
        assert [line["stage"] for line in stages] == ["receive", "read", "check", "draw", "verify", "publish"]
        assert {line["trace_id"] for line in stages} == {access["traceparent"].split("-")[1]}
        await running.no_incident()


@pytest.mark.parametrize("stage", ["read", "check", "draw", "verify"])
async def test_a_kill_at_a_stage_is_one_incident_that_names_it_and_the_job_goes_on(stage: str, tmp_path: Path) -> None:
    async with chain(tmp_path) as running:
        sending = asyncio.create_task(post(running, LIST))
        await until(lambda: _at(running, stage), f"stage {stage}", within_s=60)
        (at,) = _at(running, stage)
        os.kill(running.backend_pid(), signal.SIGKILL)
        status, problem = await sending
        assert (status, problem["request_id"]) == (502, at["request_id"])
        incident = await running.only_incident()
        assert (incident["stage"], incident["suspect_request_id"]) == (stage, at["request_id"])
        assert incident["cause"]["code"] == "killed"
        job = await ended(running, at["job_id"])
        assert job["state"] == "succeeded"
        published = [path.name for path in (tmp_path / "downloads").rglob("*") if path.is_file()]
        assert published == ["labels.pdf"]


async def test_a_closed_download_directory_is_one_incident_with_path_and_remedy(tmp_path: Path) -> None:
    command = (*CLOSED, *BARWATCH, "backend") if os.getuid() == 0 else (*BARWATCH, "backend")
    async with chain(tmp_path, command) as running:
        downloads = tmp_path / "downloads"
        downloads.chmod(0o555)
        status, job = await post(running, ean_list(3))
        assert (status, job["state"], job["problem"]["status"]) == (200, "failed", 500)
        incident = await running.only_incident()
        assert (incident["cause"]["code"], incident["stage"]) == ("permission_denied", "publish")
        said = " ".join((incident["cause"]["summary"], *incident["cause"]["next_steps"]))
        assert str(downloads) in said
        downloads.chmod(0o755)


async def test_lists_that_are_wrong_page_nobody(tmp_path: Path) -> None:
    async with chain(tmp_path) as running:
        answers = [await post(running, content) for content in (b"", os.urandom(500), ean_list(5)[:-100])]
        assert [status for status, _ in answers] == [400, 415, 200]
        await running.no_incident()


def _at(running: Chain, stage: str) -> list[dict[str, Any]]:
    return [line for line in running.lines("upload.stage.started") if line["stage"] == stage]
