"""What goes from one child to the next, as plain tuples: dataclasses and NamedTuples in, bytes out, and back."""

import pickle
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from itertools import starmap
from operator import attrgetter
from typing import Any, Final

from service.uploads.checking import Table
from service.uploads.model import Cell, Checked, Format, Label, Row, SheetRow
from service.uploads.render.model import DrawnPdf, Position

_label: Final = attrgetter(*Label.__slots__)
_row: Final = attrgetter(*Row.__slots__)


def pack_table(format_: Format, table: Table) -> bytes:
    """Return the table that was found, with the format of its file."""
    rows = [(row.number, {column: tuple(cell) for column, cell in row.cells.items()}, row.hidden) for row in table.rows]
    return _dumps(format_, replace(table, rows=()), rows)


def unpack_table(data: bytes) -> tuple[Format, Table]:
    """Return what `pack_table` was given."""
    format_, table, rows = _load(BytesIO(data))
    made = (SheetRow(number, _cells(cells), hidden) for number, cells, hidden in rows)
    return format_, replace(table, rows=tuple(made))


def pack_checked(checked: Checked) -> bytes:
    """Return the verdicts; the rows come last, as whoever draws has no need of them."""
    labels, rows = list(map(_label, checked.labels)), list(map(_row, checked.rows))
    return _dumps(replace(checked, labels=(), rows=()), labels) + _dumps(rows)


def unpack_labels(data: bytes) -> Checked:
    """Return what `pack_checked` was given, without its rows."""
    return _labels(BytesIO(data))


def unpack_checked(data: bytes) -> Checked:
    """Return what `pack_checked` was given."""
    file = BytesIO(data)
    checked = _labels(file)
    (rows,) = _load(file)
    return replace(checked, rows=tuple(starmap(Row, rows)))


def pack_drawn(drawn: DrawnPdf) -> bytes:
    """Return a drawing and where everything stands in it."""
    return _dumps(drawn.pdf, drawn.pages, list(map(tuple, drawn.positions)), drawn.warnings)


def unpack_drawn(data: bytes) -> DrawnPdf:
    """Return what `pack_drawn` was given."""
    pdf, pages, positions, warnings = _load(BytesIO(data))
    return DrawnPdf(pdf, pages, tuple(map(Position._make, positions)), warnings)


def _cells(cells: dict[int, Iterable[Any]]) -> dict[int, Cell]:
    return {column: Cell._make(cell) for column, cell in cells.items()}


def _labels(file: BytesIO) -> Checked:
    checked: Checked
    checked, labels = _load(file)
    return replace(checked, labels=tuple(starmap(Label, labels)))


def _dumps(*values: object) -> bytes:
    return pickle.dumps(values, pickle.HIGHEST_PROTOCOL)


def _load(file: BytesIO) -> Any:
    return pickle.load(file)  # noqa: S301 (written by another child of ours, equally confined)
