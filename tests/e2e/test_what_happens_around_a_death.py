"""What happens around a death: twice the same, two at once, over and back again, and what only looks like one."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.chain import ROOT, Chain, chain, until

pytestmark = pytest.mark.e2e

UPLOAD = "/api/barcodes/upload-excel"
FAULTY = (sys.executable, str(ROOT / "tests/e2e/faulty_backend.py"))


@pytest.fixture
async def faulty(tmp_path: Path) -> AsyncIterator[Chain]:
    async with chain(tmp_path, FAULTY, options=(), read_timeout_s=2) as running:
        yield running


async def post(running: Chain, query: str, **headers: str) -> tuple[int, str]:
    """Return status and request id of an upload."""
    async with running.client.post(f"{running.front}{UPLOAD}?{query}", headers=headers) as answer:
        await answer.read()
        return answer.status, answer.headers["X-Request-ID"]


async def settled(running: Chain, count: int) -> list[dict[str, Any]]:
    """Return the incidents once there are that many and nothing more comes."""

    async def enough() -> bool:
        return len(await running.incidents()) >= count

    await until(enough, f"{count} incidents")
    await asyncio.sleep(1.5)
    found = await running.incidents()
    assert len(found) == count, [(item["title"], item["cause"]["code"]) for item in found]
    return found


async def well_again(running: Chain, uploads: int) -> None:
    """Wait until the backend answers, and upload well."""

    async def answers() -> bool:
        return (await post(running, "at=none"))[0] == 200

    await until(answers, "the backend to answer")
    for _ in range(uploads):
        assert (await post(running, "at=none"))[0] == 200


async def test_the_same_crash_twice_is_one_incident_with_two_occurrences(faulty: Chain) -> None:
    for _ in range(2):
        assert (await post(faulty, "at=draw&fault=bug"))[0] == 500
        await asyncio.sleep(0.3)
    (incident,) = await settled(faulty, 1)
    assert incident["occurrences"] == 2
    assert len(incident["request_ids"]) == 2


async def test_two_crashes_at_once_are_two_incidents(faulty: Chain) -> None:
    await asyncio.gather(post(faulty, "at=draw&fault=bug"), post(faulty, "at=check&fault=read_a_missing_file"))
    found = await settled(faulty, 2)
    assert {item["cause"]["code"] for item in found} == {"programming_error", "path_not_found"}
    assert [item["occurrences"] for item in found] == [1, 1]


async def test_an_incident_is_resolved_by_good_uploads_and_reopened_by_the_next_crash(faulty: Chain) -> None:
    async def is_in(state: str) -> bool:
        return [item["state"] for item in await faulty.incidents()] == [state]

    assert (await post(faulty, "at=draw&fault=segfault"))[0] == 502
    await settled(faulty, 1)
    await well_again(faulty, uploads=4)
    await until(lambda: is_in("resolved"), "proof that it is over")
    assert (await post(faulty, "at=draw&fault=segfault"))[0] == 502
    await until(lambda: is_in("open"), "the incident to be open again")
    changes = [page["change"] for page in faulty.pages if page["change"] in ("opened", "resolved", "reopened")]
    await until(lambda: any(page["change"] == "reopened" for page in faulty.pages), "a page about it")
    assert changes[:2] == ["opened", "resolved"]


async def test_restart_by_the_supervisor_loses_no_answer_and_is_no_crash(faulty: Chain) -> None:
    """SIGTERM with an upload in flight: it is answered, and those that are refused meanwhile are no crash."""
    flying = asyncio.create_task(post(faulty, "at=none"))
    old = faulty.backend_pid()
    os.kill(old, signal.SIGTERM)
    status, _ = await flying
    assert status in (200, 502)
    await until(lambda: faulty.backend_pid() != old, "a new backend")
    await well_again(faulty, uploads=1)
    await faulty.no_incident()
