"""csv and tsv: text in, one sheet out. Row numbers are those that Excel shows for the same file."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from service.uploads.limits import Limits
from service.uploads.meter import passing
from service.uploads.model import Cell, SheetContent, SheetRow, Workbook
from service.uploads.problems import ReadProblem, too_many_rows
from service.uploads.reading.encoding import decoded
from service.uploads.reading.values import MAX_CHARACTERS

DELIMITERS: Final = (";", ",", "\t", "|")
_SEP_LINE: Final = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_AS_FORMULA: Final = re.compile(r'="((?:[^"]++|"")*+)"')  # ="0123": how programs make Excel keep a text
_QUOTED: Final = re.compile(r'"(.*)"', re.DOTALL)
_SAMPLE_LINES: Final = 200
MAX_COLUMNS: Final = 16_384
MAX_ROWS: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class TextSheet:
    """The one sheet of a text file; see `Sheet`."""

    text: str
    delimiter: str
    limits: Limits
    name: None = None
    visible: bool = True
    holds_cells: bool = True

    def load(self) -> SheetContent:
        """Return the rows that hold something. Raises ReadProblem."""
        rows = tuple(islice(passing(_rows(self.text, self.delimiter)), self.limits.filled_rows + 1))
        if len(rows) > self.limits.filled_rows:
            raise too_many_rows(self.limits)
        return SheetContent(rows)


def open_delimited(data: bytes, limits: Limits) -> Workbook:
    """Return the workbook of a text file. Raises ReadProblem."""
    text = decoded(data).removesuffix("\x1a")  # end of file, as DOS programs write it
    if (m := _SEP_LINE.match(text)) is not None:
        # Excel takes this line as an order, not as a row: the next one is row 1.
        text, delimiter = text[m.end() :], m[1]
    else:
        delimiter = find_delimiter(text)
    if not text.strip("".join(DELIMITERS) + ' "\r\n'):
        text = ""  # blanks between delimiters, which need not even agree
    return Workbook("tsv" if delimiter == "\t" else "csv", (TextSheet(text, delimiter, limits),))


def find_delimiter(text: str) -> str:
    """Return the delimiter that cuts most lines into the same number of fields, and the more fields the better."""
    scores = {delimiter: _score(text, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0, 0) else ","


def _score(text: str, delimiter: str) -> tuple[float, int]:
    widths: Counter[int] = Counter()
    for fields in _sampled(text, delimiter):
        if len(fields) > 1 or (fields and fields[0].strip()):
            widths[len(fields)] += 1
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return (0, 0)
    # A table: many lines of one width. Commas within names and prices make widths that vary.
    width, count = max(several.items(), key=lambda item: (item[1], item[0]))
    return (round(count / widths.total(), 1), width)


def _sampled(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = text[:200_000].splitlines(keepends=True)[:_SAMPLE_LINES]
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def _rows(text: str, delimiter: str) -> Iterator[SheetRow]:
    previous = csv.field_size_limit(len(text) + 1)  # a process-wide setting: put back, whoever else may use it
    try:
        for number, fields in enumerate(_records(text, delimiter), start=1):
            cells = {column: cell for column, field in enumerate(fields, start=1) if (cell := _cell(field)) is not None}
            if number > MAX_ROWS or (cells and max(cells) > MAX_COLUMNS):
                raise _no_sheet()
            if cells:
                yield SheetRow(number, cells)
    except csv.Error as error:
        raise ReadProblem("corrupt_file", f"The text is no table ({error})") from None
    finally:
        csv.field_size_limit(previous)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the fields of each record. A quote that is never closed would swallow all rows below it: then none counts."""
    if not _breaks_off(text, delimiter):
        lines = _Lines(text, delimiter)
        for fields in csv.reader(lines, delimiter=delimiter):
            lines.delimiters = 0
            yield fields
        return
    lines = _Lines(text, delimiter)
    for fields in csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE):
        lines.delimiters = 0
        yield [m[1].replace('""', '"') if (m := _QUOTED.fullmatch(field)) else field for field in fields]


def _breaks_off(text: str, delimiter: str) -> bool:
    """Return whether a quote is never closed: there is an odd number of them, and not only within plain fields."""
    if text.count('"') % 2 == 0:
        return False
    lines = _Lines(text, delimiter)
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            lines.delimiters = 0
    except (csv.Error, ReadProblem):
        return True
    return False


def _no_sheet() -> ReadProblem:
    detail = f"The file has more than {MAX_ROWS:,} rows or {MAX_COLUMNS:,} columns"
    return ReadProblem("expands_too_much", detail, limit=MAX_COLUMNS)


class _Lines:
    r"""The lines of a text, which end where CSV ends them, at \n, \r\n or \r: str.splitlines also splits at U+2028.

    Raises ReadProblem before a record of millions of fields is put together. `delimiters` counts those of the record
    that is being read; whoever takes a record sets it back.
    """

    def __init__(self, text: str, delimiter: str) -> None:
        self.delimiters = 0
        self._delimiter = delimiter
        self._lines = _lines(text)

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines):
            self.delimiters += line.count(self._delimiter)
            if self.delimiters > 10 * MAX_COLUMNS or number > MAX_ROWS:
                raise _no_sheet()
            yield line


def _lines(text: str) -> Iterator[str]:
    start = 0
    for m in re.finditer(r"\r\n|\n|\r", text):
        yield text[start : m.end()]
        start = m.end()
    if start < len(text):
        yield text[start:]


def _cell(field: str) -> Cell | None:
    if not field:
        return None
    if field[0] in "='":
        if m := _AS_FORMULA.fullmatch(field.strip()):
            return Cell("text", m[1].replace('""', '"')) if m[1] else None
        if field[0] == "'" and len(field) > 1:
            return Cell("text", field[1:])
    return Cell("bare", field[:MAX_CHARACTERS])
