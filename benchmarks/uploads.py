"""A list through HTTP: from the first byte sent to the answer of the job that ended, and what the backend weighs meanwhile.

The peer in the same run is the same work in one process that nothing is kept in: no HTTP, jobs, children or limits.
"""

import asyncio
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp

from benchmarks.children import peak_mb, watched_children
from benchmarks.table import Row
from service.uploads import child
from service.uploads.limits import Limits
from service.uploads.workspace import UPLOAD
from tests.e2e.backend_process import Backend, backend
from tests.lists import ean_list

ROWS = 10_000
ROUNDS = 5
MEMORY_MB = 150
AIMS_S = {"sample": 1.0, "all": 4.0}


async def upload(running: Backend, client: aiohttp.ClientSession, content: bytes, verify: str) -> float:
    """Return the seconds that a list takes to its end. Raises RuntimeError where it did not become labels."""
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list.xlsx")
    form.add_field("options", json.dumps({"verify": verify}))
    began = time.perf_counter()
    headers = {"Prefer": "wait=60"}
    async with client.post(f"{running.url}/api/barcodes/upload-excel", data=form, headers=headers) as answer:
        job: dict[str, Any] = await answer.json()
    took = time.perf_counter() - began
    if job.get("state") != "succeeded":
        raise RuntimeError(f"the list did not become labels: {job}")
    return took


def in_one_process(content: bytes, verify: str) -> float:
    """Return the seconds of the four stages of work alone."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / UPLOAD).write_bytes(content)
        request = {"workspace": directory, "options": json.dumps({"verify": verify}), "limits": asdict(Limits())}
        began = time.perf_counter()
        for stage in (child.read, child.check, child.draw, child.verify):
            stage(request, lambda _done, _total: None)
        return time.perf_counter() - began


async def rows() -> list[Row]:
    """Measure both in turns, so that a slow moment of the machine hits both."""
    content = ean_list(ROWS)
    child.warm_up()
    found = []
    with tempfile.TemporaryDirectory() as directory:
        async with backend(Path(directory)) as running, aiohttp.ClientSession() as client:
            assert running.process is not None
            await upload(running, client, ean_list(50), "all")
            for verify, aim in AIMS_S.items():
                pairs = [
                    (await upload(running, client, content, verify), in_one_process(content, verify))
                    for _ in range(ROUNDS)
                ]
                ours, bare = (median(pair[side] for pair in pairs) for side in (0, 1))
                what = f"{ROWS} rows of xlsx → PDF through HTTP, verify `{verify}`"
                peer = f"the work alone, in one process: {bare:.2f} s"
                found.append(Row(what, f"{ours:.2f} s", peer, f"{ours / bare:.2f}", f"≤ {aim:g} s", ours <= aim))
            found += await _memory(running, client)
    return found


async def _memory(running: Backend, client: aiohttp.ClientSession) -> list[Row]:
    """Measure what backend and children weigh at most: a list, the longest that is taken, and four at once."""
    assert running.process is not None
    lists = {
        f"{ROWS:,} rows": [ean_list(ROWS)],
        f"{Limits().rows:,} rows": [ean_list(Limits().rows)],
        f"four lists of {ROWS:,} rows at once": [ean_list(ROWS, first=n) for n in range(4)],
    }
    found = []
    for what, contents in lists.items():
        async with watched_children(running.process.pid) as children:
            await asyncio.gather(*(upload(running, client, content, "auto") for content in contents))
        peak, limit_mb = peak_mb(running.process.pid), Limits().child_bytes / 2**20
        found += [
            _weight(f"memory of the backend at its peak, {what}", peak, MEMORY_MB, ""),
            _weight(
                f"address space of its largest child, {what}",
                children.address_space_mb,
                limit_mb,
                f", of which {children.resident_mb:.0f} MB resident; {children.children} children",
            ),
        ]
    return found


def _weight(what: str, mb: float, limit_mb: float, more: str) -> Row:
    aim = f"≤ {limit_mb:.0f} MB"
    return Row(what, f"{mb:.0f} MB{more}", f"limit: {limit_mb:.0f} MB", f"{mb / limit_mb:.2f}", aim, mb <= limit_mb)
