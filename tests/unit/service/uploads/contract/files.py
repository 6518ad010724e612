"""Files as people have them, in few words: values in, the bytes of a workbook out, as other programs write them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.workbooks import raw as raw_workbook

NO_VALUE = "=1+1"  # openpyxl writes a formula without its stored value


File = Callable[[], bytes]  # built when its case runs, not when the tests are collected


@dataclass(frozen=True)
class As:
    """A value with a number format."""

    format: str
    value: object


@dataclass(frozen=True)
class Tab:
    """A sheet of a workbook."""

    rows: Sequence[Sequence[object]]
    name: str = "Sheet1"
    state: Literal["visible", "hidden", "veryHidden"] = "visible"
    hidden: Sequence[int] = ()
    merged: Sequence[str] = ()


def book(*tabs: Tab) -> File:
    """Return an xlsx of these sheets."""

    def build() -> bytes:
        workbook = Workbook()
        workbook.remove(workbook.worksheets[0])
        for tab in tabs:
            _fill(workbook.create_sheet(tab.name), tab)
        return _saved(workbook)

    return build


def table(*rows: Sequence[object], hidden: Sequence[int] = (), merged: Sequence[str] = ()) -> File:
    """Return an xlsx of one sheet. None is an empty cell, an empty tuple an empty row."""
    return book(Tab(rows, hidden=hidden, merged=merged))


def column(header: str, *values: object) -> File:
    """Return an xlsx of one column."""
    return table((header,), *((value,) for value in values))


def row(**cells: object) -> File:
    """Return an xlsx of one row under these headers."""
    return table(tuple(cells), tuple(cells.values()))


def csv(*lines: str, encoding: str = "utf-8", ends: str = "\r\n") -> File:
    """Return a text file of these lines."""
    return lambda: ends.join((*lines, "")).encode(encoding)


def raw(rows: str, **parts: str) -> File:
    """Return an xlsx of one sheet with this XML as its rows."""
    return lambda: raw_workbook(rows, **parts)


def with_check_digit(digits: str) -> str:
    """Return the digits and their check digit (GS1 General Specifications 7.9.1), counted here once more."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def _fill(sheet: Worksheet, tab: Tab) -> None:
    for number, values in enumerate(tab.rows, start=1):
        for place, value in enumerate(values, start=1):
            if value is None:
                continue
            cell = sheet.cell(number, place)
            cell.value = value.value if isinstance(value, As) else value  # type: ignore[assignment]
            if isinstance(value, As):
                cell.number_format = value.format
    for hidden in tab.hidden:
        sheet.row_dimensions[hidden].hidden = True
    for merged in tab.merged:
        sheet.merge_cells(merged)
    sheet.sheet_state = tab.state


def _saved(workbook: Workbook) -> bytes:
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()
