"""What was found out after the check, such as a label that has no room, put into the verdicts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from service.uploads.checking import problem_of, with_faults
from service.uploads.limits import Limits
from service.uploads.model import Checked, Counts, Fault, Label, Row
from service.uploads.options import UploadOptions


def amended(checked: Checked, faults: Mapping[int, Sequence[Fault]], options: UploadOptions, limits: Limits) -> Checked:
    """Return the verdicts with the faults of rows, by row number, added. A row in error has no label any more."""
    if not faults:
        return checked
    rows = tuple(with_faults(row, faults[row.row]) if row.row in faults else row for row in checked.rows)
    in_error = {row.row for row in rows if row.status == "error"}
    labels = tuple(label for label in checked.labels if label.row not in in_error)
    counts = _counts(rows, labels, checked.counts.hidden, options.copies)
    problem = problem_of(rows, counts, options, limits)
    return replace(checked, rows=rows, labels=labels, counts=counts, problem=problem)


def _counts(rows: Sequence[Row], labels: Sequence[Label], hidden: int, copies: int) -> Counts:
    statuses = [row.status for row in rows]
    return Counts(
        rows=len(rows),
        ok=statuses.count("ok"),
        warning=statuses.count("warning"),
        error=statuses.count("error"),
        labels=sum(label.quantity for label in labels) * copies,
        hidden=hidden,
    )
