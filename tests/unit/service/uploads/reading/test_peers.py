"""Where our reader, calamine and openpyxl disagree about a workbook, cell by cell: only where listed, with the reason."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from service.uploads.limits import Limits
from service.uploads.model import letter
from service.uploads.reading import read

CORPUS = Path(__file__).parents[4] / "corpus" / "workbooks"
CALAMINE: dict[str, tuple[str, str | None, str]] = {
    "A7": ("#DIV/0!", None, "calamine tells errors as empty texts (python-calamine #105)"),
}


def ours(path: Path) -> dict[str, str]:
    sheet = next(sheet for sheet in read(path, Limits()).sheets if sheet.name == "Liste")
    return {
        f"{letter(column)}{row.number}": cell.text for row in sheet.load().rows for column, cell in row.cells.items()
    }


def shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def differences(mine: dict[str, str], theirs: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    cells = mine.keys() | theirs.keys()
    return {cell: (mine.get(cell), theirs.get(cell)) for cell in cells if mine.get(cell) != theirs.get(cell)}


@pytest.mark.parametrize("name", ["libreoffice.xlsx", "libreoffice-97.xls", "libreoffice.ods"])
def test_calamine_differs_where_it_is_listed_only(name: str) -> None:
    lines = CalamineWorkbook.from_path(str(CORPUS / name)).get_sheet_by_name("Liste").to_python(skip_empty_area=False)
    theirs = {
        f"{letter(column)}{number}": shown(value)
        for number, line in enumerate(lines, start=1)
        for column, value in enumerate(line, start=1)
        if value != ""
    }
    assert differences(ours(CORPUS / name), theirs) == {cell: (a, b) for cell, (a, b, _) in CALAMINE.items()}


def test_openpyxl_differs_nowhere() -> None:
    path = CORPUS / "libreoffice.xlsx"
    sheet = openpyxl.load_workbook(path, data_only=True)["Liste"]
    theirs = {
        cell.coordinate: shown(cell.value) for line in sheet.iter_rows() for cell in line if cell.value is not None
    }
    assert differences(ours(path), theirs) == {}
