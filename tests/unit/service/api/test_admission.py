"""Limits of one client, through the application: what is over them is refused before it is read."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient

from service.api import keys
from tests.lists import ean_list
from tests.unit.service.backend_app import serving

UPLOAD, VALIDATE = "/api/barcodes/upload-excel", "/api/barcodes/validate"


async def answered(client: TestClient[Any, Any], of: str | None, path: str = UPLOAD, rows: int = 1) -> tuple[int, str]:
    """Return the status, and the detail of a refusal."""
    form = aiohttp.FormData()
    form.add_field("file", ean_list(rows), filename="list.xlsx")
    headers = {} if of is None else {"X-Forwarded-For": of}
    async with client.post(path, data=form, headers=headers) as answer:
        told = await answer.json()
        assert (answer.status == 429) == ("Retry-After" in answer.headers)
        return answer.status, told.get("detail", "")


async def test_a_client_uploads_so_often_and_others_do_not_suffer(tmp_path: Path) -> None:
    async with serving(tmp_path, {"CLIENT_UPLOADS_PER_MINUTE": "2"}) as client:
        assert [(await answered(client, "192.0.2.1"))[0] for _ in range(2)] == [202, 202]
        status, detail = await answered(client, "192.0.2.1", VALIDATE)
        assert status == 429
        assert "2 uploads a minute" in detail
        assert (await answered(client, "192.0.2.2"))[0] == 202
        for _ in range(5):
            assert (await answered(client, None))[0] == 202, "this machine is not counted"
        async with client.get("/api/limits") as answer:
            assert (await answer.json())["client_uploads_per_minute"] == 2
        assert "2 uploads a minute" in await refused_page(client, "192.0.2.3", after=2)


async def refused_page(client: TestClient[Any, Any], of: str, after: int) -> str:
    """Return the page that a form gets after so many that were taken."""
    for expected in (*[303] * after, 429):
        form = aiohttp.FormData()
        form.add_field("file", ean_list(1), filename="list.xlsx")
        async with client.post("/", data=form, headers={"X-Forwarded-For": of}, allow_redirects=False) as page:
            assert page.status == expected
            text = await page.text()
    return text


async def test_a_client_has_so_many_uploads_under_way(tmp_path: Path) -> None:
    async with serving(tmp_path, {"CLIENT_OPEN_UPLOADS": "2"}) as client:
        tried = await asyncio.gather(*(answered(client, "192.0.2.1", rows=2_000) for _ in range(4)))
        assert sorted(status for status, _ in tried) == [202, 202, 429, 429]
        assert all("2 uploads of this client are under way" in detail for status, detail in tried if status == 429)
        assert (await answered(client, "192.0.2.2"))[0] == 202
        for job_id in await client.app[keys.STORE].active("test"):
            async with client.delete(f"/api/jobs/{job_id}"):
                pass
        assert (await answered(client, "192.0.2.1"))[0] == 202, "what has ended is not under way"
