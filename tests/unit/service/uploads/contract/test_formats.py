"""Section 1 and 3: formats told by content, and the ways of a CSV."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import xlwt  # type: ignore[import-untyped]
from odf.element import Element  # type: ignore[import-untyped]
from odf.number import CurrencyStyle, EmbeddedText, Number, NumberStyle, Text  # type: ignore[import-untyped]
from odf.opendocument import OpenDocumentSpreadsheet  # type: ignore[import-untyped]
from odf.style import Style  # type: ignore[import-untyped]
from odf.table import Table, TableCell, TableRow  # type: ignore[import-untyped]
from odf.text import P  # type: ignore[import-untyped]

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import File, csv

EAN, EAN2 = "5901234123457", "4006381333931"
UPC_NUMBER = "36000291452"
OK = [f"A2 ean13 {EAN}"]
LINES = ("EAN;Name;Qty", f"{EAN};Größe Ł;2")
READ = [f"A2 ean13 {EAN} x2", "~ 2 Größe Ł|"]


def xls(*rows: tuple[object, ...], hidden: int | None = None, format: str = "General") -> File:
    """Return a workbook of Excel 97."""

    def build() -> bytes:
        book = xlwt.Workbook()
        sheet = book.add_sheet("List")
        style = xlwt.easyxf(num_format_str=format)
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                sheet.write(y, x, value, style)
        if hidden:
            sheet.row(hidden - 1).hidden = True
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    return build


def ods(*rows: tuple[object, ...]) -> File:
    """Return a spreadsheet of OpenDocument: numbers are numbers."""

    def build() -> bytes:
        document = OpenDocumentSpreadsheet()
        sheet = Table(name="List")
        for row in rows:
            line = TableRow()
            for value in row:
                line.addElement(_cell(value))
            sheet.addElement(line)
        document.spreadsheet.addElement(sheet)
        out = BytesIO()
        document.write(out)
        return out.getvalue()

    return build


def formatted_ods(pattern: Callable[[], Element], header: str, value: float) -> File:
    """Return an ods of one number in a format, beside a code."""

    def build() -> bytes:
        document = OpenDocumentSpreadsheet()
        document.automaticstyles.addElement(pattern())
        document.automaticstyles.addElement(Style(name="ce1", family="table-cell", datastylename="N1"))
        sheet = Table(name="List")
        for cells in (
            (_cell("SKU"), _cell(header)),
            (_cell("A"), TableCell(valuetype="float", value=value, stylename="ce1")),
        ):
            line = TableRow()
            for cell in cells:
                line.addElement(cell)
            sheet.addElement(line)
        document.spreadsheet.addElement(sheet)
        out = BytesIO()
        document.write(out)
        return out.getvalue()

    return build


def _zeros() -> Element:
    style = NumberStyle(name="N1")
    style.addElement(Number(decimalplaces=0, minintegerdigits=12))
    return style


def _zeros_in_groups() -> Element:
    style = NumberStyle(name="N1")
    number = Number(decimalplaces=0, minintegerdigits=12)
    number.addElement(EmbeddedText(position=6, text="-"))
    style.addElement(number)
    return style


def _zeros_behind_a_word() -> Element:
    style = NumberStyle(name="N1")
    style.addElement(Text(text="No. "))
    style.addElement(Number(decimalplaces=0, minintegerdigits=12))
    return style


def _money() -> Element:
    style = CurrencyStyle(name="N1")
    style.addElement(Number(decimalplaces=2, minintegerdigits=1, grouping="true"))
    style.addElement(Text(text=" €"))
    return style


def _cell(value: object) -> TableCell:
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=value)
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=value))
    return cell


FORMATS: dict[str, Case] = {
    "xls": (
        xls(("EAN", "Name", "Qty"), (EAN, "Größe Ł", 2.0)),
        ["@ xls List 1 code=A:EAN name=B:Name quantity=C:Qty", *READ],
    ),
    "xls, a number": (xls(("EAN", "Qty"), (5901234123457, 2)), [f"A2 ean13 {EAN} x2"]),
    "xls, a format of zeros": (
        xls(("UPC",), (36000291452,), format="000000000000"),
        [f"A2 upca {UPC_NUMBER}>0{UPC_NUMBER} leading_zeros_restored"],
    ),
    "xls, a hidden row": (xls(("EAN",), (EAN,), (EAN2,), hidden=3), [f"A2 ean13 {EAN}", f"A3 - {EAN2} x0 hidden_row"]),
    "xls, a boolean and a formula": (
        xls(("SKU",), (True,), (xlwt.Formula("1+1"),), ("A",)),
        ["A2 error TRUE boolean_value", "A3 error a formula formula_without_value", "A4 code128 A"],
    ),
    "ods": (
        ods(("EAN", "Name", "Qty"), (EAN, "Größe Ł", 2)),
        ["@ ods List 1 code=A:EAN name=B:Name quantity=C:Qty", *READ],
    ),
    "ods, a number": (ods(("EAN",), (5901234123457,)), OK),
    "ods, a number that lost its zeros": (
        ods(("UPC",), (36000291452,)),
        [f"A2 upca {UPC_NUMBER}>0{UPC_NUMBER} leading_zeros_restored"],
    ),
    "ods, a format of zeros": (
        formatted_ods(_zeros, "UPC", 36000291452),
        [f"B2 upca {UPC_NUMBER}>0{UPC_NUMBER} leading_zeros_restored"],
    ),
    "ods, zeros in groups are no format of only zeros": (
        formatted_ods(_zeros_in_groups, "EAN", 12345),
        ["B2 error 12345 wrong_length"],
    ),
    "ods, zeros behind a word neither": (
        formatted_ods(_zeros_behind_a_word, "EAN", 12345),
        ["B2 error 12345 wrong_length"],
    ),
    "ods, a price of money": (formatted_ods(_money, "Price", 2.5), ["A2 code128 A", "~ 2 |2.50"]),
    "csv in UTF-8": (csv(*LINES), ["@ csv None 1 code=A:EAN name=B:Name quantity=C:Qty", *READ]),
    "with a byte order mark": (
        csv(*LINES, encoding="utf-8-sig"),
        ["@ csv None 1 code=A:EAN name=B:Name quantity=C:Qty", *READ],
    ),
    "in UTF-16": (csv(*LINES, encoding="utf-16"), READ),
    "in UTF-16, big end first": (lambda: b"\xfe\xff" + csv(*LINES)().decode().encode("utf-16-be"), READ),
    "in Windows-1250": (
        csv("EAN;Nazwa", f"{EAN};Żółta herbata, świeża", encoding="cp1250"),
        [*OK, "~ 2 Żółta herbata, świeża|"],
    ),
    "in Windows-1250, told by its header alone": (
        csv("Kod kreskowy;Ilość", f"{EAN};2", encoding="cp1250"),
        ["@ csv None 1 code=A:Kod kreskowy quantity=B:Ilość", f"A2 ean13 {EAN} x2"],
    ),
    "in Windows-1250, told by the language of its header": (
        csv("EAN;Nazwa", f"{EAN};Świeca", encoding="cp1250"),
        [*OK, "~ 2 Świeca|"],
    ),
    "in Windows-1252, told by its header alone": (
        csv("Référence;Quantité", "A;2", encoding="cp1252"),
        ["@ csv None 1 code=A:Référence quantity=B:Quantité", "A2 code128 A x2"],
    ),
    "in Windows-1252, with signs that are letters elsewhere": (
        csv("EAN;Name", f"{EAN};½ kg, 5 £, 2 m²", f"{EAN2};Størrelse ¼", encoding="cp1252"),
        [*OK, f"A3 ean13 {EAN2}", "~ 2 ½ kg, 5 £, 2 m²|", "~ 3 Størrelse ¼|"],
    ),
    "in Windows-1254, which its header proves": (
        csv("Barkod;Ürün Adı", f"{EAN};Çay, şekerli", encoding="cp1254"),
        ["@ csv None 1 code=A:Barkod name=B:Ürün Adı", *OK, "~ 2 Çay, şekerli|"],
    ),
    "in Windows-1251": (
        csv("Штрихкод;Название", f"{EAN};Чай чёрный", encoding="cp1251"),
        ["@ csv None 1 code=A:Штрихкод name=B:Название", *OK, "~ 2 Чай чёрный|"],
    ),
    "in Windows-1252": (csv("EAN;Désignation", f"{EAN};Thé vert", encoding="cp1252"), [*OK, "~ 2 Thé vert|"]),
    "of commas": (csv("EAN,Name", f'{EAN},"Tea, green"'), [*OK, "~ 2 Tea, green|"]),
    "of bars": (csv("EAN|Name", f"{EAN}|Tea, green"), ["@ csv None 1 code=A:EAN name=B:Name", *OK, "~ 2 Tea, green|"]),
    "of tabs it is tsv": (
        csv("EAN\tName", f"{EAN}\tTea; green"),
        ["@ tsv None 1 code=A:EAN name=B:Name", *OK, "~ 2 Tea; green|"],
    ),
    "with a sep= line": (csv("sep=;", "EAN;Name", f"{EAN};Tea"), [*OK, "~ 2 Tea|"]),
    "with a sep= line of another sign": (csv("sep=,", "EAN,Name", f"{EAN},Tea;x"), [*OK, "~ 2 Tea;x|"]),
    "with a quoted line break": (
        csv("EAN;Name", f'{EAN};"Tea\r\ngreen"', f"{EAN2};Coffee"),
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN2}"],
    ),
    "with doubled quotes": (csv("EAN;Name", f'{EAN};"Tea ""green"""'), [*OK, '~ 2 Tea "green"|']),
    "with lines of Unix": (csv(*LINES, ends="\n"), READ),
    "with lines of old Macs": (csv(*LINES, ends="\r"), READ),
    "with empty lines, which count as rows": (csv("", "EAN;Name", "", f"{EAN};Tea"), [f"A4 ean13 {EAN}"]),
    "with lines that are too short or too long": (
        csv("EAN;Name;Qty", f"{EAN}", f"{EAN2};Tea;2;x;y"),
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN2} x2"],
    ),
    "with a title block": (csv("Our list;;", ";;", "EAN;Name;Qty", f"{EAN};Tea;2"), [f"A4 ean13 {EAN} x2"]),
    "with decimal commas among semicolons": (
        csv("EAN;Price", f"{EAN};2,50", f"{EAN2};3,10"),
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN2}", "~ 2 |2,50", "~ 3 |3,10"],
    ),
    'with ="0123"': (csv("SKU;Name", '="0123";Tea'), ["A2 code128 0123"]),
    'with "=""0123"""': (csv("SKU;Name", '"=""0123""";Tea'), ["A2 code128 0123"]),
    'with ="0123" among commas': (csv("SKU,Name", '="0123",Tea'), ["A2 code128 0123"]),
    "with an apostrophe in front": (csv("SKU;Name", "'0123;'Tea"), ["A2 code128 0123", "~ 2 Tea|"]),
    "with an apostrophe inside": (csv("SKU;Name", "A'1;Tea"), ["A2 code128 A'1"]),
    "with zeros in front": (csv("SKU;Name", "0123;Tea"), ["A2 code128 0123"]),
    "with TRUE and dates, which are text": (
        csv("SKU;Name", "TRUE;Tea", "24.11.2026;x"),
        ["A2 code128 TRUE", "A3 code128 24.11.2026"],
    ),
    "with an error, which is one": (csv("SKU;Name", "#N/A;Tea", "A;x"), ["A2 error #N/A error_value", "A3 code128 A"]),
    "with a formula, which is text": (csv("SKU;Name", "=1+1;Tea"), ["A2 code128 =1+1"]),
    "of one column with a header": (csv("EAN", EAN), OK),
}
REFUSED: dict[str, Case] = {
    "a web page": (lambda: b"<html><body><table><tr><td>EAN</td></tr></table></body></html>", ["! not_a_spreadsheet"]),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", ["! not_a_spreadsheet"]),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), ["! not_a_spreadsheet"]),
    "bytes": (lambda: bytes(range(256)) * 8, ["! not_a_spreadsheet"]),
    "JSON": (lambda: b'{"ean": "5901234123457"}', ["! not_a_spreadsheet"]),
    "a ZIP of something else": (lambda: _zip({"readme.txt": "x"}), ["! not_a_spreadsheet"]),
    "a Word document": (
        lambda: _zip({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}),
        ["! not_a_spreadsheet"],
    ),
    "an ODS text document": (
        lambda: _zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
        ["! not_a_spreadsheet"],
    ),
    "half a workbook": (lambda: _half(xls(("EAN",), (EAN,))), ["! corrupt_file"]),
}


def _zip(parts: dict[str, str]) -> bytes:
    import zipfile

    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def _half(build: Callable[[], bytes]) -> bytes:
    whole = build()
    return whole[: len(whole) // 2]


@pytest.mark.parametrize("case", FORMATS.values(), ids=FORMATS)
def test_formats(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_no_spreadsheet(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
