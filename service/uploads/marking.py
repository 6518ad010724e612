"""errors.xlsx: the person's own file and its verdicts in, the same workbook with three more columns out.

An xlsx keeps every byte that is not ours: cells are added to the XML of the one sheet. Other formats, and XML that is
written in no usual way, are written anew from what was read. Values never become formulas (CWE-1236).
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from openpyxl import Workbook as Book
from openpyxl.cell import Cell as OpenpyxlCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from service.uploads.beside import HEADINGS, WIDTHS, Marks, with_cells, written
from service.uploads.limits import Limits
from service.uploads.model import Cell, Checked, Row, Sheet, Workbook, letter
from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.reading import read
from service.uploads.reading.archive import Archive, open_archive
from service.uploads.reading.markup import is_plain
from service.uploads.reading.ooxml import OoxmlSheet

_NARROWEST: Final = 9
_MACROS: Final = re.compile(r"<(?:Relationship|Override|Default)\s[^>]*?vba[^>]*?/>", re.IGNORECASE)


def mark(path: Path, checked: Checked, limits: Limits) -> bytes:
    """Return the workbook with Status, Problem and Suggestion beside each row. Raises ReadProblem."""
    marks = marks_of(checked)
    workbook = read(path, limits)
    sheet = next((sheet for sheet in workbook.sheets if sheet.name == checked.sheet and sheet.holds_cells), None)
    if isinstance(sheet, OoxmlSheet):
        data = path.read_bytes()
        part = open_archive(io.BytesIO(data), limits).read(sheet.part)
        if is_plain(part, sheet.part) and (marked := with_cells(part.decode("utf-8"), marks)) is not None:
            return _repacked(open_archive(io.BytesIO(data), limits), sheet.part, marked)
    return _rewritten(workbook, sheet, marks)


def state_problem(code: str, detail: str) -> bytes:
    """Return a workbook of one sheet that states why nothing could be read, and the remedy."""
    kind = PROBLEMS[code]
    lines = (("Problem", kind.title), ("Detail", detail), ("Remedy", kind.remedy), ("Code", code))
    return _saved({"Problem": [[Cell("text", name), Cell("text", text)] for name, text in lines]})


def marks_of(checked: Checked) -> Marks:
    """Return the three texts of each row by its number, headings included."""
    marks = {row.row: _texts(row) for row in checked.rows}
    if checked.header_row is not None:
        marks[checked.header_row] = HEADINGS
    return marks


def _texts(row: Row) -> tuple[str, str, str]:
    problems = "; ".join(problem.detail for problem in row.problems)
    suggestions = "; ".join(problem.suggestion for problem in row.problems if problem.suggestion)
    return row.status, problems, suggestions


def _repacked(archive: Archive, part: str, xml: str) -> bytes:
    """Return the archive with that part replaced, and without macros: the answer is an .xlsx."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in archive.files():
            plain = name.replace("\\", "/").lstrip("/")
            if "vba" in plain.lower():
                continue
            if plain.lower() == part.lower():
                package.writestr(plain, xml)
            else:
                package.writestr(plain, _without_macros(plain, archive.read(name)))
    return out.getvalue()


def _without_macros(name: str, data: bytes) -> bytes:
    if not name.endswith((".rels", "[Content_Types].xml")):
        return data
    text = data.decode("utf-8", "surrogateescape")
    text = _MACROS.sub("", text).replace(
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    )
    return text.encode("utf-8", "surrogateescape")


def _rewritten(workbook: Workbook, marked: Sheet | None, marks: Marks) -> bytes:
    """Return a new workbook with the cells that were read."""
    sheets = {}
    for number, sheet in enumerate(workbook.sheets, start=1):
        if sheet.holds_cells:
            name = _title(sheet.name or "List", number)
            try:
                sheets[name] = _grid(sheet, marks if sheet is marked else {})
            except ReadProblem:
                if sheet is marked:
                    raise
    return _saved(sheets)


def _title(name: str, number: int) -> str:
    """Return a name that Excel takes; "(2)" and on keep those apart that were cut."""
    cleaned = re.sub(r"[\\/*?:\[\]]", " ", written(name))[:25].strip("' ") or "Sheet"
    return cleaned if number == 1 else f"{cleaned} ({number})"


def _grid(sheet: Sheet, marks: Marks) -> list[list[Cell | None]]:
    content = sheet.load()
    width = max((max(row.cells) for row in content.rows), default=0)
    grid: list[list[Cell | None]] = []
    for row in content.rows:
        if row.number - len(grid) > 10_000:
            break  # far below everything else: not worth a million empty rows
        grid += [[]] * (row.number - len(grid) - 1)
        cells = [row.cells.get(column) for column in range(1, max(row.cells) + 1)]
        texts = marks.get(row.number, ())
        beside = [Cell("text", text) if text else None for text in texts]
        grid.append([*cells, *[None] * (width - len(cells) if texts else 0), *beside])
    return grid


def _saved(sheets: Mapping[str, list[list[Cell | None]]] | Mapping[str, list[list[Cell]]]) -> bytes:
    book = Book(write_only=True)
    for name, grid in sheets.items():
        sheet = book.create_sheet(name)
        assert isinstance(sheet, WriteOnlyWorksheet)
        for column, width in enumerate(_widths(grid), start=1):
            sheet.column_dimensions[letter(column)].width = width  # type: ignore[attr-defined]  # it has, the stubs do not
        for line in grid:
            sheet.append([_cell(sheet, cell) for cell in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _widths(grid: Sequence[Sequence[Cell | None]]) -> list[int]:
    """Return how wide each column is, in characters; texts longer than a problem are cut off by the next cell."""
    widths: list[int] = []
    for line in grid:
        widths += [_NARROWEST] * (len(line) - len(widths))
        for place, cell in enumerate(line):
            if cell is not None and len(cell.text) >= widths[place]:
                widths[place] = min(len(cell.text) + 1, max(WIDTHS))
    return widths


def _cell(sheet: WriteOnlyWorksheet, cell: Cell | None) -> OpenpyxlCell | None:
    if cell is None:
        return None
    if cell.kind == "number":
        number = WriteOnlyCell(sheet, int(cell.text) if cell.text.isdigit() else float(cell.text))
        number.number_format = _number_format(cell)
        return number
    text = WriteOnlyCell(sheet, written(cell.text))
    text.data_type = "s"  # openpyxl takes "=1+1" for a formula and "#N/A" for an error
    text.number_format = "@"
    return text


def _number_format(cell: Cell) -> str:
    """Return a format that shows the number as its workbook did: with its zeros in front, with its decimals."""
    if cell.decimals:
        return "0." + "0" * cell.decimals
    return "0" * max(cell.zeros, 1) if cell.text.isdigit() else "General"
