"""A full queue, a client that leaves, a result that expires: each with an application of its own."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from service.api import keys
from service.app import utc_now
from tests.lists import ean_list
from tests.unit.service.backend_app import serving

UPLOAD = "/api/barcodes/upload-excel"


def form(content: bytes) -> aiohttp.FormData:
    made = aiohttp.FormData()
    made.add_field("file", content, filename="list.xlsx")
    return made


async def test_a_full_queue_refuses_with_the_time_to_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path, {"QUEUE_LIMIT": "1"}) as client:
        async with client.post(UPLOAD, data=form(ean_list(3_000))) as first:
            assert first.status == 202
        async with client.post(UPLOAD, data=form(ean_list(1))) as second:
            assert (second.status, (await second.json())["code"]) == (429, "queue_full")
            assert int(second.headers["Retry-After"]) > 0
        uploads = [path for path in (tmp_path / "upload").iterdir() if path.name != "incoming"]
        assert len(uploads) == 1, "what was refused is gone"


async def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        _, writer = await asyncio.open_connection(client.host, client.port)
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
        writer.write(
            f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            "Content-Length: 1000000\r\n\r\n".encode()
        )
        writer.write(head + b"x" * 200_000)
        await writer.drain()
        incoming = tmp_path / "upload" / "incoming"
        async with asyncio.timeout(10):
            while not list(incoming.glob("*/*")):
                await asyncio.sleep(0.005)
            writer.transport.abort()
            while list(incoming.glob("*/*")):
                await asyncio.sleep(0.005)
        async with client.get("/healthz") as answer:
            assert answer.status == 200


async def test_an_expired_job_is_gone_with_its_files(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        async with client.post(UPLOAD, data=form(ean_list(2)), headers={"Prefer": "wait=30"}) as answer:
            job = await answer.json()
        app = client.app
        assert app is not None
        for job_id in await app[keys.STORE].expire(before=utc_now() + timedelta(hours=1)):
            await app[keys.FILES].remove(job_id)
        async with client.get(job["links"]["self"]) as answer:
            assert (answer.status, (await answer.json())["code"]) == (410, "expired")
        assert list((tmp_path / "download").rglob("*")) == []
        assert not (tmp_path / "upload" / job["id"]).exists()


async def test_a_stop_answers_those_who_wait(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        app = client.app
        assert app is not None
        waiting = asyncio.create_task(_upload_and_wait(client, ean_list(5_000)))
        while not await app[keys.STORE].active("test"):
            await asyncio.sleep(0.005)
        app[keys.STOPPING].set()
        app[keys.STORE].watches.wake_all()
        assert await asyncio.wait_for(waiting, 5) == 202


async def _upload_and_wait(client: TestClient[Any, Any], content: bytes) -> int:
    async with client.post(UPLOAD, data=form(content), headers={"Prefer": "wait=60"}) as answer:
        return answer.status


@pytest.mark.parametrize("attempt", range(2), ids=["first", "second"])
async def test_one_process_can_hold_one_application_after_another(attempt: int, tmp_path: Path) -> None:
    async with serving(tmp_path) as client, client.get("/healthz") as answer:
        assert answer.status == 200
