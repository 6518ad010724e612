"""A worksheet of xlsx: its XML in plain shape, rows of cells out. Rows and cells may stand in any order."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.uploads.model import Cell, Merge, SheetContent, SheetRow, letter, number_of
from service.uploads.problems import ReadProblem
from service.uploads.reading.formats import PLAIN, NumberFormat
from service.uploads.reading.markup import unescape, unescape_string
from service.uploads.reading.values import number_cell, text_cell

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

# The form that Excel, LibreOffice, openpyxl and most others write. Where it does not fit each cell of a row,
# _CELL reads that row: any attributes in any order.
_USUAL_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})(\d+)"(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|>(?:<v>([^<]*)</v></c>|(.*?)</c>))', re.DOTALL
)
_CELL: Final = re.compile(r"<c(\s[^>]*?)?\s*(?:/>|>(.*?)</c\s*>)", re.DOTALL)
_ROW: Final = re.compile(r"<row(\s[^>]*?)?\s*(/?)>")
_ATTRIBUTE: Final = re.compile(r'([\w:.-]+)="([^"]*)"')
_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,10})")
_VALUE: Final = re.compile(r"<v(?:\s[^>]*)?>([^<]*)</v\s*>")
_FORMULA: Final = re.compile(r"<f(?:\s[^>]*?)?(?:/>|>([^<]*)</f\s*>)")
_PHONETIC: Final = re.compile(r"<rPh\b.*?</rPh\s*>", re.DOTALL)
_TEXT: Final = re.compile(r"<t(?:\s[^>]*?)?(?:/>|>([^<]*)</t\s*>)")
_MERGE: Final = re.compile(r'<mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_SHEET_DATA: Final = re.compile(r"<sheetData(?:\s[^>]*?)?>(.*)</sheetData\s*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Context:
    """What cells refer to: shared strings by index, number formats by style."""

    strings: Sequence[Cell | None]
    styles: Sequence[NumberFormat]
    since_1904: bool = False


def read_worksheet(xml: str, context: Context) -> SheetContent:
    """Return the rows that hold something, in order. Raises ReadProblem where no order can be made of them."""
    merges = tuple(Merge(int(r1), int(r2), number_of(c1), number_of(c2)) for c1, r1, c2, r2 in _MERGE.findall(xml))
    if (data := _SHEET_DATA.search(xml)) is None:
        return SheetContent((), merges)
    read = _reader(context)
    rows: dict[int, SheetRow] = {}
    seen: set[int] = set()
    for number, hidden, inner in _rows(data[1]):
        if number in seen:
            raise ReadProblem("corrupt_file", f"Row {number} is there twice")
        seen.add(number)
        if inner and (cells := _cells(inner, number, read)):
            rows[number] = SheetRow(number, cells, hidden)
    return SheetContent(tuple(rows[number] for number in sorted(rows)), merges)


def shared_strings(xml: str) -> list[Cell | None]:
    """Return the shared strings; rich text is joined, phonetic runs are left out."""
    pieces = xml.split("<si")[1:]
    return [text_cell(_string(piece)) for piece in pieces]


def _string(xml: str) -> str:
    if "<rPh" in xml:
        xml = _PHONETIC.sub("", xml)
    return unescape_string(unescape("".join(_TEXT.findall(xml))))


def _rows(data: str) -> Iterator[tuple[int, bool, str]]:
    """Yield number, hidden and cells of each row; one without a number follows the one before it."""
    number = 0
    for piece in data.split("</row"):
        end = 0
        for tag in _ROW.finditer(piece):
            attributes = dict(_ATTRIBUTE.findall(tag[1] or ""))
            number = _row_number(attributes.get("r"), number)
            end = tag.end()
            if tag[2]:
                yield number, False, ""
            else:
                yield number, _is_hidden(attributes), piece[end:]


def _row_number(stated: str | None, previous: int) -> int:
    number = previous + 1 if stated is None else int(stated) if stated.isdigit() and len(stated) < 11 else 0
    if not 1 <= number <= LAST_ROW:
        raise ReadProblem("corrupt_file", f"Row {stated or number} is none that a sheet can have", limit=LAST_ROW)
    return number


def _is_hidden(attributes: dict[str, str]) -> bool:
    return attributes.get("hidden") in ("1", "true") or attributes.get("ht") in ("0", "0.0")


_Read = Callable[[str, str, str, str], Cell | None]


def _cells(inner: str, row: int, read: _Read) -> dict[int, Cell]:
    found = _USUAL_CELL.findall(inner)
    if len(found) != inner.count("<c ") + inner.count("<c>") + inner.count("<c/"):
        found = list(_unusual_cells(inner, row))
    cells: dict[int, Cell] = {}
    places: set[int] = set()
    for letters, at_row, style, kind, value, rest in found:
        column = _column(letters)
        if column in places or int(at_row) != row:
            raise ReadProblem("corrupt_file", f"Row {row} holds {letters}{at_row} twice or by mistake")
        places.add(column)
        if (cell := read(style, kind, value, rest)) is not None:
            cells[column] = cell
    return cells


def _unusual_cells(inner: str, row: int) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Yield what _USUAL_CELL finds, for cells written otherwise. One without a reference follows the one before it."""
    column = 0
    for tag, content in _CELL.findall(inner):
        attributes = dict(_ATTRIBUTE.findall(tag))
        if (stated := attributes.get("r")) is None:
            column += 1
            reference = (letter(column), str(row))
        elif (m := _REFERENCE.fullmatch(stated)) is not None:
            reference = (m[1].upper(), m[2])
            column = number_of(reference[0])
        else:
            raise ReadProblem("corrupt_file", f"Row {row} holds a cell at {stated[:20]}, which is no place")
        yield (*reference, attributes.get("s", ""), attributes.get("t", ""), "", content)


_COLUMNS: dict[str, int] = {}


def _column(letters: str) -> int:
    if (column := _COLUMNS.get(letters)) is None:
        column = number_of(letters)
        if not 1 <= column <= LAST_COLUMN:
            raise ReadProblem("corrupt_file", f"Column {letters} is none that a sheet can have", limit=LAST_COLUMN)
        _COLUMNS[letters] = column
    return column


def _reader(context: Context) -> _Read:
    """Return the function that makes a cell of its style, type, plain value, and whatever else stands in it."""
    strings, styles, since_1904 = context.strings, context.styles, context.since_1904

    def read(style: str, kind: str, value: str, rest: str) -> Cell | None:
        formula = ""
        if rest:
            formula, value, text = _inside(rest, kind)
            if kind == "inlineStr":
                return text_cell(text)
        if not value and formula and kind != "str":
            return Cell("formula", formula)
        if not value:
            return None
        if kind == "s":
            return _shared(strings, value)
        if kind in ("", "n"):
            place = int(style) if style else 0
            return number_cell(value.strip(), styles[place] if place < len(styles) else PLAIN, since_1904)
        return _typed(kind, value)

    return read


def _inside(rest: str, kind: str) -> tuple[str, str, str]:
    """Return formula, value and inline text of a cell that holds more than a value."""
    formula = _FORMULA.search(rest)
    value = _VALUE.search(rest)
    text = _string(rest) if kind == "inlineStr" else ""
    shown = "=" + unescape(formula[1] or "") if formula else ""
    return shown, value[1] if value else "", text


def _shared(strings: Sequence[Cell | None], value: str) -> Cell | None:
    index = value.strip()
    if index.isascii() and index.isdigit() and len(index) < 11 and int(index) < len(strings):
        return strings[int(index)]
    return Cell("error", f"no shared string {index[:20]}")


def _typed(kind: str, value: str) -> Cell | None:
    match kind:
        case "str" | "inlineStr":
            return text_cell(unescape_string(unescape(value)))
        case "b":
            return Cell("boolean", "TRUE" if value.strip() in ("1", "true") else "FALSE")
        case "e":
            return Cell("error", unescape(value).strip())
        case "d":
            return Cell("date", unescape(value).strip())
    return Cell("error", f"unknown type {kind[:20]}")
