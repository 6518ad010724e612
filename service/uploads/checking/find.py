"""The table in a workbook: which sheet, which row is the header, which columns count (UPLOADS.md section 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from service.uploads.checking.columns import Mapped, map_columns, only_texts_of, positions, texts_of
from service.uploads.checking.headers import RANKS as CODE_RANKS
from service.uploads.checking.headers import CodeKind, kind_of
from service.uploads.checking.texts import holds, is_blank, is_digits
from service.uploads.limits import Limits
from service.uploads.model import Field, Merge, Sheet, SheetContent, SheetRow, Workbook, rows_after
from service.uploads.options import UploadOptions
from service.uploads.problems import ReadProblem, too_many_rows

HEADER_ROWS: Final = 30  # a header further down is not looked for
# What another sheet may do better; where none does, the first of these is the answer.
_ON_THIS_SHEET: Final = ("no_data_rows", "unknown_column", "header_not_found")


@dataclass(frozen=True, slots=True)
class Table:
    """Where the codes are, and the rows that are not blank."""

    sheet: str | None
    header: SheetRow | None
    columns: dict[Field, Mapped]
    rows: tuple[SheetRow, ...]
    merges: tuple[Merge, ...]

    @property
    def code_kind(self) -> CodeKind:
        """What the header of the code column says its values are."""
        return self.columns["code"].code_kind


def find_table(workbook: Workbook, options: UploadOptions, limits: Limits) -> Table:
    """Return the first table with a header and rows, else the codes of a sheet without one.

    Raises ReadProblem, which says what there was instead.
    """
    failed: list[ReadProblem] = []
    headless: list[tuple[Sheet, SheetContent]] = []
    for sheet in _eligible(workbook, options):
        content = _loaded(sheet)
        try:
            if (header := _header(content.rows, options)) is not None:
                return _table(sheet, content, header, options, limits)
        except ReadProblem as problem:
            if problem.code not in _ON_THIS_SHEET:
                raise
            failed.append(problem)
            continue
        if any(holds(cell) for row in content.rows for cell in row.cells.values()):
            headless.append((sheet, content))
    if failed:
        raise min(failed, key=lambda problem: _ON_THIS_SHEET.index(problem.code))
    if not headless:
        raise ReadProblem("no_data_rows", "No visible sheet holds anything")
    if options.columns:
        return _table(*headless[0], None, options, limits)
    return _without_header(*headless[0], limits)


def _loaded(sheet: Sheet) -> SheetContent:
    try:
        return sheet.load()
    except MemoryError:
        raise ReadProblem("expands_too_much", "The sheet needs more memory than a reader gets") from None


def _eligible(workbook: Workbook, options: UploadOptions) -> Iterable[Sheet]:
    if options.sheet is not None:
        return [_named(workbook.sheets, options.sheet)]
    visible = [sheet for sheet in workbook.sheets if sheet.visible and sheet.holds_cells]
    if not visible:
        raise ReadProblem("no_worksheet", "No sheet with cells is visible")
    return visible


def _named(sheets: Sequence[Sheet], wanted: str | int) -> Sheet:
    """Return the sheet of that name, as Excel compares names, else of that number."""
    name = str(wanted).strip().casefold()
    if isinstance(wanted, str):
        for sheet in sheets:
            if sheet.holds_cells and (sheet.name or "").strip().casefold() == name:
                return sheet
    number = int(name) if is_digits(name) and len(name) < 6 else 0
    if 0 < number <= len(sheets) and sheets[number - 1].holds_cells:
        return sheets[number - 1]
    names = [sheet.name for sheet in sheets if sheet.name is not None]
    raise ReadProblem(
        "unknown_sheet", f"There is no sheet {wanted!r}; there are: {', '.join(names[:50])}", expected=names[:50]
    )


def _header(rows: Sequence[SheetRow], options: UploadOptions) -> SheetRow | None:
    """Return the header row: the one named, the one with all texts of `columns`, or the one with most known names."""
    if options.header_row is not None:
        if (row := next((row for row in rows if row.number == options.header_row), None)) is None:
            raise ReadProblem("header_not_found", f"Row {options.header_row} is empty, it cannot be the header")
        return row
    first = [row for row in rows if row.number <= HEADER_ROWS]
    if only_texts := only_texts_of(options.columns, _width(rows)):
        holding = _holding(first, texts_of(options.columns)) or _holding(first, only_texts)
        if holding is None and rows:
            raise ReadProblem(
                "unknown_column", f"No row among the first {HEADER_ROWS} holds {', '.join(map(repr, only_texts))}"
            )
        return holding
    named = max((row for row in first if _names_code(row, options)), key=_known_names, default=None)
    # "B" or "2" may well be a value of the list: it is a header text in the header row, or else in the very first row.
    return named or _holding(first[:1], texts_of(options.columns))


def _width(rows: Sequence[SheetRow]) -> int:
    return max((max(row.cells) for row in rows), default=0)


def _holding(rows: Sequence[SheetRow], texts: list[str]) -> SheetRow | None:
    return next((row for row in rows if texts and positions(row, texts, all_of_them=True)), None)


def _known_names(row: SheetRow) -> int:
    return sum(kind_of(cell.text) is not None for cell in row.cells.values() if cell.kind in ("text", "bare"))


def _names_code(row: SheetRow, options: UploadOptions) -> bool:
    kinds = {kind_of(cell.text) for cell in row.cells.values() if cell.kind in ("text", "bare")}
    if kinds & CODE_RANKS.keys():
        return True
    if "code" not in options.columns or kinds <= {None}:
        return False
    # The code column is named by its place: a heading above it, unknown to us, beside names that we know.
    place = positions(row, [options.columns["code"]], all_of_them=False)
    cell = row.cells.get(place[0]) if place else None
    return cell is not None and cell.kind in ("text", "bare") and not any(ch.isdigit() for ch in cell.text)


def _table(
    sheet: Sheet, content: SheetContent, header: SheetRow | None, options: UploadOptions, limits: Limits
) -> Table:
    below = tuple(rows_after(content.rows, header.number)) if header else content.rows
    columns = map_columns(header, below, _width(content.rows), options)
    return _filled(sheet.name, header, columns, below, content.merges, limits)


def _without_header(sheet: Sheet, content: SheetContent, limits: Limits) -> Table:
    """Return a single column of codes as a table. Its first cell is a heading if it alone has no digit."""
    filled = {column for row in content.rows for column, cell in row.cells.items() if holds(cell)}
    if len(filled) != 1:
        raise ReadProblem("header_not_found", f"None of the first {HEADER_ROWS} rows names a column of codes")
    column = filled.pop()
    first, *others = [row for row in content.rows if not is_blank(row, [column])]
    heading = not _has_digit(first, column) and all(_has_digit(row, column) for row in others)
    header = first if heading else None
    mapped: dict[Field, Mapped] = {"code": Mapped(column, first.cells[column].text if heading else None, "neutral")}
    return _filled(sheet.name, header, mapped, others if heading else content.rows, content.merges, limits)


def _has_digit(row: SheetRow, column: int) -> bool:
    return any(ch.isdigit() for ch in row.cells[column].text)


def _filled(
    sheet: str | None,
    header: SheetRow | None,
    columns: dict[Field, Mapped],
    rows: Iterable[SheetRow],
    merges: tuple[Merge, ...],
    limits: Limits,
) -> Table:
    mapped = [column.number for column in columns.values()]
    kept = tuple(_only(row, mapped) for row in rows if not is_blank(row, mapped))
    if not kept:
        where = f"Below the header in row {header.number}" if header else "In these columns"
        raise ReadProblem("no_data_rows", f"{where} nothing is filled in")
    if len(kept) > limits.rows:
        raise too_many_rows(limits, len(kept))
    touching = tuple(merge for merge in merges if merge.first_column <= columns["code"].number <= merge.last_column)
    return Table(sheet, header, columns, kept, touching)


def _only(row: SheetRow, columns: Sequence[int]) -> SheetRow:
    """Return the row without what nobody asked for: tables go from one process to another."""
    return SheetRow(row.number, {column: row.cells[column] for column in columns if column in row.cells}, row.hidden)
