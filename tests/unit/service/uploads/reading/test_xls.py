"""xls: what Excel 97 and later, and xlwt, write; the peer is calamine."""

import io
from pathlib import Path

import pytest
import xlwt  # type: ignore[import-untyped]
from python_calamine import CalamineWorkbook

from service.uploads.limits import Limits
from service.uploads.reading import read
from tests.workbooks import checked_file, codes

EAN = "5901234123457"


def saved(book: xlwt.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbook_of_xlwt_is_judged(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("Cover").visibility = 1
    sheet = book.add_sheet("Liste ä")
    for column, name in enumerate(["EAN", "Bezeichnung", "Menge"]):
        sheet.write(2, column, name)
    sheet.write(3, 0, int(EAN))
    sheet.write(3, 2, 3)
    sheet.write(4, 0, 123, xlwt.easyxf(num_format_str="0000000000000"))
    sheet.write(5, 0, 45352, xlwt.easyxf(num_format_str="DD.MM.YYYY"))
    sheet.write(6, 0, True)
    sheet.write(7, 0, xlwt.Formula("1+1"))
    sheet.row(8).set_cell_error(0, 0x2A)
    sheet.write(9, 0, "4006381333931")
    sheet.row(9).hidden = True
    sheet.write_merge(10, 11, 0, 0, "96385074")
    sheet.write(11, 1, "b")
    sheet.write(12, 1, "Summe")
    found = checked_file(saved(book), tmp_path)
    assert (found.format, found.sheet, found.header_row) == ("xls", "Liste ä", 3)
    assert [(row.cell, row.encoded, codes(row)) for row in found.rows] == [
        ("A4", EAN, []),
        ("A5", "0000000000123", ["leading_zeros_restored"]),
        ("A6", None, ["date_value"]),
        ("A7", None, ["boolean_value"]),
        ("A8", None, ["formula_without_value"]),
        ("A9", None, ["error_value"]),
        ("A10", None, ["hidden_row"]),
        ("A11", "96385074", ["merged_cell"]),
        ("A12", None, ["empty_code"]),
        ("A13", None, ["totals_row"]),
    ]
    assert found.rows[0].quantity == 3


@pytest.mark.parametrize("count", [1, 500, 5_000])
def test_calamine_reads_the_same(count: int, tmp_path: Path) -> None:
    """Strings over many records, long and short, wide and narrow, and numbers in each of their packed forms."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("List")
    for row in range(count):
        sheet.write(row, 0, f"text {row} " + "ü" * (row % 50) + ("Ж" * (row % 97) if row % 3 == 0 else ""))
        for column, number in enumerate((row, -row, row / 100, row * 1e9 + 0.5, 5901234123457 + row), start=1):
            sheet.write(row, column, number)
    data = saved(book)
    path = tmp_path / "upload"
    path.write_bytes(data)
    ours = [[cell.text for _, cell in sorted(row.cells.items())] for row in read(path, Limits()).sheets[0].load().rows]
    peer = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert ours == [[_shown(value) for value in line] for line in peer]


def _shown(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
