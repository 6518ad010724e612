"""The contract over HTTP, labels drawn and read back: states, counts, pages, `verified`, `next_start`, what may be fetched."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import aiohttp
import orjson
import pypdfium2
import pytest
import pytest_asyncio
from openpyxl import load_workbook

from tests.e2e.backend_process import backend
from tests.unit.service.uploads.contract.files import File, column, csv, table, with_check_digit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]
EAN, EAN2, EAN3 = "5901234123457", "4006381333931", "9501101530003"
Case = tuple[File, dict[str, Any], str]


def many(count: int) -> File:
    """Return a list of so many EANs, all different."""
    return table(("EAN", "Name"), *((with_check_digit(f"{400_000_000_000 + n}"), f"Item {n}") for n in range(count)))


# What is told of a job: state or problem, labels/pages, checked/decoded, next_start, ok/warning/error of its rows.
JOBS: dict[str, Case] = {
    "one label": (column("EAN", EAN), {}, "succeeded 1/1 1/1 2 1/0/0"),
    "three labels of one row": (table(("EAN", "Qty"), (EAN, 3)), {}, "succeeded 3/1 3/3 4 1/0/0"),
    "a full page begins the next one": (table(("EAN", "Qty"), (EAN, 21)), {}, "succeeded 21/1 21/21 1 1/0/0"),
    "one more than a page": (table(("EAN", "Qty"), (EAN, 22)), {}, "succeeded 22/2 22/22 2 1/0/0"),
    "on a partly used sheet": (table(("EAN", "Qty"), (EAN, 3)), {"start": 20}, "succeeded 3/2 3/3 2 1/0/0"),
    "that fills a partly used sheet": (table(("EAN", "Qty"), (EAN, 2)), {"start": 20}, "succeeded 2/1 2/2 1 1/0/0"),
    "on the last place": (column("EAN", EAN), {"start": 21}, "succeeded 1/1 1/1 1 1/0/0"),
    "copies": (table(("EAN", "Qty"), (EAN, 2), (EAN2, 1)), {"copies": 7}, "succeeded 21/1 21/21 1 2/0/0"),
    "copies on another layout": (
        column("EAN", EAN, EAN2),
        {"copies": 15, "layout": "5160"},
        "succeeded 30/1 30/30 1 2/0/0",
    ),
    "a roll: each label is a page": (
        column("EAN", EAN, EAN2),
        {"layout": "roll-57x32", "dpi": 203},
        "succeeded 2/2 2/2 1 2/0/0",
    ),
    "a layout of one's own": (
        table(("EAN", "Qty"), (EAN, 5)),
        {"layout": {"page_mm": [100, 100], "label_mm": [50, 50], "grid": [2, 2]}, "start": 4},
        "succeeded 5/2 5/5 1 1/0/0",
    ),
    "a wrong row among good ones": (column("EAN", EAN, "AB", EAN2), {}, "succeeded_with_errors 2/1 2/2 3 2/0/1"),
    "only warnings": (column("EAN", EAN, EAN), {}, "succeeded 2/1 2/2 3 1/1/0"),
    "duplicates dropped, with copies and a quantity of 0": (
        table(("EAN", "Qty"), (EAN, 2), (EAN, 5), (EAN2, 0)),
        {"duplicates": "drop", "copies": 3},
        "succeeded 6/1 6/6 7 2/1/0",
    ),
    "a hidden row": (table(("EAN",), (EAN,), (EAN2,), hidden=(3,)), {}, "succeeded 1/1 1/1 2 1/1/0"),
    "a hidden row that is used": (
        table(("EAN",), (EAN,), (EAN2,), hidden=(3,)),
        {"hidden_rows": "use"},
        "succeeded 2/1 2/2 3 1/1/0",
    ),
    "a totals row": (table(("EAN", "Name"), (EAN, "Tea"), (None, "Total")), {}, "succeeded 1/1 1/1 2 1/1/0"),
    "nothing is looked at": (column("EAN", EAN, EAN2), {"verify": "none"}, "succeeded 2/1 0/0 3 2/0/0"),
    "all are looked at": (many(450), {"verify": "all"}, "succeeded 450/22 450/450 10 450/0/0"),
    "a sample": (many(450), {"verify": "sample"}, "succeeded 450/22 400/400 10 450/0/0"),
    "a sample of fewer": (many(30), {"verify": "sample"}, "succeeded 30/2 30/30 10 30/0/0"),
    "auto up to 2,000": (table(("EAN", "Qty"), (EAN, 2_000)), {}, "succeeded 2000/96 2000/2000 6 1/0/0"),
    "auto above 2,000": (table(("EAN", "Qty"), (EAN, 2_001)), {}, "succeeded 2001/96 400/400 7 1/0/0"),
    "each symbology": (
        table(
            ("Code", "Symbology"),
            *((EAN, "EAN-13"), ("96385074", "EAN-8"), ("036000291452", "UPC-A"), ("01234565", "UPC-E")),
            *(
                ("10614141000415", "ITF-14"),
                ("AB-12", "Code 128"),
                ("(01)09501101530003", "GS1-128"),
                ("AB-12", "Code 39"),
            ),
            *(
                ("12345", "Codabar"),
                ("Чай 茶", "QR"),
                ("AB12", "Data Matrix"),
                ("(01)09501101530003(10)A", "GS1 Data Matrix"),
            ),
        ),
        {"layout": "L7163"},
        "succeeded 12/1 12/12 13 12/0/0",
    ),
    "a label printer of 203 dpi": (
        table(("Code", "Symbology"), (EAN, None), ("AB-1234", "code128"), ("(01)09501101530003", None), ("x", "qr")),
        {"dpi": 203, "layout": "roll-100x50"},
        "succeeded 4/4 4/4 1 4/0/0",
    ),
    "an offset, a scale and all lines of text": (
        table(("EAN", "Name", "Price"), (EAN, "Grüner Tee", "2,50 €"), (EAN2, "شاي", "3")),
        {"offset_mm": [1, -1], "scale": 0.98, "text": ["name", "price", "code"]},
        "succeeded 2/1 2/2 3 2/0/0",
    ),
    "no text at all": (table(("EAN", "Name"), (EAN, "Tea")), {"text": []}, "succeeded 1/1 1/1 2 1/0/0"),
    "a name that is cut on the label": (table(("EAN", "Name"), (EAN, "Tea " * 60)), {}, "succeeded 1/1 1/1 2 0/1/0"),
    "below the size of GS1": (column("EAN", EAN), {"layout": "L7651"}, "succeeded 1/1 1/1 2 0/1/0"),
    "a CSV": (csv("EAN;Name;Qty", f"{EAN};Größe;2", encoding="cp1252"), {}, "succeeded 2/1 2/2 3 1/0/0"),
    "all quantities 0": (table(("EAN", "Qty"), (EAN, 0)), {}, "succeeded 0/0 0/0 1 1/0/0"),
    "all quantities 0, on a partly used sheet": (
        table(("EAN", "Qty"), (EAN, 0)),
        {"start": 5},
        "succeeded 0/0 0/0 5 1/0/0",
    ),
    "all rows hidden": (table(("EAN",), (EAN,), hidden=(2,)), {}, "succeeded 0/0 0/0 1 0/1/0"),
    "all rows wrong": (column("EAN", "AB", "CD"), {}, "all_rows_invalid 0/0 - - 0/0/2"),
    "a wrong row, and it shall fail": (column("EAN", EAN, "AB"), {"on_error": "fail"}, "rows_invalid 1/0 - - 1/0/1"),
    "no room, and it shall fail": (
        table(("Code", "Symbology"), (EAN, "ean13"), ("AB", "datamatrix")),
        {"on_error": "fail", "layout": "4731"},
        "rows_invalid 1/0 - - 1/0/1",
    ),
    "no room": (
        table(("Code", "Symbology"), (EAN, "ean13"), ("AB", "datamatrix")),
        {"layout": "4731"},
        "succeeded_with_errors 1/1 1/1 2 1/0/1",
    ),
    "too many labels": (table(("EAN", "Qty"), (EAN, 10_000)), {"copies": 11}, "too_many_labels 110000/0 - - 1/0/0"),
    "an unknown sheet": (column("EAN", EAN), {"sheet": "Prices"}, "unknown_sheet 0/0 - - 0/0/0"),
    "an unknown column": (column("EAN", EAN), {"columns": {"code": "Foo bar"}}, "unknown_column 0/0 - - 0/0/0"),
    "no header": (table((EAN, "Tea"), (EAN2, "Coffee")), {}, "header_not_found 0/0 - - 0/0/0"),
    "two headers": (table(("EAN", "GTIN"), (EAN, EAN2)), {}, "ambiguous_header 0/0 - - 0/0/0"),
    "no rows": (column("EAN"), {}, "no_data_rows 0/0 - - 0/0/0"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        backend(tmp_path_factory.mktemp("contract"), QUEUE_LIMIT="500") as running,
        aiohttp.ClientSession(running.url) as session,
    ):
        yield session


async def upload(client: aiohttp.ClientSession, file: File, options: dict[str, Any]) -> dict[str, Any]:
    """Return the job at its end."""
    form = aiohttp.FormData()
    form.add_field("file", file(), filename="list.bin")
    form.add_field("options", orjson.dumps(options).decode())
    async with client.post("/api/barcodes/upload-excel", data=form, headers={"Prefer": "wait=60"}) as answer:
        assert answer.status == 200, await answer.text()
        job: dict[str, Any] = await answer.json()
        return job


async def fetched(client: aiohttp.ClientSession, path: str) -> tuple[int, bytes]:
    async with client.get(path) as answer:
        return answer.status, await answer.read()


def told(job: dict[str, Any]) -> str:
    """Return what a job says, in one line."""
    state = job["problem"]["code"] if job["problem"] else job["state"]
    assert (job["state"] == "failed") == (job["problem"] is not None)
    counts, verified = job["counts"], job["verified"]
    looked_at = f"{verified['checked']}/{verified['decoded']}" if verified else "-"
    rows = f"{counts['ok']}/{counts['warning']}/{counts['error']}"
    return f"{state} {counts['labels']}/{counts['pages']} {looked_at} {job['next_start'] or '-'} {rows}"


@pytest.mark.parametrize("case", JOBS.values(), ids=JOBS)
async def test_a_job_ends_as_the_contract_says(client: aiohttp.ClientSession, case: Case) -> None:
    file, options, expected = case
    job = await upload(client, file, options)
    assert told(job) == expected
    await hold_its_results(client, job)


async def hold_its_results(client: aiohttp.ClientSession, job: dict[str, Any]) -> None:
    """Assert that all that may be fetched agrees with the job, and that nothing else may be."""
    status, pdf = await fetched(client, job["links"]["labels_pdf"])
    zip_status, zipped = await fetched(client, job["links"]["labels_zip"])
    if job["counts"]["pages"]:
        assert (status, zip_status) == (200, 200)
        assert len(pypdfium2.PdfDocument(pdf)) == job["counts"]["pages"]
        assert 0 < len(ZipFile(BytesIO(zipped)).namelist()) <= job["counts"]["labels"]
    else:
        code = job["problem"]["code"] if job["problem"] else "nothing_to_draw"
        assert (status, zip_status, orjson.loads(pdf)["code"]) == (409, 409, code)
    status, marked = await fetched(client, job["links"]["errors_xlsx"])
    assert status == 200
    assert load_workbook(BytesIO(marked)).worksheets
    rows = await all_rows(client, job["links"]["rows"])
    statuses = [row["status"] for row in rows]
    assert {name: statuses.count(name) for name in ("ok", "warning", "error")}.items() <= job["counts"].items()
    assert [row["row"] for row in rows] == sorted(row["row"] for row in rows)


async def all_rows(client: aiohttp.ClientSession, path: str) -> list[dict[str, Any]]:
    """Return the rows of all pages."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        status, page = await fetched(client, f"{path}?cursor={cursor}" if cursor else path)
        assert status == 200, page
        found = orjson.loads(page)
        rows += found["rows"]
        cursor = found["next_cursor"]
    return rows


async def test_rows_can_be_asked_for_by_status(client: aiohttp.ClientSession) -> None:
    job = await upload(client, column("EAN", EAN, "AB", EAN, EAN2), {})
    for status, numbers in {"ok": [2, 5], "warning": [4], "error": [3]}.items():
        assert [row["row"] for row in await all_rows_of(client, job, status)] == numbers


async def all_rows_of(client: aiohttp.ClientSession, job: dict[str, Any], status: str) -> list[dict[str, Any]]:
    code, page = await fetched(client, f"{job['links']['rows']}?status={status}")
    assert code == 200
    rows: list[dict[str, Any]] = orjson.loads(page)["rows"]
    return rows


async def test_a_name_that_is_cut_is_said_in_its_row(client: aiohttp.ClientSession) -> None:
    job = await upload(client, table(("EAN", "Name"), (EAN, "Tea " * 60), (EAN2, "Tea")), {})
    rows = await all_rows(client, job["links"]["rows"])
    assert [[problem["code"] for problem in row["problems"]] for row in rows] == [["text_truncated"], []]


async def test_a_job_and_a_validation_say_the_same(client: aiohttp.ClientSession) -> None:
    file = table(
        ("EAN", "Name", "Qty"),
        (EAN, "a", 2),
        (36000291452, "b", 1),
        ("AB", "c", "x"),
        (None, "Total", None),
        (EAN, "d", 1),
    )
    job = await upload(client, file, {})
    form = aiohttp.FormData()
    form.add_field("file", file(), filename="list.xlsx")
    async with client.post("/api/barcodes/validate", data=form) as answer:
        verdict = await answer.json()
    assert verdict["rows"] == await all_rows(client, job["links"]["rows"])
    assert verdict["counts"] == job["counts"] | {"pages": 0}
    shared = ("format", "sheet", "header_row", "columns")
    assert {name: verdict[name] for name in shared} == {name: job[name] for name in shared}
