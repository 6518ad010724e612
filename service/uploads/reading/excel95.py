"""xls of Excel 5 and 95: bytes in, a Workbook out, through calamine. Number formats and hidden rows are not told there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from service.uploads.model import Cell, SheetContent, SheetRow, Workbook
from service.uploads.problems import ReadProblem
from service.uploads.reading.values import number_cell, text_cell

_Stored = int | float | str | bool | time | date | datetime | timedelta


@dataclass(frozen=True, slots=True)
class Excel95Sheet:
    """A tab; see `Sheet`."""

    name: str
    visible: bool
    holds_cells: bool
    workbook: CalamineWorkbook

    def load(self) -> SheetContent:
        """Return what is in it. Raises ReadProblem."""
        try:
            rows = self.workbook.get_sheet_by_name(self.name).to_python(skip_empty_area=False)
        except (CalamineError, ValueError) as error:
            raise _broken(error) from None
        numbered = ((number, _cells(row)) for number, row in enumerate(rows, start=1))
        return SheetContent(tuple(SheetRow(number, cells) for number, cells in numbered if cells))


def open_excel95(data: bytes) -> Workbook:
    """Return the workbook. Raises ReadProblem."""
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
    except (CalamineError, ValueError, OSError) as error:
        raise _broken(error) from None
    sheets = tuple(
        Excel95Sheet(
            sheet.name, sheet.visible == SheetVisibleEnum.Visible, sheet.typ == SheetTypeEnum.WorkSheet, workbook
        )
        for sheet in workbook.sheets_metadata
    )
    return Workbook("xls", sheets)


def _cells(row: Iterable[_Stored]) -> dict[int, Cell]:
    return {column: cell for column, stored in enumerate(row, start=1) if (cell := _cell(stored)) is not None}


def _cell(stored: _Stored) -> Cell | None:
    if isinstance(stored, str):
        return text_cell(stored)
    if isinstance(stored, bool):
        return Cell("boolean", "TRUE" if stored else "FALSE")
    if isinstance(stored, int | float):
        return number_cell(repr(stored))
    return Cell("date", str(stored))


def _broken(error: Exception) -> ReadProblem:
    return ReadProblem("corrupt_file", f"The workbook cannot be opened ({error})")
