"""The published limits through HTTP, from both sides of each edge, in each format."""

import csv
import io
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import xlwt  # type: ignore[import-untyped]

from service.uploads.limits import Limits
from tests.e2e.backend_process import Backend, backend
from tests.hostile.archives import workbook
from tests.hostile.zips import archive, part, repeated
from tests.lists import xlsx

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]
LIMITS = Limits()
Rows = Sequence[Sequence[object]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backend]:
    async with backend(tmp_path_factory.mktemp("limits")) as started:
        yield started


async def judged(running: Backend, content: bytes, **options: Any) -> dict[str, Any]:
    """Return what `validate` says."""
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list")
    form.add_field("options", json.dumps(options))
    async with (
        aiohttp.ClientSession(running.url) as client,
        client.post("/api/barcodes/validate", data=form) as answer,
    ):
        found: dict[str, Any] = await answer.json()
    return found


def code_of(found: dict[str, Any]) -> str | None:
    return found["code"] if "code" in found else (found["problem"] or {}).get("code")


def old(rows: Rows) -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("List")
    for number, cells in enumerate(rows):
        for column, value in enumerate(cells):
            sheet.write(number, column, value)
    book.save(out)
    return out.getvalue()


def text(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


def document(rows: Rows) -> bytes:
    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{v}</text:p></table:table-cell>' for v in cells
        )
        + "</table:table-row>"
        for cells in rows
    )
    content = (
        f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="List">{lines}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return archive([part("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), part("content.xml", content)])


WRITERS: dict[str, Callable[[Rows], bytes]] = {"xlsx": xlsx, "xls": old, "ods": document, "csv": text}


def skus(count: int) -> Rows:
    return [("SKU", "Quantity"), *((f"A-{n}", "0") for n in range(count))]


@pytest.mark.parametrize("format", WRITERS)
async def test_rows_up_to_the_limit_are_read_and_one_more_is_not(running: Backend, format: str) -> None:
    write = WRITERS[format]
    most = await judged(running, write(skus(LIMITS.rows)))
    over = await judged(running, write(skus(LIMITS.rows + 1)))
    assert (most["format"], code_of(most), most["counts"]["rows"]) == (format, None, 50_000)
    assert (code_of(over), over["problem"]["limit"]) == ("too_many_rows", 50_000)


async def test_a_full_sheet_of_xls_has_too_many_rows(running: Backend) -> None:
    assert code_of(await judged(running, old(skus(65_535)))) == "too_many_rows"


LABELS: dict[str, tuple[list[int], int, int | None]] = {
    "quantities up to the limit": ([10_000] * 10, 1, 100_000),
    "quantities and one more": ([10_000] * 10 + [1], 1, None),
    "copies up to the limit": ([500] * 2, 100, 100_000),
    "copies and one row more": ([500] * 2 + [1], 100, None),
}


@pytest.mark.parametrize(("quantities", "copies", "labels"), LABELS.values(), ids=LABELS)
async def test_labels_up_to_the_limit(running: Backend, quantities: list[int], copies: int, labels: int | None) -> None:
    rows = [("SKU", "Quantity"), *((f"A-{n}", quantity) for n, quantity in enumerate(quantities))]
    found = await judged(running, xlsx(rows), copies=copies)
    if labels is None:
        assert (code_of(found), found["problem"]["limit"]) == ("too_many_labels", 100_000)
    else:
        assert (code_of(found), found["counts"]["labels"]) == (None, labels)


@pytest.mark.parametrize("format", WRITERS)
async def test_characters_of_a_code_and_of_a_name(running: Backend, format: str) -> None:
    """A code of 1,000 characters is judged by its symbology, a longer one is too long; names are cut, and said to be."""
    rows = [
        ("SKU", "Name", "Symbology"),
        ("7" * 1_000, "a" * 1_000, "qr"),
        ("7" * 1_001, "b", "qr"),
        ("A", "c" * 1_001, "qr"),
    ]
    found = await judged(running, WRITERS[format](rows), layout="L7163")
    codes = [{problem["code"] for problem in row["problems"]} for row in found["rows"]]
    assert "too_long" not in codes[0]
    assert "too_long" in codes[1]
    assert "text_truncated" in codes[2]


async def test_200_mb_unpacked_are_read_and_one_byte_more_is_not(running: Backend) -> None:
    parts = workbook(part("xl/media/a.bin", b""))
    others = sum(entry.size for entry in parts)
    noise = _incompressible(2_000_000)

    def unpacked(size: int) -> bytes:
        return archive([*workbook(), repeated("xl/media/a.bin", noise, bytes(1_000), (size - others - len(noise)) // 1_000,
                                              bytes((size - others - len(noise)) % 1_000))])  # fmt: skip

    assert code_of(await judged(running, unpacked(LIMITS.inflated_bytes))) is None
    assert code_of(await judged(running, unpacked(LIMITS.inflated_bytes + 1))) == "expands_too_much"


async def test_20_mb_are_taken_and_one_byte_more_is_not(running: Backend) -> None:
    entries = [*workbook(), part("xl/media/a.bin", b"")]
    stored = LIMITS.file_bytes - len(archive(entries))

    def sized(size: int) -> bytes:
        entry = replace(entries[-1], data=entries[-1].data + b"x" * size)
        return archive([*entries[:-1], entry])

    assert code_of(await judged(running, sized(stored))) is None
    assert code_of(await judged(running, sized(stored + 1))) == "file_too_large"


def _incompressible(size: int) -> bytes:
    return random.Random(1).randbytes(size)
