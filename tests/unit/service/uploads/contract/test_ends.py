"""What becomes of a whole file: `on_error`, rows that are all wrong, labels that have no room. Sections 1, 2 and 5."""

from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import column, table

EAN, EAN2 = "5901234123457", "4006381333931"
FAIL = {"on_error": "fail"}
SMALL = {"layout": {"label_mm": [20, 10]}}
CASES: dict[str, Case] = {
    "fail: a row in error": (
        column("EAN", EAN, "AB"),
        FAIL,
        ["! rows_invalid", f"A2 ean13 {EAN}", "A3 error AB bad_characters"],
    ),
    "fail: warnings are no errors": (column("EAN", EAN, EAN), FAIL, [f"A2 ean13 {EAN}", f"A3 ean13 {EAN} duplicate"]),
    "fail: a skipped hidden row is no error": (
        table(("EAN",), (EAN,), ("AB",), hidden=(3,)),
        FAIL,
        [f"A2 ean13 {EAN}", "A3 - AB x0 hidden_row"],
    ),
    "fail: a label without room is a row in error": (
        table(("SKU", "Symbology"), (EAN, "qr"), (EAN, "ean13")),
        FAIL | SMALL,
        ["! rows_invalid", f"A2 qr {EAN}", f"A3 error {EAN} does_not_fit"],
    ),
    "skip: a label without room": (
        table(("SKU", "Symbology"), (EAN, "qr"), (EAN, "ean13")),
        SMALL,
        [f"A2 qr {EAN}", f"A3 error {EAN} does_not_fit", "# rows 2 ok 1 error 1 labels 1"],
    ),
    "no label has room": (
        column("EAN", EAN, EAN2),
        SMALL,
        [f"A2 error {EAN} does_not_fit", f"A3 error {EAN2} does_not_fit"],
    ),
    "no label has room, beside a totals row": (
        column("EAN", EAN, "Total"),
        SMALL,
        ["! all_rows_invalid", f"A2 error {EAN} does_not_fit", "A3 - Total x0 totals_row"],
    ),
    "all wrong beside a totals row": (
        column("EAN", "AB", "Total"),
        ["! all_rows_invalid", "A2 error AB bad_characters", "A3 - Total x0 totals_row"],
    ),
    "equal labels that have no room are no duplicates": (
        table(("SKU", "Symbology"), (EAN, "qr"), (EAN, "ean13"), (EAN, "ean13")),
        SMALL | {"duplicates": "drop"},
        [f"A2 qr {EAN}", f"A3 error {EAN} does_not_fit", f"A4 error {EAN} does_not_fit"],
    ),
    "what is not drawn needs no room": (table(("EAN", "Qty"), (EAN, 0)), SMALL, [f"A2 ean13 {EAN} x0"]),
    "all wrong but one of quantity 0": (
        table(("EAN", "Qty"), (EAN, 0), ("AB", 1)),
        [f"A2 ean13 {EAN} x0", "A3 error AB bad_characters", "# rows 2 ok 1 error 1"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_how_a_file_ends(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
