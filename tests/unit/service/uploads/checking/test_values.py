"""From cell to value: UPLOADS.md section 4."""

import pytest

from service.uploads.model import Cell
from tests.workbooks import Given, checked, codes, verdict

EAN = "5901234123457"

# value of the cell → codes, encoded (None: error), suggestion of the last problem
IN_A_GTIN_COLUMN: dict[str, tuple[Given, list[str], str | None, str | None]] = {
    "an integral number is its digits": (5901234123457, [], EAN, None),
    "a number whose format of zeros shows more digits gets them": (
        Cell("number", "123", zeros=13), ["leading_zeros_restored"], "0000000000123", None),
    "a number that already has the digits of its format is left alone": (Cell("number", EAN, zeros=13), [], EAN, None),
    "a number of 16 digits has lost some": (Cell("number", "5901234123457123"), ["precision_lost"], None, None),
    "a number too large to write out has lost some": (Cell("number", "1e+300"), ["precision_lost"], None, None),
    "a fraction is no code": (590123.5, ["not_an_integer"], None, None),
    "a negative number is no code": (-5901234123457, ["not_an_integer"], None, None),
    "a decimal point and an exponent: a spreadsheet shortened it": ("5.90123E+12", ["scientific_text"], None, None),
    "a decimal comma and an exponent, too": ("5,90123E12", ["scientific_text"], None, None),
    "so does a signed exponent of two digits": ("59E+11", ["scientific_text"], None, None),
    "a date is no code": (Cell("date", "2024-03-01", serial="45352"), ["date_value"], None, None),
    "a number that no calendar has, formatted as a date, is suggested": (
        Cell("date", EAN, serial=EAN), ["date_value"], None, EAN),
    "a time is no code": (Cell("date", "12:30:00"), ["date_value"], None, None),
    "TRUE is no code": (True, ["boolean_value"], None, None),
    "an error is no code": (Cell("error", "#N/A"), ["error_value"], None, None),
    "a formula without a stored value has no code": (Cell("formula", "=A1"), ["formula_without_value"], None, None),
    "an empty cell has no code": (None, ["empty_code"], None, None),
    "a cell of blanks has no code": (" \t ", ["empty_code"], None, None),
    "ASCII blanks at the ends are trimmed without a word": (f" \t{EAN}\n", [], EAN, None),
    "a no-break space at the end is trimmed with a word": (f"{EAN}\u00a0", ["invisible_characters_removed"], EAN, None),
    "a byte order mark in front, too": (f"\ufeff{EAN}", ["invisible_characters_removed"], EAN, None),
    "so are zero-width spaces and direction marks": (f"\u200b\u202a{EAN}\u202c", ["invisible_characters_removed"], EAN, None),
    "full-width digits become ASCII": ("５９０１２３４１２３４５７", ["digits_normalised"], EAN, None),
    "Arabic-Indic digits become ASCII": ("٥٩٠١٢٣٤١٢٣٤٥٧", ["digits_normalised"], EAN, None),
    "blanks between digits are removed": ("590 1234 123457", ["separators_removed"], EAN, None),
    "no-break spaces and en dashes between digits are removed": (
        "590\u00a01234\u202f1234\u201357", ["separators_removed"], EAN, None),
    "a zero-width space inside is none of the separators": ("590\u200b1234123457", ["bad_characters"], None, None),
    "a tab inside is none of the separators": ("590\t1234123457", ["bad_characters"], None, None),
    "a letter is no digit": ("590123412345X", ["bad_characters"], None, None),
    "more than 1,000 characters are too long": ("5" * 1001, ["too_long"], None, None),
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected", "encoded", "suggestion"), IN_A_GTIN_COLUMN.values(), ids=IN_A_GTIN_COLUMN
)
def test_cell_of_a_gtin_column(value: Given, expected: list[str], encoded: str | None, suggestion: str | None) -> None:
    row = verdict("EAN", value)
    assert codes(row) == expected
    assert row.encoded == encoded
    assert (row.problems[-1].suggestion if row.problems else None) == suggestion


IN_A_NEUTRAL_COLUMN: dict[str, tuple[Given, list[str], str | None]] = {
    "1E3 is an article number": ("1E3", [], "1E3"),
    "2E10 is an article number: its exponent has no sign": ("2E10", [], "2E10"),
    "a blank inside is a character": ("AB 12", [], "AB 12"),
    "a hyphen inside is a character": ("AB-12", [], "AB-12"),
    "a no-break space inside is none that can be printed": ("AB\u00a012", ["bad_characters"], None),
    "a line break inside is none that can be printed": ("AB\n12", ["bad_characters"], None),
    "a zero-width space inside is none that can be printed": ("AB\u200b12", ["bad_characters"], None),
    "letters beyond ASCII are none that Code 128 prints": ("Tür", ["bad_characters"], None),
    "a typographic hyphen is none that Code 128 prints": ("AB\u201012", ["bad_characters"], None),
    "a format of zeros restores them here, too": (Cell("number", "42", zeros=5), ["leading_zeros_restored"], "00042"),
    "digits of other scripts become ASCII": ("AB１２", ["digits_normalised"], "AB12"),
    "81 characters are too long": ("A" * 81, ["too_long"], None),
}


@pytest.mark.parametrize(("value", "expected", "encoded"), IN_A_NEUTRAL_COLUMN.values(), ids=IN_A_NEUTRAL_COLUMN)
def test_cell_of_a_neutral_column(value: Given, expected: list[str], encoded: str | None) -> None:
    row = verdict("SKU", value)
    assert codes(row) == expected
    assert row.encoded == encoded


IN_A_CSV: dict[str, tuple[str, str, list[str], str | None]] = {
    "digits count as a number that lost its zeros": ("EAN", "36000291452", ["leading_zeros_restored"], "0036000291452"),
    "with a zero in front nothing was lost": ("EAN", "012345678", ["wrong_length"], None),
    "a whole number with a decimal is its digits": ("EAN", "5901234123457.0", ["digits_normalised"], EAN),
    "an error of a spreadsheet is an error": ("SKU", "#N/A", ["error_value"], None),
    "a version number stays text": ("SKU", "1.0", [], "1.0"),
}


@pytest.mark.parametrize(("header", "value", "expected", "encoded"), IN_A_CSV.values(), ids=IN_A_CSV)
def test_field_of_a_csv(header: str, value: str, expected: list[str], encoded: str | None) -> None:
    row = verdict(header, value, format="csv")
    assert codes(row) == expected
    assert row.encoded == encoded


def test_text_in_a_workbook_has_lost_no_zeros_but_they_are_suggested() -> None:
    row = verdict("EAN", "36000291452")
    assert codes(row) == ["wrong_length"]
    assert row.problems[0].suggestion == "0036000291452"


QUANTITIES: dict[str, tuple[Given, int | None, list[str]]] = {
    "a number": (3, 3, []),
    "digits": (" 12 ", 12, []),
    "digits of another script": ("１２", 12, []),
    "empty is 1": (None, 1, []),
    "blanks are 1": ("  ", 1, []),
    "0 draws nothing": (0, 0, []),
    "10,000 is the most": (10_000, 10_000, []),
    "more is too large": (10_001, 10_001, ["quantity_too_large"]),
    "a fraction is none": (1.5, None, ["bad_quantity"]),
    "a negative number is none": (-1, None, ["bad_quantity"]),
    "words are none": ("two", None, ["bad_quantity"]),
    "a unit beside it is none": ("2 pcs", None, ["bad_quantity"]),
    "a date is none": (Cell("date", "2024-03-01", serial="45352"), None, ["bad_quantity"]),
    "TRUE is none": (True, None, ["bad_quantity"]),
    "an error is none": (Cell("error", "#REF!"), None, ["bad_quantity"]),
    "a formula without a stored value is none": (Cell("formula", "=B2"), None, ["bad_quantity"]),
}


@pytest.mark.parametrize(("value", "quantity", "expected"), QUANTITIES.values(), ids=QUANTITIES)
def test_quantity(value: Given, quantity: int | None, expected: list[str]) -> None:
    found = checked([["EAN", "Qty"], [EAN, value]])
    assert found.rows[0].quantity == quantity
    assert codes(found.rows[0]) == expected
    assert found.counts.labels == (quantity if quantity and not expected else 0)


def test_whole_number_with_a_decimal_is_a_quantity_of_a_csv() -> None:
    assert checked([["EAN", "Qty"], [EAN, "3.0"]], format="csv").rows[0].quantity == 3


def test_every_fault_of_a_row_is_listed() -> None:
    found = checked([["EAN", "Qty", "Barcode type"], [None, "x", "EAN-99"]])
    assert codes(found.rows[0]) == ["empty_code", "unknown_symbology", "bad_quantity"]


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        (Cell("number", "2.5", decimals=2), "2.50"),
        (Cell("number", "3", decimals=2), "3.00"),
        (Cell("number", "2.505", decimals=2), "2.505"),
        (Cell("number", "2.5"), "2.5"),
        ("2,50 €", "2,50 €"),
    ],
    ids=["one decimal of two", "none of two", "more than two are not rounded", "a format without", "a text"],
)
def test_price_has_the_decimals_that_its_format_shows(price: Given, shown: str) -> None:
    assert checked([["EAN", "Price"], [EAN, price]]).labels[0].price == shown


def test_long_texts_are_cut_and_errors_in_them_read_as_empty() -> None:
    found = checked([["EAN", "Name", "Price"], [EAN, "x" * 1001, Cell("error", "#N/A")]])
    assert codes(found.rows[0]) == ["text_truncated"]
    assert (len(found.labels[0].name), found.labels[0].price) == (1000, "")
