"""The upload API as UPLOADS.md has it, from outside."""

import asyncio
import hashlib
import json
import re
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient
from openpyxl import load_workbook

from service.api.body import file_name
from service.api.openapi import document
from tests.lists import ean, ean_list, xlsx
from tests.unit.service.backend_app import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
UPLOAD = "/api/barcodes/upload-excel"
Client = TestClient[Any, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with serving(tmp_path_factory.mktemp("state")) as running:
        yield running


async def post(
    client: Client, content: bytes, options: object = None, path: str = UPLOAD, name: str = "list.xlsx", **headers: str
) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name)
    if options is not None:
        form.add_field("options", options if isinstance(options, str) else json.dumps(options))
    async with client.post(path, data=form, headers=headers) as answer:
        assert answer.headers["X-Request-ID"]
        return answer.status, await answer.json()


async def done(client: Client, content: bytes, options: object = None) -> dict[str, Any]:
    status, job = await post(client, content, options, Prefer="wait=30")
    assert status == 200, job
    return job


async def test_a_list_becomes_labels(client: Client) -> None:
    content = ean_list(3)
    job = await done(client, content)
    assert job["state"] == "succeeded"
    assert job["counts"] == {"rows": 3, "ok": 3, "warning": 0, "error": 0, "labels": 3, "pages": 1, "hidden": 0}
    assert job["file"] == {"name": "list.xlsx", "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    assert (job["format"], job["sheet"], job["header_row"], job["next_start"]) == ("xlsx", "List", 1, 4)
    assert job["columns"]["code"] == {"header": "EAN", "letter": "A"}
    assert job["verified"] == {"checked": 3, "decoded": 3}
    assert job["problem"] is None
    async with client.get(job["links"]["labels_pdf"]) as pdf:
        assert (pdf.status, pdf.content_type) == (200, "application/pdf")
        assert (await pdf.read()).startswith(b"%PDF-")


async def test_a_row_in_error_is_told_and_the_others_are_drawn(client: Client) -> None:
    job = await done(client, xlsx([("EAN", "Quantity"), (ean(1), 2), ("4000000000010", 1), (ean(2), "many")]))
    assert job["state"] == "succeeded_with_errors"
    assert job["counts"]["error"] == 2
    async with client.get(job["links"]["rows"], params={"status": "error"}) as answer:
        page = await answer.json()
    assert [(row["row"], row["cell"], row["problems"][0]["code"]) for row in page["rows"]] == [
        (3, "A3", "bad_check_digit"),
        (4, "A4", "bad_quantity"),
    ]
    assert page["next_cursor"] is None


async def test_rows_come_in_pages(client: Client) -> None:
    job = await done(client, ean_list(1_500), {"verify": "none"})
    seen: list[int] = []
    cursor: str | None = "0"
    while cursor is not None:
        async with client.get(job["links"]["rows"], params={"cursor": cursor}) as answer:
            page = await answer.json()
        seen += [row["row"] for row in page["rows"]]
        cursor = page["next_cursor"]
    assert seen == list(range(2, 1_502))


REFUSED: dict[str, tuple[bytes, object, int, str]] = {
    "no bytes": (b"", None, 400, "empty_file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, None, 415, "not_a_spreadsheet"),
    "more than the limit": (b"x" * 2_000_001, None, 413, "file_too_large"),
    "more than any body may have": (b"x" * 4_000_000, None, 413, "file_too_large"),
    "options that are no JSON": (ean_list(1), "{", 400, "invalid_options"),
    "an unknown option": (ean_list(1), {"colour": "red"}, 400, "invalid_options"),
    "an unknown layout": (ean_list(1), {"layout": "L0000"}, 400, "invalid_options"),
    "a start that is not on the page": (ean_list(1), {"start": 22}, 400, "invalid_options"),
    "a custom layout that cannot be printed": (ean_list(1), {"layout": {"columns": 2}}, 400, "invalid_options"),
}


@pytest.mark.parametrize(("content", "options", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_at_once(client: Client, content: bytes, options: object, status: int, code: str) -> None:
    found, problem = await post(client, content, options)
    assert (found, problem["code"], problem["status"]) == (status, code, status)
    assert problem["detail"]
    assert problem["request_id"]
    assert ("limit" in problem) == (code == "file_too_large")


FAILED: dict[str, tuple[bytes, object, str]] = {
    "a workbook that is cut off": (ean_list(5)[:-200], None, "corrupt_file"),
    "no column of codes": (xlsx([("Name", "Colour"), ("cup", "red")]), None, "header_not_found"),
    "a header alone": (xlsx([("EAN",)]), None, "no_data_rows"),
    "only wrong rows": (xlsx([("EAN",), ("1",)]), None, "all_rows_invalid"),
    "a wrong row where none may be": (xlsx([("EAN",), (ean(1),), ("1",)]), {"on_error": "fail"}, "rows_invalid"),
    "too many labels": (xlsx([("EAN", "Quantity"), (ean(1), 10_000)]), {"copies": 11}, "too_many_labels"),
}


@pytest.mark.parametrize(("content", "options", "code"), FAILED.values(), ids=FAILED)
async def test_what_fails_the_job(client: Client, content: bytes, options: object, code: str) -> None:
    job = await done(client, content, options)
    assert (job["state"], job["problem"]["code"]) == ("failed", code)
    assert job["problem"]["request_id"]
    async with client.get(job["links"]["rows"]) as rows:
        assert rows.status == 200
    async with client.get(job["links"]["labels_pdf"]) as pdf:
        assert (pdf.status, (await pdf.json())["code"]) == (409, code)


async def test_quantities_of_nought_draw_nothing_and_are_no_failure(client: Client) -> None:
    job = await done(client, xlsx([("EAN", "Quantity"), (ean(1), 0)]))
    assert (job["state"], job["counts"]["pages"]) == ("succeeded", 0)
    async with client.get(job["links"]["labels_pdf"]) as pdf:
        assert (pdf.status, (await pdf.json())["code"]) == (409, "nothing_to_draw")


async def test_the_answer_to_an_upload_without_prefer_is_202_with_its_address(client: Client) -> None:
    form = aiohttp.FormData()
    form.add_field("file", ean_list(2), filename="a.xlsx")
    async with client.post(UPLOAD, data=form) as answer:
        assert answer.status == 202
        assert answer.headers["Location"] == f"/api/jobs/{(await answer.json())['id']}"


async def test_a_wait_that_is_too_short_gives_202(client: Client) -> None:
    status, job = await post(client, ean_list(500, first=900), Prefer="respond-async, wait=0")
    assert (status, job["finished"]) == (202, None)


async def test_a_repeated_key_gives_the_same_job_and_another_body_is_refused(client: Client) -> None:
    headers = {"Idempotency-Key": "monday"}
    content = ean_list(4)  # made once: a workbook holds the second of its making
    answers = await asyncio.gather(*(post(client, content, **headers) for _ in range(4)))
    assert len({job["id"] for _, job in answers}) == 1
    status, problem = await post(client, content, {"copies": 2}, **headers)
    assert (status, problem["code"]) == (422, "idempotency_mismatch")


BROKEN: dict[str, tuple[bytes, str]] = {
    "a body without its last boundary": (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
        "multipart/form-data; boundary=b",
    ),
    "no part named file": (
        b'--b\r\nContent-Disposition: form-data; name="list"\r\n\r\nabc\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "no boundary at all": (b"abc", "multipart/form-data; boundary=b"),
    "a boundary that is not said": (b"abc", "multipart/form-data"),
    "a control character in the head of a part": (
        b'--b\r\nContent-Disposition: form-data; name="a\x01"\r\n\r\nabc\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "a head of a part without end": (
        b'--b\r\nContent-Disposition: form-data; name="' + b"x" * 100_000 + b'"\r\n\r\nabc\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "more heads of a part than anybody needs": (
        b"--b\r\n" + b"A: b\r\n" * 50_000 + b"\r\nabc\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    "no multipart": (b"{}", "application/json"),
    "nothing": (b"", "multipart/form-data; boundary=b"),
}


@pytest.mark.parametrize(("body", "content_type"), BROKEN.values(), ids=BROKEN)
async def test_a_broken_body_is_incomplete_and_leaves_nothing(client: Client, body: bytes, content_type: str) -> None:
    async with client.post(UPLOAD, data=body, headers={"Content-Type": content_type}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "upload_incomplete")


async def test_two_files_at_once_are_refused_not_half_taken(client: Client) -> None:
    form = aiohttp.FormData()
    for name in ("a.xlsx", "b.xlsx"):
        form.add_field("file", ean_list(1), filename=name)
    async with client.post(UPLOAD, data=form) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "invalid_options")


NAMES: dict[str, tuple[str | None, str]] = {
    "a plain one": ("Preisliste März.xlsx", "Preisliste März.xlsx"),
    "a path": ("../../etc/passwd.xlsx", "passwd.xlsx"),
    "a path of Windows": ("C:\\lists\\a.xlsx", "a.xlsx"),
    "control characters": ("a\x07\u202eb.xlsx", "ab.xlsx"),
    "none": (None, ""),
    "one without end": ("x" * 5_000, "x" * 200),
}


@pytest.mark.parametrize(("given", "kept"), NAMES.values(), ids=NAMES)
async def test_a_file_name_is_never_a_path(given: str | None, kept: str) -> None:
    assert file_name(given) == kept


async def test_validate_judges_and_keeps_nothing(client: Client) -> None:
    status, verdicts = await post(client, ean_list(1_200), path="/api/barcodes/validate")
    assert status == 200
    assert (verdicts["counts"]["ok"], len(verdicts["rows"]), verdicts["rows_truncated"]) == (1_200, 1_000, True)
    assert verdicts["problem"] is None
    status, verdicts = await post(client, xlsx([("Name", "Colour"), ("cup", "red")]), path="/api/barcodes/validate")
    assert (status, verdicts["problem"]["code"], verdicts["rows"]) == (200, "header_not_found", [])


async def test_events_tell_each_change_until_the_end_and_resume(client: Client) -> None:
    _, job = await post(client, ean_list(300, first=4_000))
    async with client.get(job["links"]["events"]) as stream:
        assert stream.content_type == "text/event-stream"
        sent = (await stream.read()).decode().strip().split("\n\n")
    ids = [int(event.split("\n")[0].removeprefix("id: ")) for event in sent]
    assert ids == sorted(set(ids))
    last = json.loads(sent[-1].split("data: ")[1])
    assert last["state"] == "succeeded"
    async with client.get(job["links"]["events"], headers={"Last-Event-ID": str(ids[-1])}) as stream:
        assert stream.status == 204


async def test_a_cancelled_job_stops_and_stays_cancelled(client: Client) -> None:
    _, job = await post(client, ean_list(5_000, first=7_000))
    async with client.delete(job["links"]["self"]) as answer:
        assert (await answer.json())["state"] == "cancelled"
    await asyncio.sleep(0.3)
    async with client.get(job["links"]["self"]) as answer:
        assert (await answer.json())["state"] == "cancelled"
    async with client.get(job["links"]["labels_pdf"]) as pdf:
        assert pdf.status == 409


async def test_asked_too_early_or_for_nothing(client: Client) -> None:
    _, job = await post(client, ean_list(4_000, first=20_000))
    async with client.get(job["links"]["labels_pdf"]) as pdf:
        assert (pdf.status, (await pdf.json())["code"]) == (409, "not_ready")
    async with client.delete(job["links"]["self"]):
        pass
    for path in ("", "/rows", "/events", "/labels.pdf", "/labels.zip", "/errors.xlsx"):
        async with client.get(f"/api/jobs/nothing{path}") as answer:
            assert (answer.status, (await answer.json())["code"]) == (404, "no_such_job")


async def test_single_drawings_are_one_svg_a_label(client: Client) -> None:
    job = await done(client, ean_list(3))
    for _ in range(2):
        async with client.get(job["links"]["labels_zip"]) as answer:
            assert (answer.status, answer.content_type) == (200, "application/zip")
            archive = zipfile.ZipFile(BytesIO(await answer.read()))
        assert [name[:5] for name in archive.namelist()] == ["00002", "00003", "00004"]
        assert b"<svg" in archive.read(archive.namelist()[0])


async def test_the_marked_list_has_the_verdict_beside_each_row(client: Client) -> None:
    job = await done(client, xlsx([("EAN", "Name"), (ean(1), "cup"), ("4000000000010", "pot")]))
    async with client.get(job["links"]["errors_xlsx"]) as answer:
        assert answer.status == 200
        sheet = load_workbook(BytesIO(await answer.read())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("EAN", "Name", "Status")
    assert [row[2] for row in rows[1:]] == ["ok", "error"]


async def test_where_nothing_could_be_read_the_marked_list_says_why(client: Client) -> None:
    job = await done(client, ean_list(5)[:-200])
    async with client.get(job["links"]["errors_xlsx"]) as answer:
        book = load_workbook(BytesIO(await answer.read()))
    assert len(book.worksheets) == 1
    assert "corrupt_file" in [cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]


async def test_a_custom_layout_is_printed(client: Client) -> None:
    layout = {"page_mm": [100, 50], "label_mm": [100, 50]}
    job = await done(client, ean_list(2), {"layout": layout})
    assert (job["state"], job["counts"]["pages"]) == ("succeeded", 2)


async def test_each_sheet_has_a_calibration_page(client: Client) -> None:
    async with client.get("/api/sheets") as answer:
        sheets = (await answer.json())["sheets"]
    async with client.get(f"/api/sheets/{sheets[0]['id']}/calibration.pdf") as page:
        assert (await page.read()).startswith(b"%PDF")
    async with client.get("/api/sheets/none/calibration.pdf") as page:
        assert page.status == 404


async def test_the_template_becomes_labels(client: Client) -> None:
    async with client.get("/api/template.xlsx") as answer:
        content = await answer.read()
    assert zipfile.is_zipfile(BytesIO(content))
    assert (await done(client, content))["state"] == "succeeded"


PLAIN = ("/api/sheets", "/api/limits", "/openapi.json", "/healthz", "/readyz", "/metrics")


@pytest.mark.parametrize("path", PLAIN)
async def test_what_the_service_says_of_itself(client: Client, path: str) -> None:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        assert await answer.read()


async def test_the_document_is_served(client: Client) -> None:
    async with client.get("/openapi.json") as answer:
        assert await answer.json() == document()


async def test_the_stages_are_measured(client: Client) -> None:
    await done(client, ean_list(2))
    async with client.get("/metrics") as answer:
        text = await answer.text()
    for stage in ("receive", "read", "check", "draw", "verify", "publish"):
        assert f'upload_stage_duration_seconds_count{{outcome="ok",stage="{stage}"}}' in text


async def test_the_page_takes_a_list_and_leads_to_its_labels(client: Client) -> None:
    async with client.get("/") as page:
        inside = re.findall(r"<script[^>]*>(.*?)</script>", await page.text(), re.S)
        assert "".join(inside) == "", "every script is a file of ours"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", ean_list(2), filename="<b>.xlsx")
    form.add_field("layout", "5160")
    form.add_field("symbology", "auto")
    async with client.post("/", data=form, allow_redirects=False) as answer:
        assert answer.status == 303
        address = answer.headers["Location"]
    text = ""
    while "labels.pdf" not in text:
        async with client.get(address) as page:
            text = await page.text()
        await asyncio.sleep(0.05)
    assert "&lt;b&gt;.xlsx" in text
    assert ean(0) in text


async def test_the_page_says_what_is_wrong(client: Client) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"", filename="")
    async with client.post("/", data=form) as page:
        assert page.status == 400
        assert "0 bytes" in await page.text()
