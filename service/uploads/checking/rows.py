"""One row in, its verdict out: every fault it has, and what is drawn for it."""

from dataclasses import dataclass

from service.symbology import SYMBOLOGIES, SymbologyName, normalise_name
from service.uploads.checking.choose import automatic, column_holds_gtins, explicit
from service.uploads.checking.faults import fault
from service.uploads.checking.find import Table
from service.uploads.checking.headers import GTIN_KINDS, is_total, key
from service.uploads.checking.merges import Merges
from service.uploads.checking.quantity import quantity
from service.uploads.checking.texts import trimmed
from service.uploads.checking.values import EMPTY, Value, code_value, with_faults
from service.uploads.checking.verdict import Verdict
from service.uploads.limits import Limits
from service.uploads.meter import passing
from service.uploads.model import Cell, Fault, Field, Row, SheetRow, Status, letter
from service.uploads.options import UploadOptions


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its verdict, and the texts that stand beside its symbol."""

    row: Row
    name: str = ""
    price: str = ""


def judge_rows(table: Table, options: UploadOptions, limits: Limits) -> list[Judged]:
    """Return the verdict on each row, in sheet order. Duplicates are looked for afterwards, over all of them."""
    judge = _Judge(table, options, limits)
    values = [judge.value(row) for row in table.rows]
    judge.look_at_column(values)
    return [judge.judge(row, value) for row, value in passing(zip(table.rows, values, strict=True), len(values))]


class _Judge:
    """Knows the table, the options and, once it has looked, whether a neutral column holds GTINs."""

    def __init__(self, table: Table, options: UploadOptions, limits: Limits) -> None:
        self._table, self._options, self._limits = table, options, limits
        self._add = options.check_digit == "add"
        self._merges = Merges(table.merges, table.columns["code"].number)
        self._letter = letter(table.columns["code"].number)
        self._holds_gtins = False
        self._header = _header_keys(table)

    def value(self, row: SheetRow) -> Value:
        """Return the value of the code cell; covered by a merged one it has none."""
        if (merge := self._merges.covering(row.number)) is not None:
            detail = (
                f"{self._letter}{row.number} is covered by the merged cell {merge}; only its first row has the code"
            )
            return Value("", (fault("empty_code", detail),))
        return code_value(self._cell(row, "code"), self._limits)

    def look_at_column(self, values: list[Value]) -> None:
        """Decide what a neutral column holds, from those of its values whose symbology is ours to choose."""
        if self._table.code_kind in GTIN_KINDS:
            return
        free = (v for row, v in zip(self._table.rows, values, strict=True) if not v.failed and self._is_free(row, v))
        self._holds_gtins = column_holds_gtins(free, self._table.code_kind, self._add)

    def judge(self, row: SheetRow, value: Value) -> Judged:
        """Return the verdict on a row."""
        if passed_over := self._passed_over(row, value):
            return Judged(self._row(row, Verdict(faults=passed_over), 0))
        faults = _hidden(row)
        if merge := self._merges.starting(row.number):
            value = with_faults(
                value, fault("merged_cell", f"The code stands in the merged cell {merge}; it counts for this row only")
            )
        symbology, unknown = self._symbology(row)
        verdict = Verdict() if value.failed or unknown else self._verdict(value, symbology)
        count, bad_count = quantity(self._cell(row, "quantity"), self._limits)
        faults += [*value.faults, *verdict.faults, *filter(None, (unknown, bad_count))]
        name, price = self._text(row, "name", faults), self._text(row, "price", faults)
        judged = Verdict(verdict.symbology, verdict.encoded, tuple(faults))
        return Judged(self._row(row, judged, count), name, price)

    def _verdict(self, value: Value, symbology: SymbologyName | None) -> Verdict:
        kind = self._table.code_kind
        if symbology is not None:
            return explicit(value, symbology, kind, self._add)
        return automatic(value, kind, self._holds_gtins, self._add)

    def _passed_over(self, row: SheetRow, value: Value) -> tuple[Fault, ...]:
        """Return why a row draws nothing although nothing is wrong with it."""
        if row.hidden and self._options.hidden_rows == "skip":
            return (fault("hidden_row", "The row is hidden or filtered out; `hidden_rows: use` draws it all the same"),)
        if self._is_totals(row, value):
            return (*_hidden(row), fault("totals_row", "A row of totals is no item"))
        if self._repeats_header(row):
            return (*_hidden(row), fault("repeated_header", "The row repeats the header"))
        return ()

    def _is_totals(self, row: SheetRow, value: Value) -> bool:
        if value.text:
            return is_total(value.text)
        if not _is_empty(value):
            return False
        others = (self._cell(row, name) for name in self._table.columns if name != "code")
        return any(cell is not None and cell.kind in ("text", "bare") and is_total(cell.text) for cell in others)

    def _repeats_header(self, row: SheetRow) -> bool:
        return bool(self._header) and all(_key(row.cells.get(number)) == name for number, name in self._header)

    def _is_free(self, row: SheetRow, value: Value) -> bool:
        return (
            self._symbology(row) == (None, None) and not self._is_totals(row, value) and not self._repeats_header(row)
        )

    def _symbology(self, row: SheetRow) -> tuple[SymbologyName | None, Fault | None]:
        """Return the symbology that the row or the options name; None: ours to choose."""
        cell = self._cell(row, "symbology")
        asked = trimmed(cell.text) if cell is not None and cell.kind not in ("error", "formula") else ""
        if not asked:
            return (None if self._options.symbology == "auto" else self._options.symbology), None
        if asked.casefold() == "auto":
            return None, None
        name = normalise_name(asked)
        if name is None or name not in SYMBOLOGIES:
            return None, fault("unknown_symbology", f"{asked[:50]!r} is none of {', '.join(SYMBOLOGIES)}")
        return name, None

    def _text(self, row: SheetRow, name: Field, faults: list[Fault]) -> str:
        cell = self._cell(row, name)
        text = trimmed(_shown(cell)) if cell is not None and cell.kind not in ("error", "formula") else ""
        if len(text) > self._limits.text_characters:
            faults.append(
                fault(
                    "text_truncated",
                    f"The {name} has {len(text):,} characters; {self._limits.text_characters:,} were kept",
                )
            )
        return text[: self._limits.text_characters]

    def _cell(self, row: SheetRow, name: Field) -> Cell | None:
        column = self._table.columns.get(name)
        return row.cells.get(column.number) if column else None

    def _row(self, row: SheetRow, verdict: Verdict, count: int | None) -> Row:
        cell = self._cell(row, "code")
        status = _status(verdict.faults)
        return Row(
            row=row.number,
            cell=f"{self._letter}{row.number}",
            status=status,
            value=cell.text if cell else "",
            encoded=verdict.encoded if status != "error" else None,
            symbology=verdict.symbology,
            quantity=count,
            problems=verdict.faults,
        )


def _hidden(row: SheetRow) -> list[Fault]:
    """Return the warning of a hidden row that is used."""
    return [fault("hidden_row", "The row is hidden or filtered out")] if row.hidden else []


def _status(faults: tuple[Fault, ...]) -> Status:
    if not faults:
        return "ok"
    return "error" if any(item.severity == "error" for item in faults) else "warning"


def _is_empty(value: Value) -> bool:
    return value is EMPTY or [item.code for item in value.faults] == ["empty_code"]


def _shown(cell: Cell) -> str:
    """Return a text beside the symbol; of a number with the decimals that its format shows: 2.50, not 2.5."""
    whole, _, decimals = cell.text.partition(".")
    if cell.kind != "number" or len(decimals) >= cell.decimals or "e" in cell.text:
        return cell.text
    return f"{whole}.{decimals:0<{cell.decimals}}"


def _header_keys(table: Table) -> tuple[tuple[int, str], ...]:
    """Return the mapped columns with the names of their headers; the code column, which differs most, comes first."""
    if (header := table.header) is None:
        return ()
    return tuple((column.number, _key(header.cells.get(column.number))) for column in table.columns.values())


def _key(cell: Cell | None) -> str:
    return key(cell.text) if cell else ""
