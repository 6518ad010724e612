"""csv and tsv: text in, one sheet out. Row numbers are those that Excel shows for the same file."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.uploads.model import Cell, SheetContent, SheetRow, Workbook
from service.uploads.problems import ReadProblem
from service.uploads.reading.encoding import decoded

DELIMITERS: Final = (";", ",", "\t", "|")
_SEP_LINE: Final = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_AS_FORMULA: Final = re.compile(r'="((?:[^"]|"")*)"')  # ="0123": how programs make Excel keep a text
_SAMPLE_LINES: Final = 200
MAX_COLUMNS: Final = 16_384
MAX_ROWS: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class TextSheet:
    """The one sheet of a text file; see `Sheet`."""

    text: str
    delimiter: str
    name: None = None
    visible: bool = True
    holds_cells: bool = True

    def load(self) -> SheetContent:
        """Return the rows that hold something. Raises ReadProblem."""
        return SheetContent(tuple(_rows(self.text, self.delimiter)))


def open_delimited(data: bytes) -> Workbook:
    """Return the workbook of a text file. Raises ReadProblem."""
    text = decoded(data).removesuffix("\x1a")  # end of file, as DOS programs write it
    if (m := _SEP_LINE.match(text)) is not None:
        # Excel takes this line as an order, not as a row: the next one is row 1.
        text, delimiter = text[m.end() :], m[1]
    else:
        delimiter = find_delimiter(text)
    if not text.strip("".join(DELIMITERS) + ' "\r\n'):
        text = ""  # blanks between delimiters, which need not even agree
    return Workbook("tsv" if delimiter == "\t" else "csv", (TextSheet(text, delimiter),))


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
        lines = _lines(text)
        for number, fields in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
            cells = {column: cell for column, field in enumerate(fields, start=1) if (cell := _cell(field)) is not None}
            if number > MAX_ROWS or (cells and max(cells) > MAX_COLUMNS):
                detail = f"The file has more than {MAX_ROWS:,} rows or {MAX_COLUMNS:,} columns"
                raise ReadProblem("too_many_rows", detail, limit=MAX_ROWS)
            if cells:
                yield SheetRow(number, cells)
    except csv.Error as error:
        raise ReadProblem("corrupt_file", f"The text is no table ({error})") from None
    finally:
        csv.field_size_limit(previous)


def _lines(text: str) -> Iterator[str]:
    r"""Yield lines that end where CSV ends them, at \n, \r\n or \r: str.splitlines also splits at form feeds and U+2028."""
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
    return Cell("bare", field)
