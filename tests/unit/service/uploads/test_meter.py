"""What goes by is told to whoever waits: often enough for a person, seldom enough to cost nothing."""

import io
import json
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest
import xlwt  # type: ignore[import-untyped]
from odf.opendocument import OpenDocumentSpreadsheet  # type: ignore[import-untyped]
from odf.table import Table, TableCell, TableRow  # type: ignore[import-untyped]
from odf.text import P  # type: ignore[import-untyped]

from service.uploads import child, meter
from service.uploads.limits import Limits
from service.uploads.meter import Meter, passing, told
from service.uploads.workspace import UPLOAD
from tests.lists import ean, ean_list

ROWS = 150  # a reader of worksheets looks at the clock at every 64th
VALUES = ("EAN", *map(ean, range(ROWS)))


def ticking(each_s: float) -> Callable[[], float]:
    """Return a clock that moves on by so much whenever it is looked at."""
    now = iter(range(1_000_000))
    return lambda: next(now) * each_s


def heard(count: int, total: int, each_s: float) -> list[tuple[int, int]]:
    said: list[tuple[int, int]] = []
    with told(lambda done, of: said.append((done, of))):
        assert list(passing(range(count), total, ticking(each_s))) == list(range(count))
    return said


SAID: dict[str, tuple[int, float, list[tuple[int, int]]]] = {
    "what is over in a moment is not told at all": (100, 0.001, []),
    "slow items are told at each look, and at the end": (40, 0.2, [(16, 99), (32, 99), (40, 99)]),
    "quick items are told when their time has come": (96, 0.05, [(48, 99), (96, 99), (96, 99)]),
    "nothing is nothing": (0, 1.0, []),
}


@pytest.mark.parametrize(("count", "each_s", "said"), SAID.values(), ids=SAID)
def test_how_often_it_is_told(count: int, each_s: float, said: list[tuple[int, int]]) -> None:
    assert heard(count, 99, each_s) == said


def test_a_second_holds_between_five_and_ten_of_them() -> None:
    looks_ms = 5
    said = heard(16 * 1_000 // looks_ms, 0, looks_ms / 1_000)
    assert 5 <= len(said) - 1 <= 10


def test_an_item_counts_when_the_next_is_asked_for() -> None:
    said: list[int] = []
    with told(lambda done, _: said.append(done)):
        items = passing(range(100), clock=ticking(1.0))
        for _ in range(16):
            next(items)
        assert said == []
        next(items)
        assert said == [16]


def test_afterwards_nobody_is_told() -> None:
    said: list[int] = []
    with told(lambda done, _: said.append(done)):
        pass
    Meter(clock=ticking(1.0)).at(1)
    assert said == []


def old_workbook() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("List")
    for number, value in enumerate(VALUES):
        sheet.write(number, 0, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def open_document() -> bytes:
    document, table = OpenDocumentSpreadsheet(), Table(name="List")
    for value in VALUES:
        line, cell = TableRow(), TableCell(valuetype="string")
        cell.addElement(P(text=value))
        line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "xlsx": lambda: ean_list(ROWS),
    "xls": old_workbook,
    "ods": open_document,
    "csv": lambda: "\n".join(VALUES).encode(),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_each_stage_in_a_child_tells_its_rows(
    content: Callable[[], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "EVERY_S", 0.0)
    (tmp_path / UPLOAD).write_bytes(content())
    request = {"workspace": str(tmp_path), "options": json.dumps({}), "limits": asdict(Limits())}
    for stage, total in ((child.read, 0), (child.check, ROWS), (child.draw, ROWS), (child.verify, ROWS)):
        said: list[tuple[int, int]] = []
        stage(request, lambda done, of: said.append((done, of)))  # noqa: B023 (called before the next turn)
        counts = [done for done, _ in said]
        assert len(said) >= 2, stage
        assert all(before <= after for before, after in pairwise(counts)), stage
        assert counts[-1] in (ROWS, ROWS + 1), stage  # a reader counts the header too
        assert {of for _, of in said} == {total}, stage
