"""The upload pages of the real chain, with a job that has ended."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.e2e.chain import Chain, chain
from tests.lists import ean_list


@asynccontextmanager
async def upload_pages(state: Path) -> AsyncIterator[dict[str, str]]:
    """Start the chain, upload a small list, and give the addresses of the pages by name."""
    async with chain(state) as running:
        job = await uploaded(running, ean_list(30))
        yield {"upload": f"{running.front}/", "job": f"{running.front}/jobs/{job}"}


async def uploaded(running: Chain, content: bytes, name: str = "list.xlsx") -> str:
    """Upload a list and return the id of its job, which has ended."""
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name)
    url = f"{running.front}/api/barcodes/upload-excel"
    async with running.client.post(url, data=form, headers={"Prefer": "wait=40"}) as answer:
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["id"])
