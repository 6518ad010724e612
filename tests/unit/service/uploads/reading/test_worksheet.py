"""xlsx as programs write it, rightly and wrongly: read right, or refused; one bad cell costs its own row only."""

import io
from pathlib import Path

import openpyxl
import pytest

from service.uploads.limits import Limits
from service.uploads.model import Cell, SheetContent
from service.uploads.problems import ReadProblem
from service.uploads.reading import read
from tests.workbooks import MAIN, RawSheet, RawWorkbook, inline, raw, row, shared_strings, styles


def content(data: bytes, tmp_path: Path, sheet: int = 0) -> SheetContent:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return read(path, Limits()).sheets[sheet].load()


def texts(read: SheetContent) -> dict[str, str]:
    from service.uploads.model import letter

    return {f"{letter(c)}{r.number}": cell.text for r in read.rows for c, cell in sorted(r.cells.items())}


READ: dict[str, tuple[str, dict[str, str]]] = {
    "as usual": (row(1, "EAN", 5), {"A1": "EAN", "B1": "5"}),
    "rows out of order": (row(3, "c") + row(1, "a"), {"A1": "a", "A3": "c"}),
    "cells out of order": (f'<row r="1">{inline("B1", "b")}{inline("A1", "a")}</row>', {"A1": "a", "B1": "b"}),
    "no references": ("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>", {"A1": "1", "B1": "2", "A2": "3"}),
    "references of some cells only": ('<row r="4"><c r="C4"><v>1</v></c><c><v>2</v></c></row>', {"C4": "1", "D4": "2"}),
    "attributes in another order": ('<row r="1"><c t="n" s="0" r="A1"><v>1</v></c></row>', {"A1": "1"}),
    "single quotes": ("<row r='1'><c r='A1'><v>1</v></c></row>", {"A1": "1"}),
    "blanks around the equals sign": ('<row r = "1"><c r ="A1"><v>1</v></c></row>', {"A1": "1"}),
    "blanks in tags": ('<row r="1" ><c r="A1" ><v >1</v ></c ></row >', {"A1": "1"}),
    "comments": ('<row r="1"><!-- <c r="B1"><v>9</v></c> --><c r="A1"><v>1</v></c></row>', {"A1": "1"}),
    "CDATA": ('<row r="1"><c r="A1" t="str"><v><![CDATA[a<b]]></v></c></row>', {"A1": "a<b"}),
    "a greater-than sign in a text": (row(1, "a").replace(">a<", ">a > b<"), {"A1": "a > b"}),
    "references to characters": ('<row r="1">' + inline("A1", "T&#252;r &amp; &lt;Tor&gt;") + "</row>", {"A1": "Tür & <Tor>"}),
    "empty rows and cells": ('<row r="1"/><row r="2"></row><row r="3"><c r="A3" s="1"/><c r="B3"><v>1</v></c></row>', {"B3": "1"}),
    "rich text without its phonetic runs": (
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r>'
        "<rPh><t>x</t></rPh></is></c></row>",
        {"A1": "a b"}),
    "characters that Excel escapes": ('<row r="1">' + inline("A1", "a_x0041_b_x005F_x0041_") + "</row>", {"A1": "aAb_x0041_"}),
    "halves of a character beyond 16 bits": (
        '<row r="1">' + inline("A1", "_xD83D__xDE00_ _xD83D_") + "</row>", {"A1": "😀 \ufffd"}),
    "a reference that HTML takes for another": ('<row r="1">' + inline("A1", "&#128;") + "</row>", {"A1": "\x80"}),
    "an exponent": ('<row r="1"><c r="A1"><v>5.901234123457E12</v></c></row>', {"A1": "5901234123457"}),
    "a decimal that is none": ('<row r="1"><c r="A1"><v>590123412345.0</v></c></row>', {"A1": "590123412345"}),
    "a fraction": ('<row r="1"><c r="A1"><v>0.10000000000000001</v></c></row>', {"A1": "0.1"}),
    "the last cell that a sheet has": ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', {"XFD1048576": "1"}),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), READ.values(), ids=READ)
def test_sheet_is_read(data: str, expected: dict[str, str], tmp_path: Path) -> None:
    assert texts(content(raw(data), tmp_path)) == expected


CELLS: dict[str, tuple[str, Cell | None]] = {
    "a shared string": ('<c r="A1" t="s"><v>1</v></c>', Cell("text", "two")),
    "a shared string that is not there": ('<c r="A1" t="s"><v>9</v></c>', Cell("error", "no shared string 9")),
    "a shared string of no number": ('<c r="A1" t="s"><v>x</v></c>', Cell("error", "no shared string x")),
    "no number": ('<c r="A1"><v>12abc</v></c>', Cell("error", "12abc")),
    "NaN": ('<c r="A1"><v>NaN</v></c>', Cell("error", "NaN")),
    "a number beyond all doubles": ('<c r="A1"><v>1E400</v></c>', Cell("error", "1E400")),
    "digits of another script": ('<c r="A1"><v>٣</v></c>', Cell("error", "٣")),
    "an unknown type": ('<c r="A1" t="zz"><v>1</v></c>', Cell("error", "unknown type zz")),
    "a boolean": ('<c r="A1" t="b"><v>1</v></c>', Cell("boolean", "TRUE")),
    "an error": ('<c r="A1" t="e"><v>#N/A</v></c>', Cell("error", "#N/A")),
    "a date as text": ('<c r="A1" t="d"><v>2024-03-01</v></c>', Cell("date", "2024-03-01")),
    "a formula with its value": ('<c r="A1"><f>1+1</f><v>2</v></c>', Cell("number", "2")),
    "a formula without": ('<c r="A1"><f>1+1</f></c>', Cell("formula", "=1+1")),
    "a formula with an empty value, as openpyxl writes it": ('<c r="A1"><f>1+1</f><v/></c>', Cell("formula", "=1+1")),
    "a formula of texts without its value": ('<c r="A1" t="str"><f>B1</f></c>', Cell("formula", "=B1")),
    "a formula shared with another cell": ('<c r="A1"><f t="shared" si="0"/></c>', Cell("formula", "=")),
    "a formula that shows nothing": ('<c r="A1" t="str"><f>""</f><v></v></c>', None),
    "an empty text": ('<c r="A1" t="inlineStr"><is><t></t></is></c>', None),
    "a raw control character": ('<c r="A1" t="inlineStr"><is><t>59\x0112</t></is></c>',
                                Cell("error", "59\ufffd12")),
    "a reference to one": ('<c r="A1" t="inlineStr"><is><t>59&#1;12</t></is></c>',
                           Cell("error", "59\ufffd12")),
    "a format of zeros": ('<c r="A1" s="1"><v>123</v></c>', Cell("number", "123", zeros=13)),
    "a date format": ('<c r="A1" s="2"><v>45352</v></c>', Cell("date", "2024-03-01", serial="45352")),
    "a date and time": ('<c r="A1" s="2"><v>45352.5</v></c>', Cell("date", "2024-03-01T12:00:00", serial="45352.5")),
    "a number that no calendar has, with a date format": (
        '<c r="A1" s="2"><v>5901234123457</v></c>', Cell("date", "5901234123457", serial="5901234123457")),
    "a duration": ('<c r="A1" s="3"><v>0.5</v></c>', Cell("date", "12:00:00", serial="0.5")),
    "a colour and quoted letters are no date": ('<c r="A1" s="4"><v>5</v></c>', Cell("number", "5", decimals=2)),
    "a style that is not there": ('<c r="A1" s="99"><v>5</v></c>', Cell("number", "5")),
}  # fmt: skip


@pytest.mark.parametrize(("cell", "expected"), CELLS.values(), ids=CELLS)
def test_cell_is_read(cell: str, expected: Cell | None, tmp_path: Path) -> None:
    data = raw(
        f'<row r="1">{cell}<c r="B1"><v>1</v></c></row>',
        strings=shared_strings("one", "two"),
        styles=styles("0000000000000", "dd/mm/yyyy", "[h]:mm", '[Red]0.00" days"'),
    )
    assert content(data, tmp_path).rows[0].cells.get(1) == expected


def test_control_character_in_a_shared_string_costs_the_rows_that_use_it(tmp_path: Path) -> None:
    data = raw(
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>',
        strings=shared_strings("a\x02", "b"),
    )
    kinds = [cell.kind for cell in content(data, tmp_path).rows[0].cells.values()]
    assert kinds == ["error", "text"]


def test_1904_dates(tmp_path: Path) -> None:
    data = raw(
        '<row r="1"><c r="A1" s="1"><v>1</v></c></row>',
        styles=styles("yyyy"),
        workbook_properties='<workbookPr date1904="1"/>',
    )
    assert content(data, tmp_path).rows[0].cells[1].text == "1904-01-02"


REFUSED: dict[str, str] = {
    "the same row twice": row(1, "a") + row(1, "b"),
    "the same row twice, once empty": row(1, "a") + '<row r="1"/>',
    "the same cell twice": f'<row r="1">{inline("A1", "a")}{inline("A1", "b")}</row>',
    "a cell of another row": f'<row r="1">{inline("A2", "a")}</row>',
    "a row number beyond all sheets": '<row r="4294967295"><c><v>1</v></c></row>',
    "row 2,000,000": '<row r="2000000"><c r="A2000000"><v>1</v></c></row>',
    "row 0": '<row r="0"><c r="A0"><v>1</v></c></row>',
    "column ZZZ": '<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
    "a cell at no place": '<row r="1"><c r="nowhere"><v>1</v></c></row>',
    "XML that breaks off": '<row r="1"><c r="A1">',
    "an entity": '<row r="1"><c r="A1" t="str"><v>&boom;</v></c></row>',
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_sheet_of_no_order_is_refused(data: str, tmp_path: Path) -> None:
    with pytest.raises(ReadProblem) as raised:
        content(raw(data), tmp_path)
    assert raised.value.code == "corrupt_file"


STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def _part(namespace: str = MAIN, declaration: str = "", before: str = "", after: str = "") -> str:
    return f'{declaration}<worksheet xmlns="{namespace}">{before}<sheetData>{row(1, 1)}</sheetData>{after}</worksheet>'


def _declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>'


WHOLE_PARTS: dict[str, str | bytes] = {
    "prefixed names": f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>'
    "</x:sheetData></x:worksheet>",
    "prefixes of other vocabularies": f'<worksheet xmlns="{MAIN}" xmlns:o="urn:o"><sheetData><row r="1" o:dy="0.2">'
    '<o:c r="B1"><o:v>9</o:v></o:c><!-- --><c r="A1"><v>1</v></c></row></sheetData></worksheet>',
    "strict": _part(STRICT),
    "UTF-16": _part(declaration=_declared("UTF-16")).encode("utf-16"),
    "Latin-1": _part(declaration=_declared("iso-8859-1"), after="<!-- \xfc -->").encode("latin-1"),
    "a byte order mark": b"\xef\xbb\xbf" + _part().encode(),
    "a dimension that lies": _part(before='<dimension ref="A7"/>'),
    "a dimension of row 0": _part(before='<dimension ref="A0:B3"/>'),
}


@pytest.mark.parametrize("xml", WHOLE_PARTS.values(), ids=WHOLE_PARTS)
def test_part_is_read(xml: str | bytes, tmp_path: Path) -> None:
    assert texts(content(RawWorkbook([RawSheet("", xml=xml)]).data(), tmp_path)) == {"A1": "1"}


def test_document_type_is_refused(tmp_path: Path) -> None:
    bomb = f'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    with pytest.raises(ReadProblem) as raised:
        content(RawWorkbook([RawSheet("", xml=bomb)]).data(), tmp_path)
    assert raised.value.code == "corrupt_file"


def test_hidden_rows_and_merges_are_told(tmp_path: Path) -> None:
    data = raw(
        row(1, "a") + row(2, "b", attributes=' hidden="1"'),
        after='<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>',
    )
    found = content(data, tmp_path)
    assert [r.hidden for r in found.rows] == [False, True]
    assert [(m.first_row, m.last_row, m.first_column, m.last_column) for m in found.merges] == [(1, 2, 1, 2)]


def test_kinds_and_states_of_sheets(tmp_path: Path) -> None:
    sheets = [
        RawSheet("", "Chart", kind="chartsheet"),
        RawSheet("", "A &amp; B", state="veryHidden"),
        RawSheet(row(1, "x"), "List"),
    ]
    path = tmp_path / "upload"
    path.write_bytes(RawWorkbook(sheets).data())
    found = read(path, Limits()).sheets
    assert [(s.holds_cells, s.visible) for s in found] == [(False, True), (True, False), (True, True)]


PACKAGES: dict[str, RawWorkbook] = {
    "strict relations": RawWorkbook(
        [RawSheet(row(1, 1))],
        main="http://purl.oclc.org/ooxml/spreadsheetml/main",
        relations="http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
    "no content types": RawWorkbook([RawSheet(row(1, 1))], parts={"[Content_Types].xml": None}),
    "no relations of the package": RawWorkbook([RawSheet(row(1, 1))], parts={"_rels/.rels": None}),
    "backslashes in names": RawWorkbook(
        [RawSheet("")],
        parts={"xl/worksheets/sheet1.xml": None, "xl\\worksheets\\sheet1.xml": RawSheet(row(1, 1)).part()},
    ),
    "another case in names": RawWorkbook(
        [RawSheet("")], parts={"xl/worksheets/sheet1.xml": None, "xl/worksheets/Sheet1.xml": RawSheet(row(1, 1)).part()}
    ),
}


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_package_is_read(package: RawWorkbook, tmp_path: Path) -> None:
    assert texts(content(package.data(), tmp_path)) == {"A1": "1"}


def test_macros_make_an_xlsm(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(RawWorkbook([RawSheet(row(1, 1))], parts={"xl/vbaProject.bin": b"x"}).data())
    assert read(path, Limits()).format == "xlsm"


def test_openpyxl_reads_the_same_out_of_what_it_wrote(tmp_path: Path) -> None:
    """The peer: what openpyxl writes and reads without complaint, we read alike."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    given: list[list[str | float | bool | None]] = [
        ["EAN", "Name", "Qty"],
        [5901234123457, "Tür & <Tor>", 1.5],
        ["0012", None, -3],
        [True, " x ", 1e20],
    ]
    for line in given:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    ours = {(r.number, c): cell.text for r in content(out.getvalue(), tmp_path).rows for c, cell in r.cells.items()}
    peer = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    theirs = {
        (cell.row, cell.column): str(cell.value).upper() if isinstance(cell.value, bool) else _shown(cell.value)
        for line in peer.worksheets[0].iter_rows()
        for cell in line
        if cell.value is not None
    }
    assert ours == theirs


def _shown(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
