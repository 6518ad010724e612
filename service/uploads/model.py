"""What was read and what was decided: cells, sheets, rows with verdicts, labels. A leaf: imports nothing of the parts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from service.uploads.problems import Severity

Format = Literal["xlsx", "xlsm", "xls", "ods", "csv", "tsv"]
CellKind = Literal["text", "bare", "number", "date", "boolean", "error", "formula"]
Status = Literal["ok", "warning", "error"]
Field = Literal["code", "name", "quantity", "price", "symbology"]
FIELDS: tuple[Field, ...] = ("code", "name", "quantity", "price", "symbology")


class Cell(NamedTuple):
    """A cell that holds something; what holds nothing is no cell. A tuple, because there are hundreds of thousands.

    text: the text as it stands. bare: an unquoted field of a CSV, which a spreadsheet may have taken for a number.
    number: its digits, or its shortest decimals. date: ISO 8601. error: what Excel shows, or what stands there and cannot be read.
    formula: without a stored value.
    """

    kind: CellKind
    text: str
    zeros: int = 0  # number: how many digits a cell format of only zeros asks for
    serial: str = ""  # date: the digits of the number behind it, if it has any
    decimals: int = 0  # number: how many decimals its format shows at least


class SheetRow(NamedTuple):
    """A row as Excel counts it, from 1. `cells` holds what is in it by column, from 1."""

    number: int
    cells: Mapping[int, Cell]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, both ends included, rows and columns from 1."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True)
class SheetContent:
    """All rows that hold something, in the order of their numbers, each number once."""

    rows: tuple[SheetRow, ...]
    merges: tuple[Merge, ...] = ()


class Sheet(Protocol):
    """A tab of a workbook. `load` reads it when it is asked for: most workbooks have sheets that nobody needs."""

    @property
    def name(self) -> str | None:
        """Its name; None for the one sheet of a text file."""

    @property
    def visible(self) -> bool:
        """False for hidden and very hidden ones."""

    @property
    def holds_cells(self) -> bool:
        """False for chart and dialog sheets."""

    def load(self) -> SheetContent:
        """Return what is in it. Raises ReadProblem."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file that could be opened: its format, told by content, and its tabs in their order."""

    format: Format
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A mapped column: its header as written (None: there is no header row) and its letter."""

    header: str | None
    letter: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a row, or was changed in it, and what was probably meant."""

    code: str
    severity: Severity
    detail: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its verdict. `value` is as read; `encoded` what the symbol holds, None where there is none."""

    row: int
    cell: str
    status: Status
    value: str
    encoded: str | None
    symbology: str | None
    quantity: int | None  # None: it could not be read
    problems: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What is drawn for a row. `quantity` is the row's own, at least 1: `copies` multiplies it when drawing."""

    row: int
    symbology: str
    encoded: str
    name: str
    price: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Counts:
    """`rows` = ok + warning + error; `labels` with `copies`; `hidden` whether skipped or used."""

    rows: int = 0
    ok: int = 0
    warning: int = 0
    error: int = 0
    labels: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class JobProblem:
    """Why a job whose rows could be read is failed all the same."""

    code: str
    detail: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """The table of a workbook, each row with its verdict, and the labels of the rows that are drawn."""

    format: Format
    sheet: str | None
    header_row: int | None
    columns: Mapping[str, Column]
    rows: tuple[Row, ...]
    counts: Counts
    labels: tuple[Label, ...]
    problem: JobProblem | None = None


def row_json(row: Row) -> dict[str, Any]:
    """Return a row as the API shows it."""
    return {
        "row": row.row,
        "cell": row.cell,
        "status": row.status,
        "value": row.value,
        "encoded": row.encoded,
        "symbology": row.symbology,
        "quantity": row.quantity,
        "problems": [
            {"code": fault.code, "severity": fault.severity, "detail": fault.detail, "suggestion": fault.suggestion}
            for fault in row.problems
        ],
    }


def columns_json(columns: Mapping[str, Column]) -> dict[str, dict[str, str | None]]:
    """Return the mapped columns as the API shows them."""
    return {name: {"header": column.header, "letter": column.letter} for name, column in columns.items()}


def letter(column: int) -> str:
    """Return the letters of a column from 1: A, Z, AA, XFD."""
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(65 + place) + letters
    return letters


def number_of(letters: str) -> int:
    """Return the column of letters: 1 for A, 16384 for XFD. `letters` are A-Z."""
    number = 0
    for ch in letters:
        number = number * 26 + ord(ch) - 64
    return number


def rows_after(rows: tuple[SheetRow, ...], number: int) -> Iterator[SheetRow]:
    """Yield the rows below row `number`."""
    return (row for row in rows if row.number > number)
