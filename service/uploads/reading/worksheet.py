"""A worksheet of xlsx: its XML in plain shape, rows of cells out. Rows and cells may stand in any order."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.uploads.limits import Limits
from service.uploads.meter import passing
from service.uploads.model import Cell, Merge, SheetContent, SheetRow, letter, number_of
from service.uploads.problems import ReadProblem, too_many_rows
from service.uploads.reading.formats import PLAIN, NumberFormat
from service.uploads.reading.markup import unescape, unescape_string
from service.uploads.reading.values import number_cell, text_cell

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

# The form that Excel, LibreOffice, openpyxl and most others write. Where it does not fit each cell of a row,
# _CELL reads that row: any attributes in any order.
_USUAL_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})(\d+)"(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|>(?:'
    r'(?:<v>([^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)</c>|(.*?)</c>))',
    re.DOTALL,
)
_CELL: Final = re.compile(r"<c(\s[^>]*?)?\s*(?:/>|>(.*?)</c\s*>)", re.DOTALL)
_ROW: Final = re.compile(r"<row(\s[^>]*?)?\s*(/?)>")
_ATTRIBUTE: Final = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_USUAL_ROW: Final = re.compile(r'</row>\s*<row r="([0-9]{1,7})"([^>h]*)>(?=<c)')
_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,10})")
_VALUE: Final = re.compile(r"<v(?:\s[^>]*)?>([^<]*)</v\s*>")
_FORMULA: Final = re.compile(r"<f(?:\s[^>]*?)?(?:/>|>([^<]*)</f\s*>)")
_PHONETIC: Final = re.compile(r"<rPh\b.*?</rPh\s*>", re.DOTALL)
_TEXT: Final = re.compile(r"<t(?:\s[^>]*?)?(?:/>|>([^<]*)</t\s*>)")
_MERGE: Final = re.compile(r"""<mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")


@dataclass(frozen=True, slots=True)
class Context:
    """What cells refer to: shared strings by index, number formats by style."""

    strings: Sequence[Cell | None]
    styles: Sequence[NumberFormat]
    since_1904: bool = False


def read_worksheet(xml: str, context: Context, limits: Limits) -> SheetContent:
    """Return the rows that hold something, in order. Raises ReadProblem: they have none, or there are far too many."""
    merges = tuple(Merge(int(r1), int(r2), number_of(c1), number_of(c2)) for c1, r1, c2, r2 in _MERGE.findall(xml))
    read = _reader(context)
    rows: dict[int, SheetRow] = {}
    seen: set[int] = set()
    for number, hidden, inner in passing(_rows(xml)):
        if number in seen:
            raise ReadProblem("corrupt_file", f"Row {number} is there twice")
        seen.add(number)
        if inner and (cells := _cells(inner, number, read)):
            rows[number] = SheetRow(number, cells, hidden)
            if len(rows) > limits.filled_rows:
                raise too_many_rows(limits)
    return SheetContent(tuple(rows[number] for number in sorted(rows)), merges)


def shared_strings(xml: str) -> list[Cell | None]:
    """Return the shared strings; rich text is joined, phonetic runs are left out."""
    pieces = xml.split("<si")[1:]
    return [text_cell(_string(piece)) for piece in pieces]


def _string(xml: str) -> str:
    if "<rPh" in xml:
        xml = _PHONETIC.sub("", xml)
    return unescape_string(unescape("".join(_TEXT.findall(xml))))


def _rows(xml: str) -> Iterator[tuple[int, bool, str]]:
    """Yield number, hidden and cells of each row; one without a number follows the one before it."""
    number = 0
    for piece in _pieces(xml):
        if (usual := _USUAL_ROW.match(piece)) is not None:
            number = _row_number(usual[1], number)
            yield number, False, piece[usual.end() :]
            continue
        for tag in _ROW.finditer(piece):
            attributes = _attributes(tag[1] or "")
            number = _row_number(attributes.get("r"), number)
            yield number, _is_hidden(attributes), "" if tag[2] else piece[tag.end() :]


def _pieces(xml: str) -> Iterator[str]:
    """Yield what stands before each end of a row; slices, because a copy of all of them takes what a child has."""
    start, last = xml.find("<sheetData"), xml.rfind("</sheetData")
    while 0 <= start < last:
        end = xml.find("</row", start + 1, last)
        yield xml[start : end if end > 0 else last]
        start = end


def _attributes(tag: str) -> dict[str, str]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(tag)}


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
    if len(found) != inner.count("<c"):
        found = list(_unusual_cells(inner, row))
    here = str(row)
    cells: dict[int, Cell | None] = {}
    for letters, at_row, style, kind, value, text, rest in found:
        if at_row != here:
            raise ReadProblem("corrupt_file", f"Row {row} holds the cell {letters}{at_row}")
        cell = _inline(kind, text) if text else read(style, kind, value, rest)
        cells[_COLUMNS.get(letters) or _column(letters)] = cell
    if len(cells) != len(found):
        raise ReadProblem("corrupt_file", f"A cell of row {row} is there twice")
    return {column: cell for column, cell in cells.items() if cell is not None}


def _unusual_cells(inner: str, row: int) -> Iterator[tuple[str, str, str, str, str, str, str]]:
    """Yield what _USUAL_CELL finds, for cells written otherwise. One without a reference follows the one before it."""
    column = 0
    for tag, content in _CELL.findall(inner):
        attributes = _attributes(tag)
        if (stated := attributes.get("r")) is None:
            column += 1
            reference = (letter(column), str(row))
        elif (m := _REFERENCE.fullmatch(stated)) is not None:
            reference = (m[1].upper(), m[2])
            column = number_of(reference[0])
        else:
            raise ReadProblem("corrupt_file", f"Row {row} holds a cell at {stated[:20]}, which is no place")
        yield (*reference, attributes.get("s", ""), attributes.get("t", ""), "", "", content)


_COLUMNS: dict[str, int] = {}


def _column(letters: str) -> int:
    column = number_of(letters)
    if column > LAST_COLUMN:
        raise ReadProblem("corrupt_file", f"Column {letters} is none that a sheet can have", limit=LAST_COLUMN)
    _COLUMNS[letters] = column  # at most 16,384 of them
    return column


def _reader(context: Context) -> _Read:
    """Return the function that makes a cell of its style, type, plain value, and whatever else stands in it."""
    strings, since_1904 = context.strings, context.since_1904
    formats = {"": PLAIN, **{str(n): style for n, style in enumerate(context.styles)}}

    def read(style: str, kind: str, value: str, rest: str) -> Cell | None:
        if not rest and value:
            if kind == "s":
                return _shared(strings, value)
            if kind in ("", "n"):
                return number_cell(value, formats.get(style, PLAIN), since_1904)
        return _seldom(style, kind, value, rest)

    def _seldom(style: str, kind: str, value: str, rest: str) -> Cell | None:
        if rest:
            formula, stored, text = _inside(rest, kind)
            if kind == "inlineStr":
                return text_cell(text)
            if formula and not stored and (stored is None or kind != "str"):
                return Cell("formula", formula)  # an empty value of type "str" is a formula that shows ""
            value = stored or ""
        if not value:
            return None
        if kind in ("", "n"):
            return number_cell(value.strip(), formats.get(style, PLAIN), since_1904)
        return _shared(strings, value) if kind == "s" else _typed(kind, value)

    return read


def _inline(kind: str, text: str) -> Cell | None:
    """Return the cell of an inline string without formatting; `<is>` in a cell of another type is no value of it."""
    return text_cell(unescape_string(unescape(text))) if kind == "inlineStr" else None


def _inside(rest: str, kind: str) -> tuple[str, str | None, str]:
    """Return formula, value (None: there is none) and inline text of a cell that holds more than a value."""
    formula = _FORMULA.search(rest)
    value = _VALUE.search(rest)
    text = _string(rest) if kind == "inlineStr" else ""
    shown = "=" + unescape(formula[1] or "") if formula else ""
    return shown, value[1] if value else None, text


def _shared(strings: Sequence[Cell | None], value: str) -> Cell | None:
    try:
        if value.isascii() and (index := int(value)) >= 0:
            return strings[index]
    except (ValueError, IndexError):
        pass
    return Cell("error", f"no shared string {value.strip()[:20]}")


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
