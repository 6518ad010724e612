"""A workbook in, its table with verdicts, counts and labels out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import is_

from service.uploads.checking.duplicates import marked
from service.uploads.checking.find import Table, find_table
from service.uploads.checking.rows import Judged, judge_rows
from service.uploads.limits import Limits
from service.uploads.model import (
    Checked,
    Column,
    Counts,
    Fault,
    Format,
    JobProblem,
    Label,
    Row,
    Status,
    Workbook,
    letter,
)
from service.uploads.options import UploadOptions

Faults = Mapping[int, Sequence[Fault]]  # by row number
Fitting = Callable[[tuple[Label, ...]], Faults]
_NOT_ITEMS = frozenset({"totals_row", "repeated_header"})


def _all_fit(_: tuple[Label, ...]) -> Faults:
    return {}


def check(workbook: Workbook, options: UploadOptions, limits: Limits) -> Checked:
    """Return the table of the workbook with each row's verdict. Raises ReadProblem where no table is found.

    Where rows could be read but no labels may be drawn, `problem` says why: the rows are kept.
    """
    return check_table(workbook.format, find_table(workbook, options, limits), options, limits)


def check_table(
    format_: Format, table: Table, options: UploadOptions, limits: Limits, fit: Fitting = _all_fit
) -> Checked:
    """Return the verdict on each row of a table that was found before. `fit` knows which labels have no room."""
    judged = judge_rows(table, options, limits)
    labels, settled = _labels(judged), judged
    if faults := fit(labels):
        settled = [
            replace(item, row=with_faults(item.row, faults[item.row.row])) if item.row.row in faults else item
            for item in judged
        ]
    settled = marked(settled, options.duplicates)  # of what is drawn: behind all else that may keep a row from it
    rows = tuple(item.row for item in settled)
    if not all(map(is_, settled, judged)):
        labels = _labels(settled)
    counts = _counts(rows, labels, table, options)
    return Checked(
        format=format_,
        sheet=table.sheet,
        header_row=table.header.number if table.header else None,
        columns={name: Column(mapped.header, letter(mapped.number)) for name, mapped in table.columns.items()},
        rows=rows,
        counts=counts,
        labels=labels,
        problem=problem_of(rows, counts, options, limits),
    )


def with_faults(row: Row, faults: Sequence[Fault]) -> Row:
    """Return the row with more faults. In error it says no symbol."""
    new = tuple(fault for fault in faults if fault not in row.problems)
    failed = any(fault.severity == "error" for fault in (*row.problems, *new))
    status: Status = "error" if failed else "warning" if row.problems or new else "ok"
    return replace(row, problems=(*row.problems, *new), status=status, encoded=None if failed else row.encoded)


def _labels(judged: Sequence[Judged]) -> tuple[Label, ...]:
    return tuple(_label(item) for item in judged if _is_drawn(item.row))


def _is_drawn(row: Row) -> bool:
    return row.encoded is not None and bool(row.quantity)


def _label(item: Judged) -> Label:
    row = item.row
    return Label(row.row, row.symbology or "", row.encoded or "", item.name, item.price, row.quantity or 0)


def _counts(rows: Sequence[Row], labels: Sequence[Label], table: Table, options: UploadOptions) -> Counts:
    statuses = [row.status for row in rows]
    return Counts(
        rows=len(rows),
        ok=statuses.count("ok"),
        warning=statuses.count("warning"),
        error=statuses.count("error"),
        labels=sum(label.quantity for label in labels) * options.copies,
        hidden=sum(row.hidden for row in table.rows),
    )


def problem_of(rows: Sequence[Row], counts: Counts, options: UploadOptions, limits: Limits) -> JobProblem | None:
    """Return why nothing may be drawn, or None."""
    if counts.error and all(_says_nothing(row) for row in rows):
        return JobProblem("all_rows_invalid", f"All {counts.error:,} rows are in error")
    if counts.error and options.on_error == "fail":
        return JobProblem(
            "rows_invalid", f"{counts.error:,} of {counts.rows:,} rows are in error", {"errors": counts.error}
        )
    if counts.labels > limits.labels:
        detail = f"The list asks for {counts.labels:,} labels, more than {limits.labels:,}"
        return JobProblem("too_many_labels", detail, {"limit": limits.labels})
    return None


def _says_nothing(row: Row) -> bool:
    """Whether a row is in error, or no item at all: beside such rows one in error is not the exception."""
    return row.status == "error" or any(item.code in _NOT_ITEMS for item in row.problems)
