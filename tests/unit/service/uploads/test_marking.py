"""errors.xlsx and template.xlsx: what people get back, opened with openpyxl as the independent reader."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt  # type: ignore[import-untyped]
from openpyxl.styles import PatternFill

from service.uploads.limits import Limits
from service.uploads.marking import mark, state_problem
from service.uploads.template import template_workbook
from tests.unit.service.uploads.reading.test_ods import HEAD, line, ods, text
from tests.workbooks import MAIN, RawSheet, RawWorkbook, checked_file, content_types, row

EAN = "5901234123457"


def marked(data: bytes, tmp_path: Path, options: str | None = None) -> openpyxl.Workbook:
    checked = checked_file(data, tmp_path, options)
    return openpyxl.load_workbook(io.BytesIO(mark(tmp_path / "upload", checked, Limits())))


def values(book: openpyxl.Workbook, sheet: int = 0) -> list[list[object]]:
    return [[cell.value for cell in line] for line in book.worksheets[sheet].iter_rows()]


def saved(book: openpyxl.Workbook | xlwt.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbook_comes_back_with_verdicts_beside_its_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for given in (["Price list"], [], ["EAN", "Name"], [EAN, "Tea"], ["5901234123450", "Milk"]):
        sheet.append(given)
    sheet["B4"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["H1"].fill = PatternFill("solid", fgColor="FFFF00")
    book.create_sheet("Other")["A1"] = "=1+1"
    back = marked(saved(book), tmp_path)
    found = values(back)
    assert found[2][:2] == ["EAN", "Name"]
    assert found[2][8:] == ["Status", "Problem", "Suggestion"]
    assert found[3][8:] == ["ok", None, None]
    assert found[4][8:] == ["error", "The check digit of 590123412345 is 7, not 0", EAN]
    assert back.worksheets[0]["B4"].fill.fgColor.rgb == "00FFFF00"
    assert back["Other"]["A1"].value == "=1+1"


def test_verdicts_stand_behind_merged_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for given in (["Price list"], ["EAN", "Name"], [EAN, "Tea"], ["5901234123450", "Milk"]):
        sheet.append(given)
    for merged in ("A1:K1", "B2:D2", "B4:E4"):
        sheet.merge_cells(merged)
    back = marked(saved(book), tmp_path).worksheets[0]
    assert [back[f"{column}2"].value for column in "FGH"] == ["Status", "Problem", "Suggestion"]
    assert back["F4"].value == "error"
    assert sorted(map(str, back.merged_cells.ranges)) == ["A1:K1", "B2:D2", "B4:E4"]


def test_verdicts_can_be_read_where_all_other_columns_are_hidden(tmp_path: Path) -> None:
    cols = '<cols><col min="1" max="1" width="20" customWidth="1"/><col min="2" max="16384" hidden="1"/></cols>'
    xml = f'<worksheet xmlns="{MAIN}">{cols}<sheetData>{row(1, "EAN") + row(2, EAN)}</sheetData></worksheet>'
    sheet = marked(RawWorkbook([RawSheet("", xml=xml)]).data(), tmp_path).worksheets[0]
    assert sheet["B2"].value == "ok"
    shown = {letter: (width.min, width.max, width.hidden) for letter, width in sheet.column_dimensions.items()}
    assert shown == {
        "A": (1, 1, False),
        "B": (2, 2, False),
        "C": (3, 3, False),
        "D": (4, 4, False),
        "E": (5, 16384, True),
    }


def test_prices_and_zeros_are_shown_as_before_when_a_sheet_is_written_anew(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("List")
    for column, (head, value, code) in enumerate((("UPC", 36000291452, "000000000000"), ("Price", 2.5, "0.00"))):
        sheet.write(0, column, head)
        sheet.write(1, column, value, xlwt.easyxf(num_format_str=code))
    back = marked(saved(book), tmp_path).worksheets[0]
    assert [(back[at].value, back[at].number_format) for at in ("A2", "B2")] == [(36000291452, "0" * 12), (2.5, "0.00")]


FORMULAS = ["=1+1", "+1+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0"]


@pytest.mark.parametrize("value", FORMULAS)
def test_value_of_a_stranger_never_becomes_a_formula(value: str, tmp_path: Path) -> None:
    for data in (
        RawWorkbook([RawSheet(row(1, "SKU", "Name") + row(2, value, "Tea"))]).data(),
        f"SKU;Name\n{value};Tea\n".encode(),
    ):
        back = marked(data, tmp_path).worksheets[0]
        assert (back["A2"].value, back["A2"].data_type) == (value, "s")


@pytest.mark.parametrize(
    "data",
    [
        "EAN;Größe\n5901234123450;x\n".encode("cp1252"),
        ods(HEAD + line(text("5901234123450"), text("x"))),
        RawWorkbook([RawSheet(row(1, "EAN", "Name") + "<!-- odd -->" + row(2, "5901234123450", "x"))]).data(),
    ],
    ids=["csv", "ods", "XML written in no usual way"],
)
def test_other_formats_are_written_anew(data: bytes, tmp_path: Path) -> None:
    found = values(marked(data, tmp_path))
    assert found[0][2:] == ["Status", "Problem", "Suggestion"]
    assert found[1][0] == "5901234123450"
    assert found[1][2] == "error"


def test_macros_do_not_come_back(tmp_path: Path) -> None:
    types = content_types(
        1,
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        '<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>',
    )
    data = RawWorkbook(
        [RawSheet(row(1, "EAN") + row(2, EAN))], parts={"xl/vbaProject.bin": b"x", "[Content_Types].xml": types}
    ).data()
    checked = checked_file(data, tmp_path)
    with zipfile.ZipFile(io.BytesIO(mark(tmp_path / "upload", checked, Limits()))) as back:
        assert "xl/vbaProject.bin" not in back.namelist()
        assert b"macro" not in back.read("[Content_Types].xml").lower()
        assert b"vba" not in back.read("[Content_Types].xml").lower()


def test_reading_what_we_marked_gives_the_same_verdicts(tmp_path: Path) -> None:
    data = RawWorkbook(
        [RawSheet(row(1, "EAN", "Name") + '<row r="2" spans="1:2"/>' + row(3, "12", "_x0041_ & <b>"))]
    ).data()
    checked = checked_file(data, tmp_path)
    again = checked_file(mark(tmp_path / "upload", checked, Limits()), tmp_path)
    assert again.rows == checked.rows


def test_problem_of_the_whole_file_is_stated() -> None:
    book = openpyxl.load_workbook(io.BytesIO(state_problem("corrupt_file", "The part x is missing")))
    assert values(book)[0] == ["Problem", "The file is damaged"]
    assert len(book.worksheets) == 1


def test_template_is_a_list_that_we_take(tmp_path: Path) -> None:
    data = template_workbook()
    found = checked_file(data, tmp_path)
    assert found.counts.ok == found.counts.rows > 1
    assert openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]["A100"].number_format == "@"
