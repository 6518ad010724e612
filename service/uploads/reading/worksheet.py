"""A worksheet of xlsx: its XML in plain shape, rows of cells out. Rows and cells may stand in any order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from service.uploads.limits import Limits
from service.uploads.meter import Meter
from service.uploads.model import Cell, Merge, SheetContent, SheetRow, letter, number_of
from service.uploads.problems import ReadProblem, too_many_rows
from service.uploads.reading.cells import Context, MakerOf, makers, of_more
from service.uploads.reading.shapes import Shape, Shapes, is_hidden

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

_LARGE: Final = 30_000_000
_BATCH: Final = 1_000  # rows made at once, and between two words of how far it has come
_new: Final = tuple.__new__
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
_MERGE: Final = re.compile(r"""<mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")


def read_worksheet(xml: str, context: Context, limits: Limits) -> SheetContent:
    """Return the rows that hold something, in order. Raises ReadProblem: they have none, or there are far too many."""
    merges = tuple(Merge(int(r1), int(r2), number_of(c1), number_of(c2)) for c1, r1, c2, r2 in _MERGE.findall(xml))
    if len(xml) > _LARGE and xml.count("<v>") > MAX_CELLS:  # told before they are read
        raise _too_many_cells()
    reader = _Rows(makers(context), limits)
    start, last = xml.find("<sheetData"), xml.rfind("</sheetData")
    if 0 <= start < last:
        reader.read(xml, xml.find(">", start) + 1, last)
    rows = reader.rows
    return SheetContent(tuple(row for number in sorted(rows) if (row := rows[number]) is not None), merges)


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
        cells = _cells(inner, number, self._maker_of) if inner else {}
        self._add_all([number], is_hidden(attributes), [cells])

    def _alike(self, xml: str, shape: Shape, first: re.Match[str]) -> int:
        """Take the rows of one shape that follow each other, column by column. Return where the last of them ends."""
        match, stated, hidden, columns, makers = shape
        found: list[tuple[str, ...]] = []
        m: re.Match[str] | None = first
        while m is not None and len(found) < _BATCH:
            found.append(m.groups())
            place = m.end()
            m = match(xml, place)
        values = list(zip(*found, strict=True))
        numbers = (
            list(map(int, values.pop(0))) if stated else list(range(self._number + 1, self._number + 1 + len(found)))
        )
        made = [make(column) for make, column in zip(makers, values, strict=True)]
        whole = not any(None in column for column in made)
        self._add_all(
            numbers, hidden, _whole(columns, made) if whole and made else _filtered(columns, made, len(found))
        )
        return place

    def _add_all(self, numbers: list[int], hidden: bool, rows: Iterable[dict[int, Cell]]) -> None:
        if len(set(numbers)) < len(numbers) or not self.rows.keys().isdisjoint(numbers):
            twice = next(number for number in numbers if number in self.rows or numbers.count(number) > 1)
            raise ReadProblem("corrupt_file", f"Row {twice} is there twice")
        if min(numbers) < 1 or max(numbers) > LAST_ROW:
            raise _no_row(max(numbers))
        self._number = numbers[-1]
        made = [
            _new(SheetRow, (number, cells, hidden)) if cells else None
            for number, cells in zip(numbers, rows, strict=True)
        ]
        self.rows.update(zip(numbers, made, strict=True))
        self._count(made)

    def _count(self, made: Sequence[SheetRow | None]) -> None:
        filled = [len(row.cells) for row in made if row is not None]
        self._filled += len(filled)
        self._stored += sum(filled)
        self._meter.at(self._filled)
        if self._filled > self._limits.filled_rows:
            raise too_many_rows(self._limits)
        if self._stored > MAX_CELLS:
            raise _too_many_cells()


def _too_many_cells() -> ReadProblem:
    return ReadProblem("expands_too_much", f"The sheet has more than {MAX_CELLS:,} cells", limit=MAX_CELLS)


def _whole(columns: Sequence[int], made: Sequence[Sequence[Cell | None]]) -> Iterator[dict[int, Cell]]:
    """Yield the cells of each row, where every value makes one."""
    for cells in zip(*made, strict=True):
        yield dict(zip(columns, cells))  # noqa: B905  with `strict` it takes a third longer, for each row


def _filtered(columns: Sequence[int], made: Sequence[Sequence[Cell | None]], rows: int) -> Iterator[dict[int, Cell]]:
    """Yield the cells of each row, where some values make none."""
    for cells in zip(*made, strict=True) if made else [()] * rows:
        yield {column: cell for column, cell in zip(columns, cells, strict=True) if cell is not None}


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
            cell = of_more(rest, style, kind, maker_of)
        elif text:
            cell = maker_of(style, kind)([text])[0] if kind == "inlineStr" else None  # in another type it is no value
        else:
            cell = maker_of(style, kind)([value])[0] if value and kind != "inlineStr" else None
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
