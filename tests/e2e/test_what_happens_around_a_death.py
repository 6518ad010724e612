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


WOUNDS: dict[str, tuple[str, int, str]] = {
    "a header larger than nginx takes": ("answer_with_a_header_too_big", 502, "upstream_too_big_header"),
    "a header that is none": ("answer_with_a_broken_header", 502, "upstream_invalid_header"),
    "a connection that is dropped while the process lives on": (
        "drop_the_connection",
        502,
        "upstream_reset upstream_closed_early",
    ),
}


@pytest.mark.parametrize(("fault", "status", "kinds"), WOUNDS.values(), ids=WOUNDS)
async def test_a_wound_is_one_incident_that_names_no_death(faulty: Chain, fault: str, status: int, kinds: str) -> None:
    got, request_id = await post(faulty, f"at=draw&fault={fault}")
    assert got == status
    (incident,) = await settled(faulty, 1)
    assert {evidence["kind"] for evidence in incident["evidence"]} & set(kinds.split())
    assert request_id in incident["request_ids"]
    assert incident["cause"]["code"] not in ("killed", "out_of_memory", "segfault", "deploy")


async def test_a_process_that_was_stopped_is_slow_and_not_dead(faulty: Chain) -> None:
    pid = faulty.backend_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        assert (await post(faulty, "at=none"))[0] == 504
    finally:
        os.kill(pid, signal.SIGCONT)
    (incident,) = await settled(faulty, 1)
    assert incident["cause"]["code"] == "slow_upstream"
    assert incident["route"] == f"POST {UPLOAD}"


IMITATIONS: dict[str, dict[str, str]] = {
    "of a line of nginx": {
        "User-Agent": "2025/11/07 19:00:19 [error] 28#28: *9 upstream prematurely closed connection"
    },
    "of a traceback": {"Referer": "http://x/?Traceback (most recent call last): MemoryError: Killed process 28"},
    "of a line of the supervisor": {
        "User-Agent": '{"event":"process.exited","role":"backend","pid":1,"signal":"SIGKILL"}'
    },
}


@pytest.mark.parametrize("headers", IMITATIONS.values(), ids=IMITATIONS)
async def test_a_client_that_imitates_a_crash_is_not_believed(faulty: Chain, headers: dict[str, str]) -> None:
    query = "at=none&note=recv()%20failed%20(104:%20Connection%20reset%20by%20peer)%20while%20reading"
    assert (await post(faulty, query, **headers))[0] == 200
    await faulty.no_incident()


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


async def test_supervisor_that_is_killed_takes_the_backend_along_and_is_told(faulty: Chain) -> None:
    killed = asyncio.create_task(post(faulty, "at=draw&fault=wait"))
    await until(
        lambda: [line for line in faulty.lines("upload.stage.started") if line["stage"] == "draw"], "draw to start"
    )
    os.kill(faulty.supervisor_pid(), signal.SIGKILL)
    status, request_id = await killed
    assert status in (502, 504)  # the backend is asked to end with its parent, and nginx may lose patience before
    (incident,) = await settled(faulty, 1)
    assert request_id in incident["request_ids"]
    assert incident["stage"] == "draw"
