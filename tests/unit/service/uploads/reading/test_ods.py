"""ods: what LibreOffice and others write, and what repeats itself beyond all sheets."""

import io
import zipfile
from pathlib import Path

import pytest
from odf.number import Number, NumberStyle  # type: ignore[import-untyped]
from odf.opendocument import OpenDocumentSpreadsheet  # type: ignore[import-untyped]
from odf.style import Style, TableProperties  # type: ignore[import-untyped]
from odf.table import CoveredTableCell, Table, TableCell, TableRow  # type: ignore[import-untyped]
from odf.text import P  # type: ignore[import-untyped]

from service.uploads.limits import Limits
from service.uploads.problems import ReadProblem
from service.uploads.reading import read
from tests.workbooks import checked_file, codes

EAN = "5901234123457"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {"office": "office", "table": "table", "text": "text", "style": "style", "number": "datastyle"}.items()
) + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'  # fmt: skip


def ods(table: str, styles: str = "") -> bytes:
    """Return a document of one table; `table` is what stands in it."""
    out = io.BytesIO()
    content = (
        f"<office:document-content {NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="List">{table}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
    return out.getvalue()


def text(value: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


def line(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


HEAD = line(text("EAN"), text("Name"))


def test_document_of_odfpy_is_read(tmp_path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    zeros = NumberStyle(name="N1")
    zeros.addElement(Number(decimalplaces=0, minintegerdigits=13))
    padded = Style(name="ce1", family="table-cell", datastylename="N1")
    hidden = Style(name="ta1", family="table")
    hidden.addElement(TableProperties(display="false"))
    for style in (zeros, padded, hidden):
        document.automaticstyles.addElement(style)
    document.spreadsheet.addElement(Table(name="Cover", stylename="ta1"))
    table = Table(name="List")
    document.spreadsheet.addElement(table)

    def add(*cells: TableCell, **attributes: str) -> None:
        row = TableRow(**attributes)
        for cell in cells:
            row.addElement(cell)
        table.addElement(row)

    def written(value: str, **attributes: int) -> TableCell:
        cell = TableCell(valuetype="string", **attributes)
        cell.addElement(P(text=value))
        return cell

    add(written("EAN"), written("Name"))
    add(TableCell(valuetype="float", value=EAN), written("Tea"))
    add(TableCell(valuetype="float", value="123", stylename="ce1"), written("Milk"))
    add(written("4006381333931"), written("Cake"), visibility="filter")
    add(written("96385074", numberrowsspanned=2), written("a"))
    add(CoveredTableCell(), written("b"))
    add(TableCell(valuetype="boolean", booleanvalue="true"), written("c"))
    add(TableCell(valuetype="date", datevalue="2024-03-01"), written("d"))
    add(TableCell(formula="of:=1+1"), written("e"))
    out = io.BytesIO()
    document.write(out)
    found = checked_file(out.getvalue(), tmp_path)
    assert (found.format, found.sheet, found.header_row) == ("ods", "List", 1)
    assert [(row.cell, row.encoded, codes(row)) for row in found.rows] == [
        ("A2", EAN, []),
        ("A3", "0000000000123", ["leading_zeros_restored"]),
        ("A4", None, ["hidden_row"]),
        ("A5", "96385074", ["merged_cell"]),
        ("A6", None, ["empty_code"]),
        ("A7", None, ["boolean_value"]),
        ("A8", None, ["date_value"]),
        ("A9", None, ["formula_without_value"]),
    ]


CELLS: dict[str, tuple[str, list[str], str | None]] = {
    "an error as LibreOffice writes it": (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error">'
        "<text:p>#DIV/0!</text:p></table:table-cell>", ["error_value"], None),
    "a formula with its value": (
        f'<table:table-cell table:formula="of:=A1" office:value-type="float" office:value="{EAN}"/>', [], EAN),
    "a note in the cell is not its text": (
        f'<table:table-cell office:value-type="string"><office:annotation><text:p>check!</text:p></office:annotation>'
        f"<text:p>{EAN}</text:p></table:table-cell>", [], EAN),
    "blanks that are counted": (text('590<text:s text:c="2"/>1234123457'), ["separators_removed"], EAN),
    "parts with a format of their own": (text("590<text:span>1234</text:span>123457"), [], EAN),
    "a time": ('<table:table-cell office:value-type="time" office:time-value="PT12H"/>', ["date_value"], None),
    "a number that is none": ('<table:table-cell office:value-type="float" office:value="12abc"/>', ["error_value"], None),
}  # fmt: skip


@pytest.mark.parametrize(("cell", "expected", "encoded"), CELLS.values(), ids=CELLS)
def test_cell_is_read(cell: str, expected: list[str], encoded: str | None, tmp_path: Path) -> None:
    found = checked_file(ods(HEAD + line(cell, text("Tea"))), tmp_path).rows[0]
    assert (codes(found), found.encoded) == (expected, encoded)


def test_repeated_rows_and_cells_are_counted(tmp_path: Path) -> None:
    blank = '<table:table-cell table:number-columns-repeated="2"/>'
    table = (
        line(blank, text("EAN"))
        + line(attributes='table:number-rows-repeated="5"')
        + line(blank, text(EAN), attributes='table:number-rows-repeated="2"')
        + line(
            '<table:table-cell table:number-columns-repeated="16384"/>',
            attributes='table:number-rows-repeated="1048000"',
        )
    )
    found = checked_file(ods(table), tmp_path)
    assert [row.cell for row in found.rows] == ["C7", "C8"]


BOMBS: dict[str, tuple[str, str]] = {
    "rows beyond the last": (line(text(EAN), attributes='table:number-rows-repeated="4294967295"'), "expands_too_much"),
    "rows up to the last": (line(text(EAN), attributes='table:number-rows-repeated="1000000"'), "too_many_rows"),
    "cells beyond the last": (
        line(text(EAN).replace(" office", ' table:number-columns-repeated="99999999" office')), "expands_too_much"),
    "cells up to the last, in many rows": (
        line(text(EAN).replace(" office", ' table:number-columns-repeated="16000" office')) * 500, "expands_too_much"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "code"), BOMBS.values(), ids=BOMBS)
def test_repetition_without_end_is_refused(rows: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(ReadProblem) as raised:
        checked_file(ods(HEAD + rows), tmp_path)
    assert raised.value.code == code


def test_style_of_a_column_counts_where_a_cell_has_none(tmp_path: Path) -> None:
    styles = (
        '<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="13"/>'
        '</number:number-style><style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
    )
    table = '<table:table-column table:default-cell-style-name="ce1"/>' + HEAD + line(
        '<table:table-cell office:value-type="float" office:value="123"/>'
    )  # fmt: skip
    path = tmp_path / "upload"
    path.write_bytes(ods(table, styles))
    assert read(path, Limits()).sheets[0].load().rows[1].cells[1].zeros == 13
