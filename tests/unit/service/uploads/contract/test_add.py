"""Section 5: `check_digit: add`, alone and together with what else may be wrong."""

from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import column, csv, table

ADD = {"check_digit": "add"}
EAN = "5901234123457"
CASES: dict[str, Case] = {
    "12 digits lack one: EAN-13": (
        column("EAN", "590123412345"),
        ADD,
        [f"A2 ean13 590123412345>{EAN} check_digit_added"],
    ),
    "11 digits lack one: UPC-A": (
        column("EAN", "03600029145"),
        ADD,
        ["A2 upca 03600029145>036000291452 check_digit_added"],
    ),
    "7 digits lack one: EAN-8": (column("EAN", "9638507"), ADD, ["A2 ean8 9638507>96385074 check_digit_added"]),
    "12 digits that happen to be a UPC lack one under EAN": (
        column("EAN", "036000291452"),
        ADD,
        ["A2 ean13 036000291452>0360002914522 check_digit_added"],
    ),
    "12 digits under UPC are complete": (column("UPC", "036000291452"), ADD, ["A2 upca 036000291452"]),
    "12 digits under UPC are verified": (
        column("UPC", "036000291453"),
        ADD,
        ["A2 error 036000291453 bad_check_digit→036000291452"],
    ),
    "11 digits under UPC lack one": (
        column("UPC", "03600029145"),
        ADD,
        ["A2 upca 03600029145>036000291452 check_digit_added"],
    ),
    "7 digits of text under UPC do not": (column("UPC", "9638507"), ADD, ["A2 error 9638507 wrong_length"]),
    "a number of 7 digits under UPC has lost a zero": (
        column("UPC", 1234565),
        ADD,
        ["A2 ean8 1234565>01234565 leading_zeros_restored"],
    ),
    "a number of 7 digits under EAN lacks its check digit": (
        column("EAN", 1234565),
        ADD,
        ["A2 ean8 1234565>12345656 check_digit_added"],
    ),
    "8, 13 and 14 digits are verified": (
        column("EAN", "96385075", "5901234123450", "10614141000416"),
        ADD,
        [
            "A2 error 96385075 bad_check_digit→96385074",
            f"A3 error 5901234123450 bad_check_digit→{EAN}",
            "A4 error 10614141000416 bad_check_digit→10614141000415",
        ],
    ),
    "8, 13 and 14 digits are taken as they are": (
        column("EAN", "96385074", EAN, "10614141000415"),
        ADD,
        ["A2 ean8 96385074", f"A3 ean13 {EAN}", "A4 itf14 10614141000415 below_gs1_size"],
    ),
    "verify adds nothing": (column("EAN", "9638507"), ["A2 error 9638507 wrong_length"]),
    "a number of 10 digits gets its zeros, no check digit": (
        column("EAN", 1000234570),
        ADD,
        ["A2 ean13 1000234570>0001000234570 leading_zeros_restored"],
    ),
    "with separators": (
        column("EAN", "590-1234-12345"),
        ADD,
        [f"A2 ean13 590-1234-12345>{EAN} check_digit_added separators_removed"],
    ),
    "with digits of another script": (
        column("EAN", "٩٦٣٨٥٠٧"),
        ADD,
        ["A2 ean8 ٩٦٣٨٥٠٧>96385074 check_digit_added digits_normalised"],
    ),
    "an ISBN-10 is one with add, too": (
        column("ISBN", "0306406152"),
        ADD,
        ["A2 ean13 0306406152>9780306406157 isbn10_converted"],
    ),
    "what is made so may be a duplicate": (
        column("EAN", EAN, "590123412345"),
        ADD,
        [f"A2 ean13 {EAN}", f"A3 ean13 590123412345>{EAN} check_digit_added duplicate"],
    ),
    "a neutral column of 12 digits": (
        column("SKU", "590123412345", "AB"),
        ADD,
        [f"A2 ean13 590123412345>{EAN} check_digit_added", "A3 code128 AB"],
    ),
    "a neutral column of 7 and 11 digits": (
        column("SKU", "9638507", "03600029145"),
        ADD,
        ["A2 ean8 9638507>96385074 check_digit_added", "A3 upca 03600029145>036000291452 check_digit_added"],
    ),
    "a neutral column, separators": (
        column("SKU", "590-1234-12345"),
        ADD,
        [f"A2 ean13 590-1234-12345>{EAN} check_digit_added separators_removed"],
    ),
    "a neutral column without a majority": (
        column("SKU", "590123412345", "5901234123450"),
        ADD,
        ["A2 code128 590123412345", "A3 code128 5901234123450"],
    ),
    "half of a barcode column": (
        column("Barcode", "590123412345", "5901234123450"),
        ADD,
        [f"A2 ean13 590123412345>{EAN} check_digit_added", f"A3 error 5901234123450 bad_check_digit→{EAN}"],
    ),
    "10 digits of a neutral column stay": (column("SKU", "1234567890"), ADD, ["A2 code128 1234567890"]),
    "with EAN-13 named": (
        column("SKU", "590123412345"),
        {"check_digit": "add", "symbology": "ean13"},
        [f"A2 ean13 590123412345>{EAN} check_digit_added"],
    ),
    "with EAN-13 named, 13 digits are verified": (
        column("SKU", "5901234123450"),
        {"check_digit": "add", "symbology": "ean13"},
        [f"A2 error 5901234123450 bad_check_digit→{EAN}"],
    ),
    "with UPC-A named": (
        column("SKU", "03600029145"),
        {"check_digit": "add", "symbology": "UPC-A"},
        ["A2 upca 03600029145>036000291452 check_digit_added"],
    ),
    "with EAN-8 named": (
        column("SKU", "9638507"),
        {"check_digit": "add", "symbology": "EAN 8"},
        ["A2 ean8 9638507>96385074 check_digit_added"],
    ),
    "with ITF-14 named": (
        column("SKU", "1061414100041"),
        {"check_digit": "add", "symbology": "itf14"},
        ["A2 itf14 1061414100041>10614141000415 below_gs1_size check_digit_added"],
    ),
    "with Code 128 named nothing is added": (
        column("EAN", "590123412345"),
        {"check_digit": "add", "symbology": "code128"},
        ["A2 code128 590123412345"],
    ),
    "a row that names Code 128 among them": (
        table(("EAN", "Symbology"), ("590123412345", None), ("590123412345", "code128")),
        ADD,
        [f"A2 ean13 590123412345>{EAN} check_digit_added", "A3 code128 590123412345"],
    ),
    "in a CSV": (csv("EAN;Name", "590123412345;Tea"), ADD, [f"A2 ean13 590123412345>{EAN} check_digit_added"]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_check_digits_are_added(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
