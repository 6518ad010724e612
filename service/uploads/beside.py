"""The XML of a worksheet and texts for its rows in, the same XML with those texts in three columns beside its cells out.

Every other byte stays as it is. Pure.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

from service.uploads.model import letter, number_of

HEADINGS: Final = ("Status", "Problem", "Suggestion")
WIDTHS: Final = (10, 60, 24)  # of their columns, in characters
Marks = Mapping[int, tuple[str, str, str]]

_LAST_COLUMN: Final = 16_384
_TAG: Final = re.compile(r"<row(\s[^>]*?)?\s*(/?)>|</row\s*>")
_NUMBER: Final = re.compile(r'\sr="(\d{1,7})"')
_SPANS: Final = re.compile(r'\sspans="[^"]*"')
_CELL: Final = re.compile(r'<c [^>]*?r="([A-Z]{1,3})\d+"')
_MERGE: Final = re.compile(r'<mergeCell\s[^>]*?ref="[A-Z]{1,3}(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_COLUMNS: Final = re.compile(r"<cols\s*>(.*?)</cols\s*>", re.S)
_COLUMN: Final = re.compile(r"<col\s[^>]*?/>")
_MIN, _MAX = (re.compile(rf'(?<=\s{name}=")\d{{1,5}}(?=")') for name in ("min", "max"))
_DIMENSION: Final = re.compile(r"<dimension\s[^>]*?/>")
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CELL_CHARACTERS: Final = 32_767  # what Excel takes


def with_cells(xml: str, marks: Marks) -> str | None:
    """Return the sheet with our cells at the end of each marked row; None: there are no columns left."""
    start, end = xml.find("<sheetData"), xml.rfind("</sheetData")
    last = max(_last_cell(xml), _last_merged(xml[end:], sorted(marks)))
    if last + len(HEADINGS) > _LAST_COLUMN:
        return None
    # The dimension is optional, and wrong from now on.
    head = _with_widths(_DIMENSION.sub("", xml[:start]), last + 1)
    return head + "".join(_marked_rows(xml[start:end], marks, last + 1)) + xml[end:]


def written(text: str) -> str:
    """Return what a workbook can hold of a text."""
    return _NOT_IN_XML.sub("\ufffd", text)[:_CELL_CHARACTERS]


def _last_cell(xml: str) -> int:
    return max((number_of(letters) for letters in set(_CELL.findall(xml))), default=0)


def _last_merged(xml: str, rows: Sequence[int]) -> int:
    """Return the last column that is merged in one of these rows: in there nothing of ours would be seen."""
    last = 0
    for first_row, column, last_row in _MERGE.findall(xml):
        place = bisect_left(rows, int(first_row))
        if place < len(rows) and rows[place] <= int(last_row):
            last = max(last, number_of(column))
    return last


def _with_widths(head: str, first: int) -> str:
    """Return what stands before the rows, with our columns wide enough to be read and not hidden."""
    ours = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(WIDTHS, first)
    )
    if (given := _COLUMNS.search(head)) is None:
        return f"{head}<cols>{ours}</cols>"
    before, after = "", ""
    for column in _COLUMN.findall(given[1]):
        least, most = _MIN.search(column), _MAX.search(column)
        if least is None or most is None:
            return head
        if int(least[0]) < first:
            before += _MAX.sub(str(min(int(most[0]), first - 1)), column)
        if int(most[0]) >= first + len(WIDTHS):
            after += _MIN.sub(str(max(int(least[0]), first + len(WIDTHS))), column)
    return f"{head[: given.start()]}<cols>{before}{ours}{after}</cols>{head[given.end() :]}"


def _marked_rows(data: str, marks: Marks, column: int) -> Iterable[str]:
    number = done = 0
    for tag in _TAG.finditer(data):
        if tag[0].startswith("</"):
            yield data[done : tag.start()]
            yield _cells(marks.get(number), number, column)
            done = tag.start()
            continue
        stated = _NUMBER.search(tag[1] or "")
        number = int(stated[1]) if stated else number + 1
        if number in marks:
            yield data[done : tag.start()]
            yield f"<row{_SPANS.sub('', tag[1] or '')}>"  # spans is a hint, and wrong from now on
            if tag[2]:
                yield _cells(marks[number], number, column) + "</row>"
            done = tag.end()
    yield data[done:]


def _cells(texts: tuple[str, str, str] | None, row: int, column: int) -> str:
    return "".join(
        f'<c r="{letter(column + n)}{row}" t="inlineStr"><is><t xml:space="preserve">{_xml(text)}</t></is></c>'
        for n, text in enumerate(texts or ())
        if text
    )


def _xml(text: str) -> str:
    return escape(_LIKE_ESCAPE.sub("_x005F_", written(text)))
