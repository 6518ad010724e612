"""Files that are made to hurt, through HTTP: each ends soon with its code, costs the backend nothing, delays nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.e2e.backend_process import Backend, backend
from tests.hostile import HOSTILE
from tests.lists import ean_list

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]
LONGEST_S = 10
GROWTH_MB = 20  # 20 MB pass through the backend, a chunk at a time
GOOD = ean_list(2)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backend]:
    async with backend(tmp_path_factory.mktemp("hostile"), QUEUE_LIMIT="500") as started:
        for _ in range(3):  # what it keeps for good, it keeps from the first uploads on
            await ending(started, GOOD)
        yield started


async def ending(running: Backend, content: bytes) -> str:
    """Return the code or state that an upload ends with."""
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list.xlsx")
    async with (
        aiohttp.ClientSession(running.url) as client,
        client.post("/api/barcodes/upload-excel", data=form, headers={"Prefer": "wait=30"}) as answer,
    ):
        found: dict[str, Any] = await answer.json()
    return str(found.get("code") or (found["problem"] or {}).get("code", found["state"]))


def rss_mb(running: Backend) -> float:
    assert running.process is not None
    pages = Path(f"/proc/{running.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096 / 1e6


@asynccontextmanager
async def watched(running: Backend) -> AsyncIterator[list[float]]:
    """Yield the list in which the backend's memory is noted all the time."""
    seen = [rss_mb(running)]

    async def look() -> None:
        while True:
            await asyncio.sleep(0.02)
            seen.append(rss_mb(running))

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()


@pytest.mark.parametrize(("make", "codes"), HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_file_ends_soon_and_harms_nobody(
    running: Backend, make: Callable[[], bytes], codes: tuple[str, ...]
) -> None:
    content = make()
    async with watched(running) as memory, asyncio.timeout(LONGEST_S):
        hostile, good = await asyncio.gather(ending(running, content), ending(running, GOOD))
    assert hostile in codes
    assert good == "succeeded"
    assert max(memory) - memory[0] < GROWTH_MB
