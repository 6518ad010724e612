"""Section 5: a symbology that the row or the option names, and what each of them takes."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import As, File, column, csv, table

EAN = "5901234123457"


def named(symbology: str, *values: object) -> tuple[File, dict[str, Any]]:
    """Return a neutral column under a named symbology, on the largest of the usual labels."""
    return column("SKU", *values), {"symbology": symbology, "layout": "L7163"}


WHO_WINS: dict[str, Case] = {
    "the row's cell over the option": (
        table(("SKU", "Symbology"), ("AB-1", "code39"), ("AB-1", None)),
        {"symbology": "code128"},
        ["A2 code39 AB-1", "A3 code128 AB-1"],
    ),
    "the option over auto": (column("SKU", EAN), {"symbology": "code128"}, [f"A2 code128 {EAN}"]),
    "case, blanks, hyphens and underscores do not matter": (
        table(
            ("SKU", "Symbology"),
            (EAN, "EAN-13"),
            ("A", "Code 128"),
            ("B", " code_39 "),
            ("C", "QR"),
            ("D", "data-matrix"),
        ),
        [f"A2 ean13 {EAN}", "A3 code128 A", "A4 code39 B", "A5 qr C", "A6 datamatrix D"],
    ),
    "an unknown one in a row": (
        table(("SKU", "Symbology"), ("A", "PDF417"), ("B", None)),
        ["A2 error A unknown_symbology", "A3 code128 B"],
    ),
    "blanks in the cell are nothing": (
        table(("SKU", "Symbology"), ("A", "  "), ("B", "qr")),
        ["A2 code128 A", "A3 qr B"],
    ),
    "auto in the row's cell is auto": (
        table(("SKU", "Symbology"), (EAN, "auto"), ("B", None)),
        {"symbology": "code128"},
        [f"A2 ean13 {EAN}", "A3 code128 B"],
    ),
    "an unknown one and a bad quantity: both are told": (
        table(("SKU", "Symbology", "Qty"), ("A", "PDF417", "x"), ("B", None, 1)),
        ["A2 error A x? bad_quantity unknown_symbology", "A3 code128 B"],
    ),
    "a named one in a column of GTINs": (
        table(("EAN", "Symbology"), (EAN, "qr"), (EAN, None)),
        [f"A2 qr {EAN}", f"A3 ean13 {EAN}"],
    ),
}
GTINS: dict[str, Case] = {
    "EAN-13 of 12 digits as text": (
        *named("ean13", "036000291452"),
        ["A2 error 036000291452 wrong_length→0036000291452"],
    ),
    "EAN-13 of 12 digits as a number": (
        *named("ean13", 36000291452),
        ["A2 ean13 36000291452>0036000291452 leading_zeros_restored"],
    ),
    "EAN-13 of letters": (*named("ean13", "ABC"), ["A2 error ABC bad_characters"]),
    "EAN-13 with a wrong check digit": (
        *named("ean13", "5901234123450"),
        [f"A2 error 5901234123450 bad_check_digit→{EAN}"],
    ),
    "EAN-13 of a number with a format of zeros": (
        *named("ean13", As("0" * 13, 36000291452)),
        ["A2 ean13 36000291452>0036000291452 leading_zeros_restored"],
    ),
    "UPC-A": (*named("upca", "036000291452"), ["A2 upca 036000291452"]),
    "UPC-A as a number": (*named("upca", 36000291452), ["A2 upca 36000291452>036000291452 leading_zeros_restored"]),
    "UPC-A of 13 digits": (*named("upca", EAN), [f"A2 error {EAN} wrong_length"]),
    "EAN-8": (*named("ean8", "96385074"), ["A2 ean8 96385074"]),
    "EAN-8 as a number of 7 digits": (*named("ean8", 1234565), ["A2 ean8 1234565>01234565 leading_zeros_restored"]),
    "ITF-14": (*named("itf14", "10614141000415"), ["A2 itf14 10614141000415"]),
    "ITF-14 of 13 digits as text": (*named("itf14", EAN), [f"A2 error {EAN} wrong_length→0{EAN}"]),
    "ITF-14 of 13 digits as a number": (
        *named("itf14", 5901234123457),
        [f"A2 itf14 {EAN}>0{EAN} leading_zeros_restored"],
    ),
    "UPC-E of 8 digits as printed": (*named("upce", "01234565"), ["A2 upce 01234565"]),
    "UPC-E of 7 digits": (*named("upce", "0123456"), ["A2 upce 0123456>01234565 check_digit_added"]),
    "UPC-E of 6 digits": (*named("upce", "123456"), ["A2 upce 123456>01234565 check_digit_added"]),
    "UPC-E with a wrong check digit": (*named("upce", "01234566"), ["A2 error 01234566 bad_check_digit→01234565"]),
    "UPC-E of number system 1": (*named("upce", "1123456"), ["A2 upce 1123456>11234562 check_digit_added"]),
    "UPC-E of 5 digits": (*named("upce", "12345"), ["A2 error 12345 wrong_length"]),
    "UPC-E of 9 digits": (*named("upce", "012345650"), ["A2 error 012345650 wrong_length"]),
    "UPC-E of letters": (*named("upce", "0123X56"), ["A2 error 0123X56 bad_characters"]),
    "UPC-E as a number of 7 digits that lost its zero": (
        *named("upce", 1234565),
        ["A2 upce 1234565>01234565 leading_zeros_restored"],
    ),
    "UPC-E as a number of 7 digits that lacks its check digit": (
        *named("upce", 1234567),
        ["A2 upce 1234567>12345670 check_digit_added"],
    ),
    "UPC-E as a number of 6 digits": (*named("upce", 123456), ["A2 upce 123456>01234565 check_digit_added"]),
    "UPC-E with hyphens": (*named("upce", "0-123456-5"), ["A2 upce 0-123456-5>01234565 separators_removed"]),
    "UPC-E as a number with its format of zeros": (
        *named("upce", As("00000000", 1234565)),
        ["A2 upce 1234565>01234565 leading_zeros_restored"],
    ),
}
TEXTS: dict[str, Case] = {
    "Code 39": (*named("code39", "AB-1. "), ["A2 code39 AB-1. >AB-1."]),
    "Code 39, lower case": (*named("code39", "ab-1"), ["A2 error ab-1 bad_characters→AB-1"]),
    "Code 39, what no upper case heals": (*named("code39", "ab_1"), ["A2 error ab_1 bad_characters"]),
    "Code 39, a sign before a letter": (
        *named("code39", "A$B", "A/B", "A%B", "A+B"),
        [
            "A2 code39 A$B code39_ambiguous",
            "A3 code39 A/B code39_ambiguous",
            "A4 code39 A%B code39_ambiguous",
            "A5 code39 A+B code39_ambiguous",
        ],
    ),
    "Code 39, a sign before a digit or at the end": (
        *named("code39", "A/1", "A$", "$ A"),
        ["A2 code39 A/1", "A3 code39 A$", "A4 code39 $ A"],
    ),
    "Code 39 of a number": (*named("code39", 123), ["A2 code39 123"]),
    "Codabar without start and stop": (*named("codabar", "12-34"), ["A2 codabar 12-34>A12-34A"]),
    "Codabar with its own": (*named("codabar", "B1234C"), ["A2 codabar B1234C"]),
    "Codabar with one of both": (*named("codabar", "A1234"), ["A2 error A1234 bad_characters"]),
    "Codabar, small letters": (*named("codabar", "a123b"), ["A2 error a123b bad_characters→A123B"]),
    "Codabar, a suggestion that is wrong too is none": (*named("codabar", "a123"), ["A2 error a123 bad_characters"]),
    "Codabar, a letter inside": (*named("codabar", "12E4"), ["A2 error 12E4 bad_characters"]),
    "Codabar, all its signs": (*named("codabar", "1$2:3/4.5+6"), ["A2 codabar 1$2:3/4.5+6>A1$2:3/4.5+6A"]),
    "Codabar, equal with and without A": (
        *named("codabar", "1234", "A1234A"),
        ["A2 codabar 1234>A1234A", "A3 codabar A1234A duplicate"],
    ),
    "QR of any script": (*named("qr", "Чай 茶 https://a.example/ä?b=1"), ["A2 qr Чай 茶 https://a.example/ä?b=1"]),
    "Data Matrix of Latin letters": (*named("datamatrix", "Käse"), ["A2 datamatrix Käse"]),
    "Data Matrix of digits": (*named("datamatrix", 123456), ["A2 datamatrix 123456"]),
    "QR of 1,000 characters is more than a label holds, or is drawn": (
        *named("qr", "A" * 1000),
        [f"A2 qr {'A' * 1000}"],
    ),
    "QR of 1,001 characters": (*named("qr", "A" * 1001), [f"A2 error {'A' * 1001} too_long"]),
    "Code 128 of 80 digits": (
        column("SKU", "1" * 80),
        {"symbology": "code128", "layout": {"label_mm": [250, 60]}},
        ["A2 code128 " + "1" * 80],
    ),
    "Code 128 of 81": (
        column("SKU", "1" * 81),
        {"symbology": "code128", "layout": {"label_mm": [250, 60]}},
        ["A2 error " + "1" * 81 + " too_long"],
    ),
    "Code 128 by auto of 81": (column("SKU", "A" * 81), ["A2 error " + "A" * 81 + " too_long"]),
    "Code 128 begins with 99": (*named("code128", "999999"), ["A2 code128 999999"]),
    "Code 128 of what looks like an element string": (*named("code128", "(01)12"), ["A2 code128 (01)12"]),
    "a CSV cell of digits in Code 128 keeps them": (
        csv("SKU;Name", "0012345;Tea"),
        {"symbology": "code128"},
        ["A2 code128 0012345"],
    ),
}
TABLES = WHO_WINS | GTINS | TEXTS


@pytest.mark.parametrize("case", TABLES.values(), ids=TABLES)
def test_named_symbologies(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
