"""ods: an archive in, a Workbook out. One walk over content.xml; repeated rows and cells are counted, not copied."""

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from service.uploads.limits import Limits
from service.uploads.meter import Meter
from service.uploads.model import Cell, Merge, SheetContent, SheetRow, Workbook
from service.uploads.problems import ReadProblem, too_many_rows
from service.uploads.reading.archive import Archive
from service.uploads.reading.formats import PLAIN, NumberFormat
from service.uploads.reading.markup import walk
from service.uploads.reading.values import MAX_CHARACTERS, number_cell, text_cell

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
MAX_CELLS: Final = 3_000_000

_PATTERNS: Final = ("number:number-style", "number:currency-style")
_NAMESPACES: Final = {
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0": "style",
    "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0": "number",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
}
_CELLS: Final = frozenset({"table:table-cell", "table:covered-table-cell"})
# A note or a drawing in a cell has paragraphs of its own, which are not the cell's.
_ASIDE: Final = frozenset({"office:annotation", "draw:frame", "draw:custom-shape"})


@dataclass(slots=True)
class OdsSheet:
    """A table of the document; see `Sheet`. Filled while the document is walked."""

    name: str
    visible: bool
    rows: list[SheetRow] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    holds_cells: bool = True
    too_long: ReadProblem | None = None

    def load(self) -> SheetContent:
        """Return what is in it. Raises ReadProblem: it has far too many rows."""
        if self.too_long is not None:
            raise self.too_long
        return SheetContent(tuple(self.rows), tuple(self.merges))


@dataclass(slots=True)
class _OpenCell:
    attributes: dict[str, str]
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    paragraphs: int = 0

    def begin_paragraph(self) -> None:
        if self.paragraphs:
            self.add("\n")
        self.paragraphs += 1

    def add(self, text: str) -> None:
        if self.length <= MAX_CHARACTERS:  # beyond it is too long, however long
            self.pieces.append(text)
            self.length += len(text)


def open_ods(archive: Archive) -> Workbook:
    """Return the workbook. Raises ReadProblem."""
    styles = _Styles()
    if "styles.xml" in archive:
        walk(archive.read("styles.xml"), "styles.xml", styles.start, styles.end, styles.text)
    document = _Document(styles, archive.limits)
    walk(archive.read("content.xml"), "content.xml", document.start, document.end, document.text)
    return Workbook("ods", tuple(document.sheets))


@lru_cache(maxsize=1_000)
def _name(qualified: str) -> str:
    namespace, _, local = qualified.rpartition("}")
    return f"{_NAMESPACES.get(namespace, 'draw' if namespace.endswith('drawing:1.0') else '?')}:{local}"


class _Styles:
    """Which cell styles pad with zeros or show decimals, which table styles hide a sheet (OpenDocument 1.3 part 3, 16.29)."""

    def __init__(self) -> None:
        self._formats: dict[str, NumberFormat] = {}  # by data style
        self._data_style: dict[str, str] = {}  # by cell style
        self._parent: dict[str, str] = {}
        self._current = ""
        self._pattern = ""
        self._has_signs = False
        self.hidden: set[str] = set()

    def format_of(self, style: str) -> NumberFormat:
        for _ in range(10):
            if style in self._data_style or style not in self._parent:
                break
            style = self._parent[style]
        return self._formats.get(self._data_style.get(style, ""), PLAIN)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _name(tag)
        if name in ("style:style", *_PATTERNS):
            self._begin(name, {_name(key): value for key, value in attributes.items()})
        elif name == "style:table-properties":
            if {_name(key): value for key, value in attributes.items()}.get("table:display") == "false":
                self.hidden.add(self._current)
        elif name == "number:number" and self._pattern:
            self._number({_name(key): value for key, value in attributes.items()})
        elif name in ("number:text", "number:embedded-text"):
            self._has_signs = True

    def end(self, tag: str) -> None:
        if _name(tag) not in _PATTERNS:
            return
        if self._has_signs and self._pattern in self._formats:  # zeros among other signs are no format of only zeros
            self._formats[self._pattern] = self._formats[self._pattern]._replace(zeros=0)
        self._pattern = ""

    def text(self, text: str) -> None:
        pass

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._current = attributes.get("style:name", "")
        if name in _PATTERNS:
            self._pattern, self._has_signs = self._current, False
            return
        if data_style := attributes.get("style:data-style-name"):
            self._data_style[self._current] = data_style
        if parent := attributes.get("style:parent-style-name"):
            self._parent[self._current] = parent

    def _number(self, attributes: dict[str, str]) -> None:
        digits = attributes.get("number:min-integer-digits", "0")
        places = attributes.get("number:min-decimal-places", attributes.get("number:decimal-places", "0"))
        shown = int(places) if places.isdecimal() and len(places) < 3 else 0
        plain = attributes.get("number:decimal-places", "0") == "0" and attributes.get("number:grouping") != "true"
        padded = plain and digits.isdecimal() and len(digits) < 4 and 1 < int(digits) <= 100
        self._formats[self._pattern] = NumberFormat(zeros=int(digits) if padded else 0, decimals=shown)


class _Document:
    """Collects the sheets of content.xml while it is walked."""

    def __init__(self, styles: _Styles, limits: Limits) -> None:
        self.sheets: list[OdsSheet] = []
        self._limits = limits
        self._styles = styles
        self._meter = Meter()
        self._columns: tuple[list[int], list[str]] = ([], [])  # up to which column, default cell style
        self._row: dict[int, Cell] = {}
        self._row_attributes: dict[str, str] = {}
        self._number = self._column = self._stored = self._aside = self._depth = 0
        self._cell: _OpenCell | None = None
        self._in_paragraph = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _name(tag)
        self._styles.start(tag, attributes)
        if self._aside or (self._cell is not None and name in _ASIDE):
            self._aside += 1
        elif name in _CELLS:
            self._cell = _OpenCell({_name(key): value for key, value in attributes.items()})
        elif self._cell is not None:
            self._inside_cell(name, attributes)
        elif name == "table:table-row":
            self._row, self._column = {}, 0
            self._row_attributes = {_name(key): value for key, value in attributes.items()}
        elif name == "table:table-column":
            self._column_style({_name(key): value for key, value in attributes.items()})
        elif name == "table:table":
            self._table({_name(key): value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        name = _name(tag)
        self._styles.end(tag)
        if self._aside:
            self._aside -= 1
        elif name in _CELLS and self._cell is not None:
            self._close_cell(name, self._cell)
            self._cell = None
        elif name in ("text:p", "text:h") and self._cell is not None:
            self._in_paragraph -= 1
        elif name == "table:table-row" and self.sheets:
            self._close_row()

    def text(self, text: str) -> None:
        if self._cell is not None and self._in_paragraph and not self._aside:
            self._cell.add(text)

    def _inside_cell(self, name: str, attributes: dict[str, str]) -> None:
        assert self._cell is not None
        if name in ("text:p", "text:h"):
            self._cell.begin_paragraph()
            self._in_paragraph += 1
        elif self._in_paragraph and name in ("text:s", "text:tab", "text:line-break"):
            count = {_name(key): value for key, value in attributes.items()}.get("text:c", "1")
            blank = {"text:s": " ", "text:tab": "\t", "text:line-break": "\n"}[name]
            self._cell.add(blank * min(_count(count), 1_000))

    def _table(self, attributes: dict[str, str]) -> None:
        visible = attributes.get("table:style-name", "") not in self._styles.hidden
        self.sheets.append(OdsSheet(attributes.get("table:name", ""), visible))
        self._columns, self._number = ([], []), 0

    def _column_style(self, attributes: dict[str, str]) -> None:
        ends, styles = self._columns
        count = _count(attributes.get("table:number-columns-repeated", "1"))
        ends.append((ends[-1] if ends else 0) + count)
        styles.append(attributes.get("table:default-cell-style-name", ""))

    def _close_cell(self, name: str, cell: _OpenCell) -> None:
        count = _count(cell.attributes.get("table:number-columns-repeated", "1"))
        first = self._column + 1
        self._column += count
        found = self._value(cell, first) if name == "table:table-cell" else None
        self._note_merge(cell.attributes, first)
        if found is None:
            return
        if self._column > LAST_COLUMN:
            raise _too_many("cells", LAST_COLUMN)
        self._row.update(dict.fromkeys(range(first, self._column + 1), found))

    def _note_merge(self, attributes: dict[str, str], column: int) -> None:
        rows = _count(attributes.get("table:number-rows-spanned", "1"))
        columns = _count(attributes.get("table:number-columns-spanned", "1"))
        if rows > 1 or columns > 1:
            first = self._number + 1
            self.sheets[-1].merges.append(Merge(first, first + rows - 1, column, column + columns - 1))

    def _close_row(self) -> None:
        count = _count(self._row_attributes.get("table:number-rows-repeated", "1"))
        first = self._number + 1
        self._number += count
        if not self._row:
            return
        if self._number > LAST_ROW:
            raise _too_many("rows", LAST_ROW)
        self._meter.at(self._number)
        sheet = self.sheets[-1]
        if len(sheet.rows) + count > self._limits.filled_rows:
            sheet.too_long = too_many_rows(self._limits)  # of a sheet that may not be the one that is wanted
            sheet.rows.clear()
        if sheet.too_long is not None:
            return
        self._stored += len(self._row) * count
        if self._stored > MAX_CELLS:
            raise _too_many("cells", MAX_CELLS)
        hidden = self._row_attributes.get("table:visibility", "visible") in ("collapse", "filter")
        sheet.rows += [SheetRow(number, self._row, hidden) for number in range(first, self._number + 1)]

    def _value(self, cell: _OpenCell, column: int) -> Cell | None:
        attributes = cell.attributes
        kind = attributes.get("office:value-type") or ""
        text = "".join(cell.pieces)
        if attributes.get("calcext:value-type") == "error":
            return Cell("error", text or "an error")
        if kind in ("float", "percentage", "currency"):
            style = attributes.get("table:style-name") or self._default_style(column)
            return number_cell(attributes.get("office:value", text), self._styles.format_of(style))
        if kind in ("date", "time"):
            return Cell("date", attributes.get(f"office:{kind}-value", text))
        if kind == "boolean":
            return Cell("boolean", attributes.get("office:boolean-value", text).upper())
        if "table:formula" in attributes and not kind:
            return Cell("formula", attributes["table:formula"])
        return text_cell(attributes.get("office:string-value", text) if kind == "string" else text)

    def _default_style(self, column: int) -> str:
        ends, styles = self._columns
        place = bisect_left(ends, column)
        return styles[place] if place < len(styles) else ""


def _too_many(what: str, limit: int) -> ReadProblem:
    return ReadProblem("expands_too_much", f"The document repeats {what} beyond what a sheet can hold", limit=limit)


def _count(text: str) -> int:
    """Return how often something is repeated; what is no number is once."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 20 else 1
