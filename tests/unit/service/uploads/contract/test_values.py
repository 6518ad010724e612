"""Section 4 of the contract: from cell to value. Numbers, dates, blanks, digits and separators."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import NO_VALUE, As, column, csv, raw, table

EAN = "5901234123457"
NUMBERS: dict[str, Case] = {
    "an integral number is its digits": (column("EAN", 5901234123457), [f"A2 ean13 {EAN}"]),
    "also when it is stored with an exponent": (
        raw(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>EAN</t></is></c></row>'
            '<row r="2"><c r="A2"><v>5.901234123457E12</v></c></row>'
        ),
        [f"A2 ean13 {EAN}"],
    ),
    "also when it is stored as 5901234123457.0": (
        raw(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>EAN</t></is></c></row>'
            '<row r="2"><c r="A2"><v>5901234123457.0</v></c></row>'
        ),
        [f"A2 ean13 {EAN}"],
    ),
    "a number shown in thousands is its digits": (column("EAN", As("#,##0", 5901234123457)), [f"A2 ean13 {EAN}"]),
    "a format of zeros restores them for a UPC": (
        column("UPC", As("000000000000", 36000291452)),
        ["A2 upca 36000291452>036000291452 leading_zeros_restored"],
    ),
    "a format of zeros restores them in a neutral column, also for Code 128": (
        column("SKU", As("000000", 123)),
        ["A2 code128 123>000123 leading_zeros_restored"],
    ),
    "a format of zeros may give what is wrong": (
        column("EAN", As("0000000000000", 12345)),
        ["A2 error 12345 bad_check_digit→0000000012348 leading_zeros_restored"],
    ),
    "a format of fewer zeros than digits restores nothing": (
        column("EAN", As("00000000", 5901234123457)),
        [f"A2 ean13 {EAN}"],
    ),
    "a format of one zero restores nothing": (column("SKU", As("0", 123)), ["A2 code128 123"]),
    "a format with other signs restores nothing": (column("SKU", As("000-000", 123)), ["A2 code128 123"]),
    "a format of zeros and decimals restores nothing": (column("SKU", As("0000.00", 123)), ["A2 code128 123"]),
    "a format of zeros does not heal 16 digits": (
        column("SKU", As("0" * 18, 1234567890123456)),
        ["A2 error 1234567890123456 precision_lost"],
    ),
    "15 digits of a number are whole": (column("SKU", 123456789012345), ["A2 code128 123456789012345"]),
    "15 digits are too many for a GTIN": (column("EAN", 123456789012345), ["A2 error 123456789012345 wrong_length"]),
    "16 digits of a number are not whole": (
        column("SKU", 1234567890123450),
        ["A2 error 1234567890123450 precision_lost"],
    ),
    "16 digits in a GTIN column are not whole either": (
        column("EAN", 1234567890123450),
        ["A2 error 1234567890123450 precision_lost"],
    ),
    "16 digits as text are text": (column("SKU", "1234567890123456"), ["A2 code128 1234567890123456"]),
    "no symbology makes 16 digits whole": (
        column("SKU", 1234567890123450),
        {"symbology": "code128"},
        ["A2 error 1234567890123450 precision_lost"],
    ),
    "16 digits in a CSV are text": (csv("SKU;Name", "1234567890123456;Tea"), ["A2 code128 1234567890123456"]),
    "a fraction": (column("EAN", 5901234123457.5), ["A2 error 5901234123457.5 not_an_integer"]),
    "a fraction in a neutral column": (column("SKU", 12.5), ["A2 error 12.5 not_an_integer"]),
    "a fraction as text is text": (column("SKU", "12.5"), ["A2 code128 12.5"]),
    "a negative number": (column("EAN", -5901234123457), ["A2 error -5901234123457 not_an_integer"]),
    "a negative number in a neutral column": (column("SKU", -5), ["A2 error -5 not_an_integer"]),
    "a negative number as text is text": (column("SKU", "-5"), ["A2 code128 -5"]),
    "zero is no GTIN": (column("EAN", 0), ["A2 error 0 wrong_length"]),
    "zero in a neutral column is a number like others": (column("SKU", 0), ["A2 code128 0"]),
}
SCIENTIFIC: dict[str, Case] = {
    "a decimal point and a signed exponent": (column("EAN", "5.90123E+12"), ["A2 error 5.90123E+12 scientific_text"]),
    "a decimal comma and a plain exponent": (column("EAN", "5,90123E12"), ["A2 error 5,90123E12 scientific_text"]),
    "no decimal mark, signed exponent of two digits": (column("EAN", "59E+11"), ["A2 error 59E+11 scientific_text"]),
    "in a neutral column too": (column("SKU", "5.90123E+12"), ["A2 error 5.90123E+12 scientific_text"]),
    "in a CSV with a decimal comma": (csv("EAN;Name", "5,90123E+12;Tea"), ["A2 error 5,90123E+12 scientific_text"]),
    "a symbology that can print it changes nothing": (
        column("SKU", "5.90123E+12"),
        {"symbology": "code128"},
        ["A2 error 5.90123E+12 scientific_text"],
    ),
    "a signed exponent of one digit is text": (column("SKU", "59E+1"), ["A2 code128 59E+1"]),
    "1E3 is text": (column("SKU", "1E3"), ["A2 code128 1E3"]),
    "59E11 is text": (column("SKU", "59E11"), ["A2 code128 59E11"]),
    "1E3 in a GTIN column is no number": (column("EAN", "1E3"), ["A2 error 1E3 bad_characters"]),
    "an article number that only holds such a thing is text": (column("SKU", "X5.9E+12"), ["A2 code128 X5.9E+12"]),
}
OTHER_TYPES: dict[str, Case] = {
    "a date": (column("EAN", date(2026, 11, 24)), ["A2 error 2026-11-24 date_value"]),
    "a date and time": (
        column("EAN", As("yyyy-mm-dd hh:mm", 46350.354166666664)),
        ["A2 error 2026-11-24T08:30:00 date_value"],
    ),
    "a time": (column("EAN", time(8, 30)), ["A2 error 08:30:00 date_value"]),
    "a duration": (column("EAN", timedelta(hours=30)), ["A2 error 1900-01-01T06:00:00 date_value"]),
    "a code that is formatted as a date is suggested": (
        column("EAN", As("dd/mm/yyyy", 5901234123457)),
        [f"A2 error {EAN} date_value→{EAN}"],
    ),
    "also in a neutral column": (column("SKU", As("yyyy-mm-dd", 5901234123457)), [f"A2 error {EAN} date_value→{EAN}"]),
    "a date as text is text": (column("SKU", "2026-11-24"), ["A2 code128 2026-11-24"]),
    "a boolean": (column("SKU", True), ["A2 error TRUE boolean_value"]),
    "TRUE as text is text": (csv("SKU;Name", "TRUE;Tea"), ["A2 code128 TRUE"]),
    "an error": (column("SKU", "#N/A"), ["A2 error #N/A error_value"]),
    "a division by zero": (column("EAN", "#DIV/0!"), ["A2 error #DIV/0! error_value"]),
    "a formula without stored value": (column("EAN", NO_VALUE), ["A2 error =1+1 formula_without_value"]),
    "no symbology heals an error": (column("SKU", "#REF!"), {"symbology": "qr"}, ["A2 error #REF! error_value"]),
}
RAW = '<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c></row><row r="2">%s</row><row r="3"><c r="A3"><v>7</v></c></row>'
SINGLE_CELLS: dict[str, Case] = {
    "a formula with a stored text": (
        raw(RAW % '<c r="A2" t="str"><f>X1</f><v>AB</v></c>'),
        ["A2 code128 AB", "A3 code128 7"],
    ),
    "a formula with a stored number": (
        raw(RAW % '<c r="A2"><f>X1</f><v>12</v></c>'),
        ["A2 code128 12", "A3 code128 7"],
    ),
    'a formula whose stored value is "" is blank': (
        raw(RAW % '<c r="A2" t="str"><f>X1</f><v></v></c>'),
        ["A3 code128 7"],
    ),
    "a number that is none": (raw(RAW % '<c r="A2"><v>12abc</v></c>'), ["A2 error 12abc error_value", "A3 code128 7"]),
    "an unknown string index": (
        raw(RAW % '<c r="A2" t="s"><v>99</v></c>'),
        ["A2 error no shared string 99 error_value", "A3 code128 7"],
    ),
    "a number beyond all numbers": (
        raw(RAW % '<c r="A2"><v>1E400</v></c>'),
        ["A2 error 1E400 error_value", "A3 code128 7"],
    ),
    "an escaped control character is bad": (
        raw(RAW % '<c r="A2" t="inlineStr"><is><t>59_x0001_12</t></is></c>'),
        ["A2 error 59\x0112 bad_characters", "A3 code128 7"],
    ),
    "rich text is joined": (
        raw(RAW % '<c r="A2" t="inlineStr"><is><r><t>AB</t></r><r><t>12</t></r></is></c>'),
        ["A2 code128 AB12", "A3 code128 7"],
    ),
    "a date by ISO 8601": (
        raw(RAW % '<c r="A2" t="d"><v>2026-11-24</v></c>'),
        ["A2 error 2026-11-24 date_value", "A3 code128 7"],
    ),
}
ENDS: dict[str, Case] = {
    "blanks at the ends are trimmed without a word": (column("EAN", f"  {EAN} "), [f"A2 ean13   {EAN} >{EAN}"]),
    "a no-break space at the end": (
        column("EAN", f"{EAN}\u00a0"),
        [f"A2 ean13 {EAN}\u00a0>{EAN} invisible_characters_removed"],
    ),
    "a byte order mark in front": (
        column("EAN", f"\ufeff{EAN}"),
        [f"A2 ean13 \ufeff{EAN}>{EAN} invisible_characters_removed"],
    ),
    "a zero-width space at the end, in a neutral column": (
        column("SKU", "AB\u200b"),
        ["A2 code128 AB\u200b>AB invisible_characters_removed"],
    ),
    "direction marks around, and a blank outside of them": (
        column("SKU", " \u202aAB\u202c "),
        ["A2 code128  \u202aAB\u202c >AB invisible_characters_removed"],
    ),
    "a blank inside is a character": (column("SKU", "AB 12"), ["A2 code128 AB 12"]),
    "two blanks inside are two": (column("SKU", "AB  12"), ["A2 code128 AB  12"]),
    "a tab inside": (column("SKU", "AB\t12"), ["A2 error AB\t12 bad_characters"]),
    "a line break inside": (column("SKU", "AB\n12"), ["A2 error AB\n12 bad_characters"]),
    "a no-break space inside a neutral value": (column("SKU", "AB\u00a012"), ["A2 error AB\u00a012 bad_characters"]),
    "a zero-width space inside a GTIN": (
        column("EAN", "590123\u200b4123457"),
        ["A2 error 590123\u200b4123457 bad_characters"],
    ),
    "a direction mark inside, even for a QR code": (
        column("SKU", "AB\u200e12"),
        {"symbology": "qr"},
        ["A2 error AB\u200e12 bad_characters"],
    ),
    "only invisible characters are nothing": (
        table(("EAN", "Name"), ("\u200b\u00a0", "Tea")),
        ["A2 error \u200b\u00a0 empty_code"],
    ),
    "a row of them is blank": (table(("EAN", "Name"), ("\u200b", "\u00a0"), (EAN, "Tea")), [f"A3 ean13 {EAN}"]),
}


@pytest.mark.parametrize("case", NUMBERS.values(), ids=NUMBERS)
def test_numbers(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", SCIENTIFIC.values(), ids=SCIENTIFIC)
def test_scientific_text(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", (OTHER_TYPES | SINGLE_CELLS).values(), ids=OTHER_TYPES | SINGLE_CELLS)
def test_what_is_neither_text_nor_number(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", ENDS.values(), ids=ENDS)
def test_blanks_and_invisible_characters(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
