"""From value to symbol: UPLOADS.md section 5."""

import json

import pytest

from service.uploads.model import Cell
from tests.workbooks import Given, checked, codes, verdict

EAN13, EAN8, UPC, GTIN14 = "5901234123457", "96385074", "036000291452", "15400141288763"

# header, value, options → symbology, encoded, codes
AUTO: dict[str, tuple[str, Given, str | None, str | None, list[str]]] = {
    "8 digits are EAN-8": ("EAN", EAN8, "ean8", EAN8, []),
    "12 digits are UPC-A": ("EAN", UPC, "upca", UPC, []),
    "13 digits are EAN-13": ("GTIN", EAN13, "ean13", EAN13, []),
    "14 digits are ITF-14": ("GTIN", GTIN14, "itf14", GTIN14, []),
    "a wrong check digit is an error": ("EAN", "5901234123450", "ean13", None, ["bad_check_digit"]),
    "a number of 11 digits lost zeros of an EAN-13": ("EAN", 36000291452, "ean13", "0036000291452", ["leading_zeros_restored"]),
    "under a UPC header of a UPC-A": ("UPC", 36000291452, "upca", UPC, ["leading_zeros_restored"]),
    "a number of 7 digits lost that of an EAN-8": ("EAN", 1234565, "ean8", "01234565", ["leading_zeros_restored"]),
    "5 zeros are too many to guess": ("EAN", 12345670, "ean8", "12345670", []),
    "a number that no zeros make valid has a wrong length": ("EAN", 36000291453, None, None, ["wrong_length"]),
    "0 has a wrong length": ("EAN", 0, None, None, ["wrong_length"]),
    "an ISBN-10 of ten characters becomes an EAN-13": ("EAN", "0306406152", "ean13", "9780306406157", ["isbn10_converted"]),
    "an ISBN-10 that ends in X, too": ("EAN", "080442957X", "ean13", "9780804429573", ["isbn10_converted"]),
    "hyphens in an ISBN are removed": (
        "ISBN", "0-306-40615-2", "ean13", "9780306406157", ["separators_removed", "isbn10_converted"]),
    "a number under an ISBN header lost its zero": (
        "ISBN", 306406152, "ean13", "9780306406157", ["leading_zeros_restored", "isbn10_converted"]),
    "an ISBN-10 as a number needs the header": ("ISBN", 3442098769, "ean13", "9783442098767", ["isbn10_converted"]),
    "a wrong ISBN-10 under its header is an error": ("ISBN", "0306406153", "ean13", None, ["bad_check_digit"]),
    "what begins like (01) is GS1-128 in any column": ("EAN", "(99)ABC", "gs1_128", "(99)ABC", []),
    "a GS1-128 keeps its blanks and letters": ("SKU", "(01)09521234543213(10)ABC-1", "gs1_128", "(01)09521234543213(10)ABC-1", []),
    "an unknown AI is an error": ("SKU", "(05)123", "gs1_128", None, ["gs1_bad_ai"]),
    "a neutral column of text is Code 128": ("SKU", "AB-1", "code128", "AB-1", []),
    "a neutral column of one valid GTIN holds GTINs": ("SKU", EAN13, "ean13", EAN13, []),
    "a neutral column of one wrong one does not": ("SKU", "5901234123450", "code128", "5901234123450", []),
}  # fmt: skip


@pytest.mark.parametrize(("header", "value", "symbology", "encoded", "expected"), AUTO.values(), ids=AUTO)
def test_symbol_chosen_by_the_value(
    header: str, value: Given, symbology: str | None, encoded: str | None, expected: list[str]
) -> None:
    row = verdict(header, value)
    assert (row.symbology, row.encoded, codes(row)) == (symbology, encoded, expected)


def test_isbn10_out_of_a_csv_needs_an_x_or_a_zero() -> None:
    assert codes(verdict("EAN", "0306406152", format="csv")) == ["isbn10_converted"]
    assert codes(verdict("EAN", "3442098769", format="csv")) == ["wrong_length"]


def test_wrong_check_digit_suggests_the_right_value() -> None:
    assert verdict("EAN", "5901234123450").problems[0].suggestion == EAN13


ADDED: dict[str, tuple[str, Given, str | None, str | None, list[str]]] = {
    "7 digits lack that of EAN-8": ("EAN", "9638507", "ean8", EAN8, ["check_digit_added"]),
    "11 digits lack that of UPC-A": ("EAN", "03600029145", "upca", UPC, ["check_digit_added"]),
    "12 digits lack that of EAN-13": ("EAN", "590123412345", "ean13", EAN13, ["check_digit_added"]),
    "13 digits are complete": ("EAN", EAN13, "ean13", EAN13, []),
    "13 wrong ones are wrong": ("EAN", "5901234123450", "ean13", None, ["bad_check_digit"]),
    "under a UPC header 12 digits are complete": ("UPC", UPC, "upca", UPC, []),
    "in a neutral column, too": ("SKU", "590123412345", "ean13", EAN13, ["check_digit_added"]),
}


@pytest.mark.parametrize(("header", "value", "symbology", "encoded", "expected"), ADDED.values(), ids=ADDED)
def test_missing_check_digit_is_added(
    header: str, value: Given, symbology: str | None, encoded: str | None, expected: list[str]
) -> None:
    row = verdict(header, value, '{"check_digit": "add"}')
    assert (row.symbology, row.encoded, codes(row)) == (symbology, encoded, expected)


NAMED: dict[str, tuple[str, Given, str, str | None, list[str]]] = {
    "a GTIN column with a symbology that takes more keeps letters": ("EAN", "AB-12 3", "code128", "AB-12 3", []),
    "EAN-13 removes separators": ("EAN", "590-1234-123457", "EAN-13", EAN13, ["separators_removed"]),
    "EAN-13 restores the zeros of a number": ("SKU", 36000291452, "ean13", "0036000291452", ["leading_zeros_restored"]),
    "EAN-13 does not take 12 digits of text": ("SKU", UPC, "ean13", None, ["wrong_length"]),
    "UPC-E of 6 digits gets its check digit": ("SKU", "123456", "UPC-E", "01234565", ["check_digit_added"]),
    "Code 39 takes no lower case": ("SKU", "abc", "Code 39", None, ["bad_characters"]),
    "Code 39 warns of a $ before a letter": ("SKU", "A$B", "code39", "A$B", ["code39_ambiguous"]),
}


@pytest.mark.parametrize(("header", "value", "named", "encoded", "expected"), NAMED.values(), ids=NAMED)
def test_symbology_that_is_named(
    header: str, value: Given, named: str, encoded: str | None, expected: list[str]
) -> None:
    row = verdict(header, value, json.dumps({"symbology": named}))
    assert (row.encoded, codes(row)) == (encoded, expected)
    by_cell = checked([[header, "Symbology"], [value, named]]).rows[0]
    assert (by_cell.encoded, codes(by_cell)) == (encoded, expected)


def test_cell_wins_over_the_option() -> None:
    found = checked(
        [["EAN", "Symbology"], [EAN13, "code 128"], [EAN13, None], [EAN13, "auto"]], '{"symbology": "ean8"}'
    )
    assert [row.symbology for row in found.rows] == ["code128", "ean8", "ean13"]


WRONG = "5901234123450"
MAJORITIES: dict[str, tuple[str, list[Given], list[str | None]]] = {
    "more than half valid: they are GTINs, wrong ones are wrong": (
        "SKU",
        [EAN13, EAN8, WRONG],
        ["ean13", "ean8", None],
    ),
    "half is not more than half": ("SKU", [EAN13, WRONG], ["code128", "code128"]),
    "under a barcode header half is enough": ("Barcode", [EAN13, WRONG], ["ean13", None]),
    "what cannot be a GTIN stands beside them as Code 128": (
        "SKU",
        [EAN13, "A-17", 12345],
        ["ean13", "code128", "code128"],
    ),
    "numbers that lost zeros count": ("SKU", [36000291452, "X"], ["ean13", "code128"]),
    "numbers that no zeros make valid count against": ("SKU", [36000291453, EAN13], ["code128", "code128"]),
    "and are Code 128 among GTINs": ("SKU", [36000291453, EAN13, EAN8], ["code128", "ean13", "ean8"]),
    "text of 11 digits is no candidate": ("SKU", ["36000291452", EAN13], ["code128", "ean13"]),
    "separators do not matter": ("SKU", ["590-1234-123457"], ["ean13"]),
}


@pytest.mark.parametrize(("header", "values", "symbologies"), MAJORITIES.values(), ids=MAJORITIES)
def test_majority_tells_what_a_neutral_column_holds(
    header: str, values: list[Given], symbologies: list[str | None]
) -> None:
    found = checked([[header], *[[value] for value in values]], '{"duplicates": "allow"}')
    assert [row.symbology if row.encoded else None for row in found.rows] == symbologies


def test_wrong_check_digit_in_a_neutral_column_names_the_way_out() -> None:
    found = checked([["SKU"], [EAN13], [EAN8], [WRONG]])
    assert codes(found.rows[2]) == ["bad_check_digit"]
    assert "symbology: code128" in found.rows[2].problems[0].detail


def test_rows_with_a_symbology_of_their_own_have_no_say_in_the_column() -> None:
    found = checked([["SKU", "Symbology"], [WRONG, "code128"], [WRONG, "code128"], [EAN13, None]])
    assert [row.symbology for row in found.rows] == ["code128", "code128", "ean13"]


def test_zeros_of_a_format_are_not_restored_twice() -> None:
    row = verdict("EAN", Cell("number", "36000291452", zeros=13))
    assert (row.encoded, codes(row)) == ("0036000291452", ["leading_zeros_restored"])
