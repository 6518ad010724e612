"""Section 4 of the contract: digits of other scripts and separators inside a code."""

from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import column, csv, table

EAN = "5901234123457"
DIGITS: dict[str, Case] = {
    "full-width digits": (
        column("EAN", "５９０１２３４１２３４５７"),
        [f"A2 ean13 ５９０１２３４１２３４５７>{EAN} digits_normalised"],
    ),
    "Arabic-Indic digits": (column("EAN", "٥٩٠١٢٣٤١٢٣٤٥٧"), [f"A2 ean13 ٥٩٠١٢٣٤١٢٣٤٥٧>{EAN} digits_normalised"]),
    "Persian digits beside ASCII ones": (
        column("EAN", "۵901234123457"),
        [f"A2 ean13 ۵901234123457>{EAN} digits_normalised"],
    ),
    "in a neutral column they are candidates": (
        column("SKU", "٥٩٠١٢٣٤١٢٣٤٥٧"),
        [f"A2 ean13 ٥٩٠١٢٣٤١٢٣٤٥٧>{EAN} digits_normalised"],
    ),
    "in an article number": (column("SKU", "AB-１２"), ["A2 code128 AB-１２>AB-12 digits_normalised"]),
    "with a symbology named": (
        column("SKU", "AB１"),
        {"symbology": "code128"},
        ["A2 code128 AB１>AB1 digits_normalised"],
    ),
    "with separators": (
        column("EAN", "٥٩٠-١٢٣٤-١٢٣٤٥٧"),
        [f"A2 ean13 ٥٩٠-١٢٣٤-١٢٣٤٥٧>{EAN} digits_normalised separators_removed"],
    ),
    "superscript digits are no digits": (column("SKU", "AB²"), ["A2 error AB² bad_characters"]),
    "full-width letters are no ASCII": (column("SKU", "ＡＢ"), ["A2 error ＡＢ bad_characters"]),
    "circled digits are no decimal digits": (column("EAN", "①②③④⑤⑥⑦⑧"), ["A2 error ①②③④⑤⑥⑦⑧ bad_characters"]),
    "a CSV cell with .0": (csv("EAN;Name", f"{EAN}.0;Tea"), [f"A2 ean13 {EAN}.0>{EAN} digits_normalised"]),
    "a text of a workbook with .0": (column("EAN", f"{EAN}.0"), [f"A2 error {EAN}.0 bad_characters"]),
    "a CSV cell with .5": (csv("EAN;Name", f"{EAN}.5;Tea"), [f"A2 error {EAN}.5 bad_characters"]),
    "Arabic digits that make a wrong GTIN": (
        column("EAN", "٥٩٠١٢٣٤١٢٣٤٥٨"),
        [f"A2 error ٥٩٠١٢٣٤١٢٣٤٥٨ bad_check_digit→{EAN} digits_normalised"],
    ),
}
SEPARATORS: dict[str, Case] = {
    "blanks": (column("EAN", "590 1234 123457"), [f"A2 ean13 590 1234 123457>{EAN} separators_removed"]),
    "no-break spaces": (
        column("EAN", "590\u00a01234\u00a0123457"),
        [f"A2 ean13 590\u00a01234\u00a0123457>{EAN} separators_removed"],
    ),
    "narrow no-break spaces": (
        column("EAN", "590\u202f1234123457"),
        [f"A2 ean13 590\u202f1234123457>{EAN} separators_removed"],
    ),
    "hyphens": (column("EAN", "590-1234-123457"), [f"A2 ean13 590-1234-123457>{EAN} separators_removed"]),
    "dashes from U+2010 to U+2015": (
        column("EAN", "5\u20109\u20110\u20121\u20132\u20143\u201541234 57"),
        [f"A2 ean13 5\u20109\u20110\u20121\u20132\u20143\u201541234 57>{EAN} separators_removed"],
    ),
    "a minus sign is none": (column("EAN", "590\u22121234123457"), ["A2 error 590\u22121234123457 bad_characters"]),
    "a dot is none": (column("EAN", "590.1234.123457"), ["A2 error 590.1234.123457 bad_characters"]),
    "an underscore is none": (column("EAN", "590_1234123457"), ["A2 error 590_1234123457 bad_characters"]),
    "a thin space is none": (column("EAN", "590\u20091234123457"), ["A2 error 590\u20091234123457 bad_characters"]),
    "only inside: a minus in front is none": (column("EAN", f"-{EAN}"), [f"A2 error -{EAN} bad_characters"]),
    "only inside: a dash behind is none": (column("EAN", f"{EAN}–"), [f"A2 error {EAN}– bad_characters"]),
    "only inside: a minus in front makes no candidate": (
        column("SKU", f"-{EAN}", EAN),
        [f"A2 code128 -{EAN}", f"A3 ean13 {EAN}"],
    ),
    "a letter": (column("EAN", "59O1234123457"), ["A2 error 59O1234123457 bad_characters"]),
    "only in GTIN columns": (column("SKU", "590-12"), ["A2 code128 590-12"]),
    "a symbology for more keeps them": (column("EAN", "590-12"), {"symbology": "code128"}, ["A2 code128 590-12"]),
    "also one in the row's cell": (table(("EAN", "Symbology"), ("590-12", "Code 128")), ["A2 code128 590-12"]),
    "letters under EAN with a symbology for more": (
        column("EAN", "AB-12"),
        {"symbology": "code39"},
        ["A2 code39 AB-12"],
    ),
    "a symbology of digits removes them": (
        column("EAN", "590-1234-123457"),
        {"symbology": "ean13"},
        [f"A2 ean13 590-1234-123457>{EAN} separators_removed"],
    ),
    "a row's symbology of digits under an option for more": (
        table(("EAN", "Symbology"), ("590-1234-123457", "ean13"), ("590-12", None)),
        {"symbology": "code128"},
        [f"A2 ean13 590-1234-123457>{EAN} separators_removed", "A3 code128 590-12"],
    ),
    "an element string under EAN keeps its hyphens": (
        column("EAN", "(01)09501101530003(10)A-1"),
        ["A2 gs1_128 (01)09501101530003(10)A-1 below_gs1_size"],
    ),
    "with a wrong check digit": (
        column("EAN", "590-1234-123458"),
        [f"A2 error 590-1234-123458 bad_check_digit→{EAN} separators_removed"],
    ),
}


@pytest.mark.parametrize("case", DIGITS.values(), ids=DIGITS)
def test_digits_of_other_scripts(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", SEPARATORS.values(), ids=SEPARATORS)
def test_separators(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
