"""A worksheet of xlsx: its XML in plain shape, rows of cells out. Rows and cells may stand in any order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from service.uploads.limits import Limits
from service.uploads.meter import Meter
from service.uploads.model import Cell, Merge, SheetContent, SheetRow, letter, number_of
from service.uploads.problems import ReadProblem, too_many_rows
from service.uploads.reading.formats import PLAIN, NumberFormat
from service.uploads.reading.markup import unescape, unescape_string
from service.uploads.reading.shapes import Make, MakerOf, Shape, Shapes
from service.uploads.reading.values import number_maker, text_cell

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

MAX_CELLS: Final = 3_000_000  # 50,000 rows of 60 columns: what a reader's memory holds

# The form that Excel, LibreOffice, openpyxl and most others write. Where it does not fit each cell of a row,
# _CELL reads that row: any attributes in any order. No pattern may look further than the end of its cell, or a
# sheet whose ends are missing costs the square of its size: hence the possessive groups.
_USUAL_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})(\d+)"(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|>(?:'
    r'(?:<v>([^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)</c>|((?:[^<]++|<(?!/?c[\s/>]))*+)</c>))'
)
_CELL: Final = re.compile(r"<c(?=[\s/>])([^>]*)(?:(?<=/)>|(?<!/)>((?:[^<]++|<(?!/c\s*>))*+)</c\s*>)")
_ROW: Final = re.compile(r"<row(?=[\s/>])([^>]*)>")
_ATTRIBUTE: Final = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,10})")
_VALUE: Final = re.compile(r"<v(?:\s[^>]*)?>([^<]*)</v\s*>")
_FORMULA: Final = re.compile(r"<f(?:\s[^>]*?)?(?:/>|>([^<]*)</f\s*>)")
_PHONETIC: Final = re.compile(r"<rPh(?=[\s/>])[^>]*(?:(?<=/)>|(?<!/)>(?:[^<]++|<(?!/rPh))*+</rPh\s*>)")
_TEXT: Final = re.compile(r"<t(?:\s[^>]*?)?(?:/>|>([^<]*)</t\s*>)")
_USUAL_STRING: Final = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_MERGE: Final = re.compile(r"""<mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")

_LOOK_EVERY: Final = 64  # rows: a look at the clock is a twentieth of reading one


@dataclass(frozen=True, slots=True)
class Context:
    """What cells refer to: shared strings by index, number formats by style."""

    strings: Sequence[Cell | None]
    styles: Sequence[NumberFormat]
    since_1904: bool = False


def read_worksheet(xml: str, context: Context, limits: Limits) -> SheetContent:
    """Return the rows that hold something, in order. Raises ReadProblem: they have none, or there are far too many."""
    merges = tuple(Merge(int(r1), int(r2), number_of(c1), number_of(c2)) for c1, r1, c2, r2 in _MERGE.findall(xml))
    reader = _Rows(_makers(context), limits)
    start, last = xml.find("<sheetData"), xml.rfind("</sheetData")
    if 0 <= start < last:
        reader.read(xml, xml.find(">", start) + 1, last)
    rows = reader.rows
    return SheetContent(tuple(row for number in sorted(rows) if (row := rows[number]) is not None), merges)


def shared_strings(xml: str) -> list[Cell | None]:
    """Return the shared strings; rich text is joined, phonetic runs are left out."""
    plain = _USUAL_STRING.findall(xml)
    if len(plain) == xml.count("<si"):
        return [text_cell(unescape_string(unescape(text))) for text in plain]
    pieces = xml.split("<si")[1:]
    return [text_cell(_string(piece)) for piece in pieces]


def _string(xml: str) -> str:
    if "<rPh" in xml:
        xml = _PHONETIC.sub("", xml)
    return unescape_string(unescape("".join(_TEXT.findall(xml))))


class _Rows:
    """The rows of one sheet, collected while it is read; None: a row that is there and holds nothing."""

    def __init__(self, maker_of: MakerOf, limits: Limits) -> None:
        self.rows: dict[int, SheetRow | None] = {}
        self._maker_of = maker_of
        self._limits = limits
        self._number = 0  # of the row before: one that does not state its own follows it
        self._filled = self._stored = 0
        self._meter = Meter()

    def read(self, xml: str, place: int, last: int) -> None:
        shapes = Shapes(self._maker_of)
        while place < last:
            if (known := shapes.find(xml, place)) is not None:
                place = self._alike(xml, *known)
            elif (tag := _ROW.search(xml, place, last)) is not None:
                place, inner = _inner(xml, tag, last)
                self._one(_attributes(tag[1]), inner)
                shapes.learn(xml[tag.start() : place])
            else:
                break
        self._meter.end(self._filled)

    def _one(self, attributes: dict[str, str], inner: str) -> None:
        number = _row_number(attributes.get("r"), self._number)
        self._add(number, _is_hidden(attributes), _cells(inner, number, self._maker_of) if inner else {})

    def _alike(self, xml: str, shape: Shape, first: re.Match[str]) -> int:
        """Take the rows of one shape that follow each other. Return where the last of them ends."""
        match, stated, attributes, columns, makers = shape
        hidden = _is_hidden(attributes)
        m: re.Match[str] | None = first
        while m is not None:
            values = m.groups()
            number = int(values[0]) if stated else self._number + 1
            made = [make(value) for make, value in zip(makers, values[1:] if stated else values, strict=True)]
            cells = {column: cell for column, cell in zip(columns, made, strict=True) if cell is not None}
            self._add(number, hidden, cells)
            place = m.end()
            m = match(xml, place)
        return place

    def _add(self, number: int, hidden: bool, cells: dict[int, Cell]) -> None:
        if number in self.rows:
            raise ReadProblem("corrupt_file", f"Row {number} is there twice")
        if not 1 <= number <= LAST_ROW:
            raise _no_row(number)
        self._number = number
        if not cells:
            self.rows[number] = None
            return
        self.rows[number] = SheetRow(number, cells, hidden)
        self._filled += 1
        if not self._filled % _LOOK_EVERY:
            self._meter.at(self._filled)
        self._stored += len(cells)
        if self._filled > self._limits.filled_rows:
            raise too_many_rows(self._limits)
        if self._stored > MAX_CELLS:
            raise ReadProblem("expands_too_much", f"The sheet has more than {MAX_CELLS:,} cells", limit=MAX_CELLS)


def _inner(xml: str, tag: re.Match[str], last: int) -> tuple[int, str]:
    """Return where a row ends, and what is in it."""
    if tag[1].endswith("/"):
        return tag.end(), ""
    close = xml.find("</row", tag.end(), last)
    end = close if close > 0 else last
    return xml.find(">", end) + 1, xml[tag.end() : end]


def _attributes(tag: str) -> dict[str, str]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(tag)}


def _row_number(stated: str | None, previous: int) -> int:
    number = previous + 1 if stated is None else int(stated) if stated.isdigit() and len(stated) < 11 else 0
    if not 1 <= number <= LAST_ROW:
        raise _no_row(stated or number)
    return number


def _no_row(stated: str | int) -> ReadProblem:
    return ReadProblem("corrupt_file", f"Row {str(stated)[:20]} is none that a sheet can have", limit=LAST_ROW)


def _is_hidden(attributes: dict[str, str]) -> bool:
    return attributes.get("hidden") in ("1", "true") or attributes.get("ht") in ("0", "0.0")


def _cells(inner: str, row: int, maker_of: MakerOf) -> dict[int, Cell]:
    found = _USUAL_CELL.findall(inner)
    if len(found) != inner.count("<c"):
        found = list(_unusual_cells(inner, row))
    here = str(row)
    cells: dict[int, Cell | None] = {}
    for letters, at_row, style, kind, value, text, rest in found:
        if at_row != here:
            raise ReadProblem("corrupt_file", f"Row {row} holds the cell {letters}{at_row}")
        if rest:
            cell = _of_more(rest, style, kind, maker_of)
        elif text:
            cell = maker_of(style, kind)(text) if kind == "inlineStr" else None  # in another type it is no value
        else:
            cell = maker_of(style, kind)(value) if value and kind != "inlineStr" else None
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


def _makers(context: Context) -> MakerOf:
    """Return what finds the function that makes a cell of its value, by style and type."""
    formats = {str(n): style for n, style in enumerate(context.styles)}
    strings = context.strings
    known: dict[tuple[str, str], Make] = {}

    def maker_of(style: str, kind: str) -> Make:
        if (make := known.get((style, kind))) is None:
            make = known[style, kind] = _maker(kind, formats.get(style, PLAIN), context.since_1904, strings)
        return make

    return maker_of


def _maker(kind: str, style: NumberFormat, since_1904: bool, strings: Sequence[Cell | None]) -> Make:
    match kind:
        case "" | "n":
            return number_maker(style, since_1904)
        case "s":
            return partial(_shared, strings)
        case "str" | "inlineStr":
            return _text
    return partial(_typed, kind)


def _of_more(rest: str, style: str, kind: str, maker_of: MakerOf) -> Cell | None:
    """Return the cell that holds more than a value: a formula, or text with formatting."""
    formula, stored, text = _inside(rest, kind)
    if kind == "inlineStr":
        return text_cell(text)
    if formula and not stored and (stored is None or kind != "str"):
        return Cell("formula", formula)  # an empty value of type "str" is a formula that shows ""
    return maker_of(style, kind)(stored) if stored else None


def _text(value: str) -> Cell | None:
    return text_cell(unescape_string(unescape(value)))


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
        case "b":
            return Cell("boolean", "TRUE" if value.strip() in ("1", "true") else "FALSE")
        case "e":
            return Cell("error", unescape(value).strip())
        case "d":
            return Cell("date", unescape(value).strip())
    return Cell("error", f"unknown type {kind[:20]}")
