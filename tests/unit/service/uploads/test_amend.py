"""What is found out after the check goes into the verdicts, the counts and the labels, and into nothing else."""

import pytest

from service.uploads.amend import amended
from service.uploads.limits import Limits
from service.uploads.model import Checked, Counts, Fault, Label, Row
from service.uploads.options import UploadOptions

NOTE = Fault("text_truncated", "warning", "cut")
ERROR = Fault("does_not_fit", "error", "too wide")


def checked(count: int) -> Checked:
    rows = tuple(Row(n, f"A{n}", "ok", str(n), str(n), "code128", 2) for n in range(1, count + 1))
    labels = tuple(Label(n, "code128", str(n), "", "", 2) for n in range(1, count + 1))
    return Checked("xlsx", "S", 1, {}, rows, Counts(rows=count, ok=count, labels=2 * count), labels)


CASES: dict[str, tuple[dict[int, list[Fault]], tuple[int, int, int], int]] = {
    "nothing found": ({}, (3, 0, 0), 6),
    "a warning keeps the label": ({2: [NOTE]}, (2, 1, 0), 6),
    "an error takes the label away": ({2: [ERROR]}, (2, 0, 1), 4),
    "an error beside a warning is an error": ({2: [NOTE, ERROR]}, (2, 0, 1), 4),
}


@pytest.mark.parametrize(("faults", "statuses", "labels"), CASES.values(), ids=CASES)
def test_counts_follow_the_verdicts(
    faults: dict[int, list[Fault]], statuses: tuple[int, int, int], labels: int
) -> None:
    result = amended(checked(3), faults, UploadOptions(), Limits())
    assert (result.counts.ok, result.counts.warning, result.counts.error) == statuses
    assert result.counts.labels == labels
    assert result.problem is None


def test_a_row_in_error_says_no_symbol() -> None:
    result = amended(checked(1), {1: [ERROR]}, UploadOptions(), Limits())
    assert (result.rows[0].encoded, result.rows[0].value) == (None, "1")


def test_when_no_label_is_left_the_job_has_a_problem() -> None:
    result = amended(checked(2), {1: [ERROR], 2: [ERROR]}, UploadOptions(), Limits())
    assert result.problem is not None
    assert result.problem.code == "all_rows_invalid"


def test_when_errors_are_to_fail_the_job_one_does() -> None:
    result = amended(checked(2), {1: [ERROR]}, UploadOptions(on_error="fail"), Limits())
    assert result.problem is not None
    assert result.problem.code == "rows_invalid"


def test_saying_it_twice_changes_nothing() -> None:
    once = amended(checked(2), {1: [NOTE]}, UploadOptions(copies=3), Limits())
    assert amended(once, {1: [NOTE]}, UploadOptions(copies=3), Limits()) == once
    assert once.counts.labels == 12
