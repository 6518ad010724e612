"""Edges of a job over real HTTP: its events, files and rows, asked too early, twice, for nothing or in odd words."""

import asyncio
import io
import json
import os
import signal
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from openpyxl import load_workbook
from yarl import URL

from service.api import ROUTES
from tests.e2e.backend_process import Backend, backend
from tests.held_answers import held, violations
from tests.lists import ean, ean_list, xlsx

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]
PROBLEM = "application/problem+json"
UPLOAD = "/api/barcodes/upload-excel"
Job = dict[str, Any]
RESULTS = {
    "labels_pdf": ("application/pdf", 'inline; filename="labels.pdf"'),
    "labels_zip": ("application/zip", 'attachment; filename="labels.zip"'),
    "errors_xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        'attachment; filename="errors.xlsx"',
    ),
}
LISTS = {
    "succeeded": ean_list(30),
    "succeeded_with_errors": xlsx([("EAN",), (ean(1),), ("4000000000010",)]),
    "failed": xlsx([("Name", "Colour"), ("cup", "red")]),
    "nothing to draw": xlsx([("EAN", "Quantity"), (ean(1), 0)]),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backend]:
    async with backend(tmp_path_factory.mktemp("edges"), WORKERS="2") as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(running: Backend) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url, trace_configs=[held()]) as session:
        yield session


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ended(client: aiohttp.ClientSession) -> dict[str, Job]:
    return {name: await upload(client, content, "wait=60") for name, content in LISTS.items()}


async def upload(client: aiohttp.ClientSession, content: bytes, prefer: str = "wait=0") -> Job:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list.xlsx")
    async with client.post(UPLOAD, data=form, headers={"Prefer": prefer}) as answer:
        job: Job = await answer.json()
    return job


@asynccontextmanager
async def held_job(client: aiohttp.ClientSession, running: Backend, first: int) -> AsyncIterator[Job]:
    """Yield a job that stays where it is, before its rows are checked: the children that work for it are held."""
    assert running.process is not None
    job = await upload(client, ean_list(8_000, first=first))
    pids = descendants(running.process.pid)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield job
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    async with client.delete(job["links"]["self"]):
        pass


def descendants(pid: int) -> list[int]:
    """Return the processes below a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


# Events


async def followed(client: aiohttp.ClientSession, job: Job, **headers: str) -> tuple[int, list[tuple[int, Job]]]:
    """Return the status, and each event with its id, when the stream has ended."""
    async with client.get(job["links"]["events"], headers=headers) as stream:
        text = await stream.text()
        if stream.status == 200:
            assert (stream.content_type, stream.headers["Cache-Control"]) == ("text/event-stream", "no-store")
    return stream.status, [event for block in text.split("\n\n") if (event := parsed(block)) is not None]


def parsed(block: str) -> tuple[int, Job] | None:
    fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
    if not fields:
        return None
    assert fields.keys() == {"id", "event", "data"}
    assert fields["event"] == "job"
    data = json.loads(fields["data"])
    assert violations("Job", data) == []
    return int(fields["id"]), data


async def test_events_tell_each_change_in_order_and_end_with_the_job(client: aiohttp.ClientSession) -> None:
    status, events = await followed(client, await upload(client, ean_list(500, first=1_000)))
    ids = [number for number, _ in events]
    assert (status, events[-1][1]["state"]) == (200, "succeeded")
    assert ids == sorted(set(ids))
    assert all(job["finished"] is None for _, job in events[:-1])


async def test_who_comes_back_gets_only_what_is_newer(client: aiohttp.ClientSession) -> None:
    job = await upload(client, ean_list(500, first=2_000))
    _, events = await followed(client, job)
    last = events[-1][0]
    assert await followed(client, job, **{"Last-Event-ID": str(last)}) == (204, [])
    _, newer = await followed(client, job, **{"Last-Event-ID": str(last - 1)})
    assert newer == [events[-1]]


UNSENT = {
    "nothing": "",
    "0": "0",
    "garbage": "garbage",
    "negative": "-1",
    "a fraction": "1.5",
    "an id that was never sent": "999999",
    "digits without end": "9" * 5_000,
    "digits of another script": "٣",
}


@pytest.mark.parametrize("last", UNSENT.values(), ids=UNSENT)
async def test_an_id_that_was_never_sent_counts_as_none(
    client: aiohttp.ClientSession, ended: dict[str, Job], last: str
) -> None:
    status, events = await followed(client, ended["succeeded"], **{"Last-Event-ID": last})
    assert (status, [job for _, job in events]) == (200, [ended["succeeded"]])


async def test_an_unsent_id_does_not_silence_a_job_that_runs(client: aiohttp.ClientSession, running: Backend) -> None:
    async with held_job(client, running, 3_000) as job, asyncio.timeout(10):
        stream = await client.get(job["links"]["events"], headers={"Last-Event-ID": "999999"})
        assert (await stream.content.readline()).startswith(b"id: ")
        stream.close()


async def test_fifty_may_follow_one_job(client: aiohttp.ClientSession) -> None:
    job = await upload(client, ean_list(1_000, first=4_000))
    for status, events in await asyncio.gather(*(followed(client, job) for _ in range(50))):
        assert (status, events[-1][1]["state"]) == (200, "succeeded")


async def test_a_silent_stream_is_kept_alive(client: aiohttp.ClientSession, running: Backend) -> None:
    async with (
        held_job(client, running, 20_000) as job,
        asyncio.timeout(40),
        client.get(job["links"]["events"]) as stream,
    ):
        while (line := await stream.content.readline()) != b": still here\n":
            assert line.split(b":")[0] in (b"id", b"event", b"data", b"\n")


async def test_a_stop_of_the_backend_ends_the_stream(tmp_path: Path) -> None:
    async with backend(tmp_path) as other, aiohttp.ClientSession(other.url) as client:
        job = await upload(client, ean_list(20_000))
        async with client.get(job["links"]["events"]) as stream:
            await stream.content.readline()
            assert await other.stop() == 0
            await stream.read()


# Files


@pytest.mark.parametrize("result", RESULTS)
async def test_a_result_says_what_it_is(client: aiohttp.ClientSession, ended: dict[str, Job], result: str) -> None:
    address = ended["succeeded_with_errors"]["links"][result]
    content_type, disposition = RESULTS[result]
    async with client.get(address) as got:
        content = await got.read()
    assert (got.status, got.headers["Content-Type"]) == (200, content_type)
    assert got.headers["Content-Disposition"] == disposition
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert int(got.headers["Content-Length"]) == len(content) > 500
    async with client.head(address) as head:
        assert (head.status, await head.read()) == (200, b"")
        for name in ("Content-Type", "Content-Length", "Content-Disposition", "ETag"):
            assert head.headers[name] == got.headers[name]
    async with client.get(address, headers={"Range": "bytes=0-9"}) as part:
        assert (part.status, await part.read()) == (200, content), "ranges are not offered, and not half kept"


IF_NONE_MATCH = {"its own": 304, "weak": 304, "among others": 304, "any": 304, "another": 200, "garbage": 200}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_result_that_is_known_is_not_sent_again(
    client: aiohttp.ClientSession, ended: dict[str, Job], method: str
) -> None:
    address = ended["succeeded"]["links"]["labels_pdf"]
    async with client.get(address) as got:
        tag = got.headers["ETag"]
    given = {"its own": tag, "weak": f"W/{tag}", "among others": f'"x", {tag}', "any": "*", "another": '"x"'}
    for name, status in IF_NONE_MATCH.items():
        headers = {"If-None-Match": given.get(name, "\"';garbage")}
        async with client.request(method, address, headers=headers) as again:
            assert again.status == status, name
            assert again.headers["ETag"] == tag
            if status == 304:
                assert await again.read() == b""


async def test_results_are_what_they_say(client: aiohttp.ClientSession, ended: dict[str, Job]) -> None:
    links = ended["succeeded_with_errors"]["links"]
    async with client.get(links["labels_pdf"]) as got:
        assert (await got.read()).startswith(b"%PDF-")
    async with client.get(links["labels_zip"]) as got:
        assert len(zipfile.ZipFile(io.BytesIO(await got.read())).namelist()) == 1
    async with client.get(links["errors_xlsx"]) as got:
        assert len(load_workbook(io.BytesIO(await got.read())).worksheets) == 1


@pytest.mark.parametrize("result", ["labels_zip", "errors_xlsx"])
async def test_what_is_made_when_first_asked_for_may_be_asked_for_by_many(
    client: aiohttp.ClientSession, result: str
) -> None:
    job = await upload(client, ean_list(200, first=6_000), "wait=60")

    async def fetched() -> tuple[int, bytes]:
        async with client.get(job["links"][result]) as got:
            return got.status, await got.read()

    answers = await asyncio.gather(*(fetched() for _ in range(8)))
    assert {status for status, _ in answers} == {200}
    assert len({content for _, content in answers}) == 1


async def code_of(client: aiohttp.ClientSession, method: str, address: str | URL, **request: Any) -> tuple[int, str]:
    async with client.request(method, address, **request) as answer:
        assert answer.headers["Content-Type"] == PROBLEM, address
        problem = await answer.json()
    assert problem["status"] == answer.status
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert problem["detail"]
    return answer.status, problem["code"]


async def test_asked_too_early(client: aiohttp.ClientSession, running: Backend) -> None:
    async with held_job(client, running, 30_000) as job:
        for name in ("rows", *RESULTS):
            assert await code_of(client, "GET", job["links"][name]) == (409, "not_ready"), name


async def test_labels_that_will_never_be(client: aiohttp.ClientSession, ended: dict[str, Job]) -> None:
    for name in ("labels_pdf", "labels_zip"):
        assert await code_of(client, "GET", ended["nothing to draw"]["links"][name]) == (409, "nothing_to_draw")
        assert await code_of(client, "GET", ended["failed"]["links"][name]) == (409, "header_not_found")
    assert (ended["nothing to draw"]["state"], ended["nothing to draw"]["counts"]["pages"]) == ("succeeded", 0)


@pytest.mark.parametrize("name", LISTS)
async def test_rows_and_the_marked_list_are_readable_however_a_job_ended(
    client: aiohttp.ClientSession, ended: dict[str, Job], name: str
) -> None:
    async with client.get(ended[name]["links"]["rows"]) as answer:
        rows = (await answer.json())["rows"]
    assert len(rows) == ended[name]["counts"]["rows"]
    async with client.get(ended[name]["links"]["errors_xlsx"]) as answer:
        book = load_workbook(io.BytesIO(await answer.read()))
    assert len(book.worksheets) == 1


# Rows


async def test_the_filter_of_rows(client: aiohttp.ClientSession, ended: dict[str, Job]) -> None:
    address = ended["succeeded_with_errors"]["links"]["rows"]
    for status, numbers in (("ok", [2]), ("error", [3]), ("warning", []), ("", [2, 3])):
        async with client.get(address, params={"status": status, "cursor": ""}) as answer:
            page = await answer.json()
        assert ([row["row"] for row in page["rows"]], page["next_cursor"]) == (numbers, None)


ODD_QUERIES: dict[str, dict[str, str]] = {
    "a status that is none": {"status": "bad"},
    "a status in capitals": {"status": "OK"},
    "two statuses in one": {"status": "ok,error"},
    "a cursor of letters": {"cursor": "next"},
    "a cursor that is negative": {"cursor": "-1"},
    "a cursor in the middle of a row": {"cursor": "5"},
    "a cursor behind the end": {"cursor": "99999999"},
    "a cursor behind the end of any file": {"cursor": "112982011420730"},
    "a cursor without end": {"cursor": "9" * 5_000},
    "a cursor that is SQL": {"cursor": "0; DROP TABLE jobs"},
    "a cursor with a zero byte": {"cursor": "0\0"},
}


@pytest.mark.parametrize("query", ODD_QUERIES.values(), ids=ODD_QUERIES)
async def test_a_query_that_is_not_valid(
    client: aiohttp.ClientSession, ended: dict[str, Job], query: dict[str, str]
) -> None:
    address = ended["succeeded"]["links"]["rows"]
    assert await code_of(client, "GET", address, params=query) == (400, "invalid_options")


# Jobs that are not, or no more

NO_JOB = ("x", "0" * 32, "A" * 32, "a" * 33, "%00", "%ff%fe", "%F0%9F%92%A9", "%2e%2e", "';--", "a%2Fb", "x" * 5_000)


@pytest.mark.parametrize("job_id", NO_JOB, ids=range(len(NO_JOB)))
async def test_there_is_no_such_job(client: aiohttp.ClientSession, running: Backend, job_id: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/rows"), ("GET", "/events"), ("GET", "/labels.pdf")):
        address = URL(f"{running.url}/api/jobs/{job_id}{path}", encoded=True)
        assert await code_of(client, method, address) == (404, "no_such_job")


async def test_delete_in_each_state(client: aiohttp.ClientSession, running: Backend) -> None:
    async with held_job(client, running, 40_000) as waiting:
        assert await deleted(client, waiting) == (200, "cancelled")
    assert await code_of(client, "GET", waiting["links"]["self"]) == (410, "expired"), "removed at the second time"
    for content in LISTS.values():
        job = await upload(client, content, "wait=60")
        assert await deleted(client, job) == (200, job["state"])
        for name in ("self", "rows", "events", *RESULTS):
            assert await code_of(client, "GET", job["links"][name]) == (410, "expired")
        assert await code_of(client, "DELETE", job["links"]["self"]) == (410, "expired")
        assert not (running.state / "uploads" / job["id"]).exists()
        assert not (running.state / "downloads" / job["id"]).exists()


async def deleted(client: aiohttp.ClientSession, job: Job) -> tuple[int, str]:
    async with client.delete(job["links"]["self"]) as answer:
        return answer.status, (await answer.json())["state"]


async def test_two_deletes_at_once_are_one(client: aiohttp.ClientSession) -> None:
    job = await upload(client, ean_list(3, first=9_000), "wait=60")

    async def status() -> int:
        async with client.delete(job["links"]["self"]) as answer:
            return answer.status

    assert sorted(await asyncio.gather(*(status() for _ in range(4)))) == [200, 410, 410, 410]


async def test_a_cancelled_job_has_no_files_but_says_why(client: aiohttp.ClientSession, running: Backend) -> None:
    async with held_job(client, running, 50_000) as job:
        await deleted(client, job)
        for name in RESULTS:
            assert await code_of(client, "GET", job["links"][name]) == (409, "not_ready")
        async with client.get(job["links"]["rows"]) as answer:
            assert await answer.json() == {"rows": [], "next_cursor": None}


async def test_what_is_made_while_a_job_is_removed_is_whole_or_expired(client: aiohttp.ClientSession) -> None:
    async def fetched(address: str) -> int:
        async with client.get(address) as got:
            await got.read()
            return got.status

    for first in range(60_000, 60_300, 100):
        job = await upload(client, ean_list(100, first=first), "wait=60")
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(fetched(job["links"][name])) for name in ("rows", *RESULTS)]
            gone = group.create_task(deleted(client, job))
        assert gone.result() == (200, "succeeded")
        assert {task.result() for task in asked} <= {200, 410}


# Addresses and methods that are none

NOWHERE = ("/api", "/api/", "/api/jobs", "/api/jobs/", "/api/jobs/x/y", "/API/limits", "/api/limits/", "//api/limits",
           "/api/limits%00", "/%2e%2e/etc/passwd", "/api/sheets/x", "/api/sheets/x/calibration.pdf", "/x" * 2_000)  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE, ids=range(len(NOWHERE)))
async def test_an_unknown_address_is_a_problem(client: aiohttp.ClientSession, running: Backend, path: str) -> None:
    assert await code_of(client, "GET", URL(running.url + path, encoded=True)) == (404, "not_found")


@pytest.mark.parametrize("path", sorted({path for _, path, _ in ROUTES}))
async def test_an_unknown_method_is_a_problem_and_the_known_ones_are_told(
    client: aiohttp.ClientSession, path: str
) -> None:
    known = {method for method, of, _ in ROUTES if of == path}
    allowed = known | ({"HEAD"} if "GET" in known else set())
    for method in ("PUT", "PATCH", "OPTIONS", "PROPFIND", *({"GET", "POST", "DELETE"} - known)):
        assert await code_of(client, method, path.replace("{id}", "x")) == (405, "method_not_allowed")
        async with client.request(method, path.replace("{id}", "x")) as answer:
            assert set(answer.headers["Allow"].split(",")) == allowed


async def test_nothing_of_all_this_was_an_error_of_ours(running: Backend, client: aiohttp.ClientSession) -> None:
    assert running.events(level="error") == []
