"""UPLOADS.md from outside: files and options in, through the HTTP API of a running backend; rows, problems and states out."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.e2e.backend_process import Backend, backend
from tests.e2e.contract_case import Case, options_text, said
from tests.e2e.contract_tables import TABLES
from tests.e2e.contract_values import SYMBOLS, VALUES
from tests.held_answers import held
from tests.hostile import HOSTILE
from tests.lists import ean, ean_list, xlsx

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]
UPLOAD, VALIDATE = "/api/barcodes/upload-excel", "/api/barcodes/validate"
Answer = tuple[int, dict[str, Any]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backend]:
    async with backend(tmp_path_factory.mktemp("contract")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(running: Backend) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url, trace_configs=[held()]) as session:
        yield session


async def post(
    client: aiohttp.ClientSession, content: bytes, options: str | None = None, path: str = UPLOAD, **headers: str
) -> Answer:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list.bin")
    if options is not None:
        form.add_field("options", options)
    async with client.post(path, data=form, headers=headers) as answer:
        return answer.status, await answer.json()


async def code_of(client: aiohttp.ClientSession, method: str, path: str, **request: Any) -> tuple[int, str]:
    async with client.request(method, path, **request) as answer:
        return answer.status, (await answer.json())["code"]


CASES = {**VALUES, **SYMBOLS, **TABLES}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_each_row_gets_the_verdict_of_the_contract(client: aiohttp.ClientSession, case: Case) -> None:
    status, found = await post(client, case.content, options_text(case.options), VALIDATE)
    assert status == 200, found
    if case.rows is not None:
        assert [said(row) for row in found["rows"]] == list(case.rows)
    assert code_in(found) == case.ending[1]
    assert {name: found[name] for name in case.about} == dict(case.about)


async def test_each_job_ends_as_its_rows_say(client: aiohttp.ClientSession) -> None:
    async def ending(case: Case) -> tuple[int, str, str | None]:
        options = {"verify": "none", **case.options}
        status, job = await post(client, case.content, options_text(options), Prefer="wait=60")
        return status, job["state"], code_in(job)

    cases = {name: case for name, case in CASES.items() if case.rows or case.problem}
    found = await asyncio.gather(*map(ending, cases.values()))
    assert dict(zip(cases, found, strict=True)) == {name: (200, *case.ending) for name, case in cases.items()}


def code_in(found: Mapping[str, Any]) -> str | None:
    problem: Mapping[str, str] | None = found["problem"]
    return None if problem is None else problem["code"]


BAD_OPTIONS: dict[str, str] = {
    "no JSON": "{",
    "no object": "[]",
    "a member given twice": '{"start": 1, "start": 2}',
    "NaN": '{"scale": NaN}',
    "a number without end": '{"scale": 1e999}',
    "digits without end": '{"start": 1' + "0" * 5_000 + "}",
    "an unknown member": '{"color": 1}',
    "a symbology that is none": '{"symbology": "pdf417"}',
    "a symbology that is a number": '{"symbology": 13}',
    "sheet 0": '{"sheet": 0}',
    "sheet true": '{"sheet": true}',
    "header_row 0": '{"header_row": 0}',
    "header_row 1.5": '{"header_row": 1.5}',
    "a column that is none": '{"columns": {"ean": "A"}}',
    "columns as a list": '{"columns": []}',
    "column 0": '{"columns": {"code": 0}}',
    "check_digit": '{"check_digit": "fix"}',
    "on_error": '{"on_error": null}',
    "duplicates": '{"duplicates": "Warn"}',
    "hidden_rows": '{"hidden_rows": true}',
    "a layout that is none": '{"layout": "A4"}',
    "a layout without sizes": '{"layout": {}}',
    "start 0": '{"start": 0}',
    "start beyond the page": '{"start": 22}',
    "start of another layout": '{"start": 31, "layout": "5160"}',
    "copies 0": '{"copies": 0}',
    "copies as text": '{"copies": "2"}',
    "one offset": '{"offset_mm": [1]}',
    "an offset as text": '{"offset_mm": ["1", 2]}',
    "an offset of a metre": '{"offset_mm": [0, 1000]}',
    "scale 0": '{"scale": 0}',
    "text that is no list": '{"text": "code"}',
    "text twice": '{"text": ["code", "code"]}',
    "text with an object": '{"text": [{}]}',
    "dpi 0": '{"dpi": 0}',
    "dpi true": '{"dpi": true}',
    "verify": '{"verify": "some"}',
}


@pytest.mark.parametrize("path", [UPLOAD, VALIDATE])
@pytest.mark.parametrize("options", BAD_OPTIONS.values(), ids=BAD_OPTIONS)
async def test_options_that_are_not_valid(client: aiohttp.ClientSession, options: str, path: str) -> None:
    status, problem = await post(client, ean_list(1), options, path)
    assert (status, problem["code"]) == (400, "invalid_options")
    assert problem["expected"]
    assert problem["request_id"]


async def test_a_job_that_ended_is_removed_by_delete_and_is_gone_then(client: aiohttp.ClientSession) -> None:
    headers = {"Idempotency-Key": "once", "Prefer": "wait=30"}
    status, job = await post(client, ean_list(3), **headers)
    assert (status, job["state"]) == (200, "succeeded")
    async with client.delete(job["links"]["self"]) as answer:
        assert (answer.status, (await answer.json())["state"]) == (200, "succeeded")
    for path in ("", "/rows", "/events", "/labels.pdf", "/labels.zip", "/errors.xlsx"):
        assert await code_of(client, "GET", job["links"]["self"] + path) == (410, "expired")
    assert await code_of(client, "DELETE", job["links"]["self"]) == (410, "expired")
    _, again = await post(client, ean_list(3), **headers)
    assert again["id"] != job["id"]


async def test_a_running_job_is_cancelled_then_removed(client: aiohttp.ClientSession) -> None:
    _, job = await post(client, ean_list(5_000))
    for expected in ("cancelled", "cancelled"):
        async with client.delete(job["links"]["self"]) as answer:
            assert (await answer.json())["state"] == expected
    assert await code_of(client, "GET", job["links"]["self"]) == (410, "expired")


async def test_a_cursor_is_one_that_was_given(client: aiohttp.ClientSession) -> None:
    _, job = await post(client, ean_list(1_100), '{"verify": "none"}', Prefer="wait=30")
    async with client.get(job["links"]["rows"]) as answer:
        cursor = (await answer.json())["next_cursor"]
    for wrong in ("1", str(int(cursor) + 1), "99999999", "-1", "x", "٣", " "):
        found = await code_of(client, "GET", job["links"]["rows"], params={"cursor": wrong})
        assert found == (400, "invalid_options"), wrong
    async with client.get(job["links"]["rows"], params={"cursor": cursor}) as answer:
        page = await answer.json()
    assert (len(page["rows"]), page["next_cursor"]) == (100, None)


async def test_head_of_events_ends_at_once(client: aiohttp.ClientSession) -> None:
    _, job = await post(client, ean_list(3_000, first=9_000))
    async with asyncio.timeout(5), client.head(job["links"]["events"]) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")


async def test_wrong_methods_and_addresses_are_problems(client: aiohttp.ClientSession) -> None:
    assert await code_of(client, "GET", "/api/nothing") == (404, "not_found")
    assert await code_of(client, "PUT", UPLOAD) == (405, "method_not_allowed")
    assert await code_of(client, "GET", "/api/jobs/x") == (404, "no_such_job")


async def test_200_uploads_at_once_all_end_right(client: aiohttp.ClientSession) -> None:
    bomb, ending = HOSTILE["a part that unpacks to 250 MB"]
    kinds: tuple[tuple[bytes, tuple[str, ...]], ...] = (
        (ean_list(20), ("succeeded",)),
        (xlsx([("EAN",), (ean(1),), ("1",)]), ("succeeded_with_errors",)),
        (xlsx([("Name", "Colour"), ("cup", "red")]), ("header_not_found",)),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, ("not_a_spreadsheet",)),
        (bomb(), ending),
    )

    async def one(n: int) -> None:
        content, expected = kinds[n % len(kinds)]
        _, found = await post(client, content, Prefer="wait=60")
        ended = found.get("code") or (found["problem"] or {}).get("code", found["state"])
        assert ended in expected

    async with asyncio.timeout(60):
        await asyncio.gather(*(one(n) for n in range(200)))
