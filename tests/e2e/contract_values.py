"""UPLOADS.md sections 4 and 5 as cases: from cell to value, from value to symbol."""

# ruff: noqa: E501, DTZ001 — a case is one line of a table; a workbook knows no time zones

from datetime import date, datetime, time, timedelta

from tests.e2e.contract_case import Case, book, case, column, csv
from tests.workbooks import raw, row

E13, BAD13, UPC, E8, ITF = "5901234123457", "5901234123450", "036000291452", "96385074", "15400141288763"
ADD = {"check_digit": "add"}
NBSP, ZWSP, RLM = "\u00a0", "\u200b", "\u200f"

VALUES: dict[str, Case] = {
    "integral numbers are their digits": case(column("EAN", 5901234123457), f"2: ean13 {E13} x1"),
    "an integral number stored as 5.901234123457E12": case(
        raw(row(1, "EAN") + '<row r="2"><c r="A2"><v>5.901234123457E12</v></c></row>'), f"2: ean13 {E13} x1"),
    "a format of zeros restores leading zeros": case(
        column("EAN", 36000291452, formats={"A2": "0000000000000"}), "2: ean13 0036000291452 x1 leading_zeros_restored"),
    "a format of zeros restores in a neutral column": case(
        column("SKU", 123, formats={"A2": "00000"}), "2: code128 00123 x1 leading_zeros_restored"),
    "a format of zeros that is short enough adds no word": case(column("SKU", 123, formats={"A2": "000"}), "2: code128 123 x1"),
    "a format #,##0 is no format of zeros": case(column("SKU", 1234, formats={"A2": "#,##0"}), "2: code128 1234 x1"),
    "15 digits are kept": case(column("SKU", 123456789012345), "2: code128 123456789012345 x1"),
    "16 digits are lost": case(column("SKU", 1234567890123456), "2: precision_lost"),
    "fractions are no integers": case(column("SKU", 12.5), "2: not_an_integer"),
    "a minus is no integer": case(column("SKU", -12), "2: not_an_integer"),
    "0 in a neutral column is Code 128": case(column("SKU", 0), "2: code128 0 x1"),
    "minus 0 is 0": case(raw(row(1, "SKU") + '<row r="2"><c r="A2"><v>-0</v></c></row>'), "2: code128 0 x1"),
    "0 in a GTIN column has a wrong length": case(column("EAN", 0, E13), "2: wrong_length", f"3: ean13 {E13} x1"),
    "a tiny number is no integer": case(raw(row(1, "SKU") + '<row r="2"><c r="A2"><v>1E-7</v></c></row>'), "2: not_an_integer"),
    "a decimal point before E+": case(column("SKU", "5.90123E+12"), "2: scientific_text"),
    "a decimal comma before E": case(column("SKU", "5,90123E12"), "2: scientific_text"),
    "an exponent with sign and two digits": case(column("SKU", "59E+11"), "2: scientific_text"),
    "a small e too": case(column("SKU", "5.9e+11"), "2: scientific_text"),
    "an exponent with sign and one digit is text": case(column("SKU", "59E+1"), "2: code128 59E+1 x1"),
    "1E3 is text": case(column("SKU", "1E3"), "2: code128 1E3 x1"),
    "1E13 is text": case(column("SKU", "1E13"), "2: code128 1E13 x1"),
    "1E3 in a GTIN column is no digits": case(column("EAN", "1E3", E13), "2: bad_characters", f"3: ean13 {E13} x1"),
    "scientific text in a CSV": case(csv(f"EAN\n5.90123E+12\n{E13}\n"), "2: scientific_text", f"3: ean13 {E13} x1"),
    "scientific text with a decimal comma in a CSV": case(
        csv(f"EAN;Name\n5,90123E+12;a\n{E13};b\n"), "2: scientific_text", f"3: ean13 {E13} x1"),
    "a date": case(column("SKU", date(2024, 5, 1)), "2: date_value"),
    "a time": case(column("SKU", time(12, 30)), "2: date_value"),
    "a moment": case(column("SKU", datetime(2024, 5, 1, 12, 0)), "2: date_value"),
    "a duration": case(column("SKU", timedelta(hours=30)), "2: date_value"),
    "a code formatted as a date": case(column("EAN", 5901234123457, formats={"A2": "dd/mm/yyyy"}), "2: date_value"),
    "true": case(column("SKU", True), "2: boolean_value"),
    "a formula without value": case(column("SKU", "=A1&B1"), "2: formula_without_value"),
    "an error": case(raw(row(1, "SKU") + '<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>'), "2: error_value"),
    "a formula with text": case(
        raw(row(1, "SKU") + '<row r="2"><c r="A2" t="str"><f>B1</f><v>AB1</v></c></row>'), "2: code128 AB1 x1"),
    "a formula with an empty text": case(
        raw(row(1, "SKU", "Name") + '<row r="2"><c r="A2" t="str"><f>B1</f><v></v></c>'
            '<c r="B2" t="inlineStr"><is><t>x</t></is></c></row>' + row(3, "A1", "y")), "2: empty_code", "3: code128 A1 x1"),
    "a cell that cannot be read is of its row only": case(
        raw(row(1, "SKU") + '<row r="2"><c r="A2"><v>12abc</v></c></row>' + row(3, "A1")),
        "2: error_value", "3: code128 A1 x1"),
    "ASCII blanks at the ends go without a word": case(column("EAN", f" \t{E13}\n "), f"2: ean13 {E13} x1"),
    "NBSP at the ends": case(column("EAN", E13 + NBSP), f"2: ean13 {E13} x1 invisible_characters_removed"),
    "zero width at the ends": case(column("EAN", ZWSP + E13), f"2: ean13 {E13} x1 invisible_characters_removed"),
    "a direction mark at the ends": case(column("SKU", RLM + "AB"), "2: code128 AB x1 invisible_characters_removed"),
    "a BOM at the ends": case(column("SKU", "\ufeffAB"), "2: code128 AB x1 invisible_characters_removed"),
    "a blank inside is a character": case(column("SKU", "A B"), "2: code128 A B x1"),
    "NBSP inside a SKU": case(column("SKU", f"A{NBSP}B"), "2: bad_characters"),
    "a line break inside a SKU": case(column("SKU", "A\nB"), "2: bad_characters"),
    "a tab inside a SKU": case(column("SKU", "A\tB"), "2: bad_characters"),
    "zero width inside a GTIN": case(column("EAN", f"590{ZWSP}1234123457"), "2: bad_characters"),
    "NBSP inside a GTIN is a separator": case(
        column("EAN", f"590{NBSP}1234123457"), f"2: ean13 {E13} x1 separators_removed"),
    "blanks and hyphens inside a GTIN": case(column("EAN", "590 1234-123457"), f"2: ean13 {E13} x1 separators_removed"),
    "an en dash inside a GTIN": case(column("EAN", "590\u20131234123457"), f"2: ean13 {E13} x1 separators_removed"),
    "a dot inside a GTIN": case(column("EAN", "590.1234.123457"), "2: bad_characters"),
    "full-width digits": case(
        column("EAN", "５９０１２３４１２３４５７"), f"2: ean13 {E13} x1 digits_normalised"),
    "Arabic digits": case(column("SKU", "A١٢"), "2: code128 A12 x1 digits_normalised"),
    "full-width letters are no ASCII": case(column("SKU", "ＡＢ"), "2: bad_characters"),
    "a CSV cell 5901234123457.0": case(csv(f"EAN\n{E13}.0\n"), f"2: ean13 {E13} x1 digits_normalised"),
    "a text cell 5901234123457.0 in a workbook": case(column("EAN", f"{E13}.0"), "2: bad_characters"),
    "CSV digits count as numbers": case(csv("EAN\n36000291452\n"), "2: ean13 0036000291452 x1 leading_zeros_restored"),
    "text digits do not": case(column("EAN", "36000291452"), "2: wrong_length"),
    "an ISBN's X under EAN": case(column("EAN", "080442957X"), "2: ean13 9780804429573 x1 isbn10_converted"),
    "letters in a GTIN column": case(column("EAN", "ABC", E13), "2: bad_characters", f"3: ean13 {E13} x1"),
    "letters in a GTIN column with symbology code128": case(
        column("EAN", "AB-C"), "2: code128 AB-C x1", options={"symbology": "code128"}),
    "a row's own symbology takes letters and keeps separators": case(
        book(["EAN", "Symbology"], ["590-1", "Code 128"], [E13, "EAN-13"]), "2: code128 590-1 x1", f"3: ean13 {E13} x1"),
    "ends like (01) in a GTIN column": case(
        column("EAN", "(01)05901234123457(10)A B"), "2: gs1_bad_value"),
    "GS1 in a GTIN column keeps hyphens": case(
        column("EAN", "(01)05901234123457(10)A-B"), "2: gs1_128 (01)05901234123457(10)A-B x1 below_gs1_size"),
    "1,001 characters are too long": case(column("SKU", "A" * 1001), "2: too_long"),
    "1,000 characters are too long for Code 128 only": case(column("SKU", "A" * 1000), "2: too_long"),
    "80 characters of Code 128": case(column("SKU", "A" * 81), "2: too_long"),
    "1,000 characters in a QR": case(
        column("SKU", "A" * 1001), "2: too_long", options={"symbology": "qr"}),
    "a long name is cut": case(
        book(["SKU", "Name"], ["A1", "n" * 1001]), "2: code128 A1 x1 text_truncated"),
    "an error in a name reads as empty": case(
        raw(row(1, "SKU", "Name") + '<row r="2"><c r="A2"><v>12</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'),
        "2: code128 12 x1"),
    "emoji in a name is fine": case(book(["SKU", "Name"], ["A1", "Tea 🍵"]), "2: code128 A1 x1"),
    "umlauts in a SKU": case(column("SKU", "ÄB"), "2: bad_characters"),
}  # fmt: skip

SYMBOLS: dict[str, Case] = {
    "lengths choose the symbol": case(
        column("GTIN", E8, UPC, E13, ITF), f"2: ean8 {E8} x1", f"3: upca {UPC} x1", f"4: ean13 {E13} x1", f"5: itf14 {ITF} x1 below_gs1_size"),
    "the row's cell wins over the option": case(
        book(["SKU", "Symbology"], ["AB", "code39"], ["CD", None]), "2: code39 AB x1", "3: code128 CD x1",
        options={"symbology": "code128"}),
    "auto in a cell goes back to auto": case(
        book(["EAN", "Symbology"], [E13, "Auto"], ["AB", ""]), f"2: ean13 {E13} x1", "3: code128 AB x1",
        options={"symbology": "code128"}),
    "an unknown symbology": case(
        book(["SKU", "Symbology"], ["AB", "pdf417"], ["CD", None]), "2: unknown_symbology", "3: code128 CD x1"),
    "a symbology with blanks and hyphens": case(
        book(["SKU", "Symbology"], ["AB", "Data Matrix"], ["CD", "CODE_39"], ["EF", "q-r"]),
        "2: datamatrix AB x1", "3: code39 CD x1", "4: qr EF x1"),
    "GS1 AIs": case(column("SKU", "(05)123", "(01)05901234123450", "(17)251332"),
        "2: gs1_bad_ai", "3: gs1_bad_value", "4: gs1_bad_value"),
    "GS1 out of brackets in GS1 DataMatrix": case(
        column("SKU", "(01)05901234123457(21)X1"), "2: gs1_datamatrix (01)05901234123457(21)X1 x1",
        options={"symbology": "gs1_datamatrix"}),
    "more than half are GTINs": case(column("SKU", E13, UPC, "1234567890123", "A-1"),
        f"2: ean13 {E13} x1", f"3: upca {UPC} x1", "4: bad_check_digit", "5: code128 A-1 x1"),
    "exactly half is not more than half": case(column("SKU", E13, BAD13), f"2: code128 {E13} x1", f"3: code128 {BAD13} x1"),
    "under a barcode header half is enough": case(column("Barcode", E13, BAD13), f"2: ean13 {E13} x1", "3: bad_check_digit"),
    "less than half under a barcode header is not": case(
        column("Barcode", E13, BAD13, "5901234123451"), f"2: code128 {E13} x1", f"3: code128 {BAD13} x1", "4: code128 5901234123451 x1"),
    "numbers of 7 digits are candidates": case(column("SKU", 1234565, 1234560, 1234561),
        "2: code128 1234565 x1", "3: code128 1234560 x1", "4: code128 1234561 x1"),
    "zeros are restored where the column holds GTINs": case(column("SKU", E13, 36000291452, 12345, "7-7"),
        f"2: ean13 {E13} x1", "3: ean13 0036000291452 x1 leading_zeros_restored", "4: code128 12345 x1", "5: code128 7-7 x1"),
    "text of 11 digits is no candidate": case(column("SKU", E13, "36000291452"), f"2: ean13 {E13} x1", "3: code128 36000291452 x1"),
    "separators go where the column holds GTINs": case(column("SKU", "590-1234-123457", E8),
        f"2: ean13 {E13} x1 separators_removed", f"3: ean8 {E8} x1"),
    "separators stay where it does not": case(column("SKU", "590-1234-123450", "A"),
        "2: code128 590-1234-123450 x1", "3: code128 A x1"),
    "zeros of a UPC header": case(column("UPC", 36000291452, 3600029145), f"2: upca {UPC} x1 leading_zeros_restored", "3: wrong_length"),
    "13 digits under UPC are EAN-13": case(column("UPC", E13), f"2: ean13 {E13} x1"),
    "ISBN as text": case(column("ISBN", "0306406152"), "2: ean13 9780306406157 x1 isbn10_converted"),
    "ISBN as a number of 9 digits": case(
        column("ISBN", 306406152), "2: ean13 9780306406157 x1 leading_zeros_restored isbn10_converted"),
    "ISBN as a number of 10 digits": case(column("ISBN", 3442098769), "2: ean13 9783442098767 x1 isbn10_converted"),
    "ISBN-13 with hyphens": case(column("ISBN", "978-3-16-148410-0"), "2: ean13 9783161484100 x1 separators_removed"),
    "ISBN with a small x": case(column("ISBN", "0-8044-2957-x"), "2: ean13 9780804429573 x1 separators_removed isbn10_converted"),
    "10 digits as a number under EAN are no ISBN": case(column("EAN", 3442098769, E13), "2: wrong_length", f"3: ean13 {E13} x1"),
    "a CSV ISBN-10 needs X or a zero": case(csv(f"EAN\n3442098769\n0306406152\n080442957X\n{E13}\n"),
        "2: wrong_length", "3: ean13 9780306406157 x1 isbn10_converted", "4: ean13 9780804429573 x1 isbn10_converted", f"5: ean13 {E13} x1"),
    "a CSV under ISBN": case(csv("ISBN\n3442098769\n306406152\n"),
        "2: ean13 9783442098767 x1 isbn10_converted", "3: ean13 9780306406157 x1 leading_zeros_restored isbn10_converted"),
    "5 zeros are too many": case(column("EAN", 12345674, 291452, E13), "2: bad_check_digit", "3: wrong_length", f"4: ean13 {E13} x1"),
    "add completes 7, 11 and 12": case(column("EAN", "9638507", "03600029145", "590123412345"),
        f"2: ean8 {E8} x1 check_digit_added", f"3: upca {UPC} x1 check_digit_added", f"4: ean13 {E13} x1 check_digit_added",
        options=ADD),
    "add completes numbers too": case(column("EAN", 9638507, 590123412345),
        f"2: ean8 {E8} x1 check_digit_added", f"3: ean13 {E13} x1 check_digit_added", options=ADD),
    "add verifies 8, 13 and 14": case(column("EAN", E8, BAD13, ITF), f"2: ean8 {E8} x1", "3: bad_check_digit", f"4: itf14 {ITF} x1 below_gs1_size", options=ADD),
    "add under UPC takes 11 only": case(column("UPC", "03600029145", UPC, "9638507"),
        f"2: upca {UPC} x1 check_digit_added", f"3: upca {UPC} x1 duplicate", "4: wrong_length", options=ADD),
    "add in a neutral column": case(column("SKU", "590123412345", "1234567890123"),
        "2: code128 590123412345 x1", "3: code128 1234567890123 x1", options=ADD),
    "add in a neutral column with a majority": case(column("SKU", "590123412345", "9638507", "1234567890123"),
        f"2: ean13 {E13} x1 check_digit_added", f"3: ean8 {E8} x1 check_digit_added", "4: bad_check_digit", options=ADD),
    "Code 39": case(column("SKU", "abc", "A+B", "A.B"), "2: bad_characters", "3: code39 A+B x1 code39_ambiguous", "4: code39 A.B x1",
        options={"symbology": "code39"}),
    "UPC-E": case(column("UPC", "01234565", "123456", "0123456", "01234560"),
        "2: upce 01234565 x1", "3: upce 01234565 x1 check_digit_added duplicate", "4: upce 01234565 x1 check_digit_added duplicate", "5: bad_check_digit",
        options={"symbology": "upce"}),
    "Codabar": case(column("SKU", "1234", "A1234B"), "2: codabar A1234A x1", "3: codabar A1234B x1", options={"symbology": "codabar"}),
    "quantities": case(
        book(["SKU", "Qty"], ["A", 0], ["B", None], ["C", "3"], ["D", 1.5], ["E", -1], ["F", 10000], ["G", 10001], ["H", "two"], ["I", True], ["J", " 4 "], ["K", "007"]),
        "2: code128 A x0", "3: code128 B x1", "4: code128 C x3", "5: bad_quantity", "6: bad_quantity", "7: code128 F x10000",
        "8: quantity_too_large", "9: bad_quantity", "10: bad_quantity", "11: code128 J x4", "12: code128 K x7"),
    "quantity 2.0 stored as a number": case(
        raw(row(1, "SKU", "Qty") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2.0</v></c></row>'), "2: code128 1 x2"),
    "a quantity in error": case(
        raw(row(1, "SKU", "Qty") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><v>#REF!</v></c></row>' + row(3, "A", 1)),
        "2: bad_quantity", "3: code128 A x1"),
    "every fault of a row is listed": case(
        book(["EAN", "Qty"], [BAD13, "x"], [E13, 1]), "2: bad_check_digit bad_quantity", f"3: ean13 {E13} x1"),
    "duplicates across symbologies": case(
        column("GTIN", UPC, "0036000291452", "00036000291452"), f"2: upca {UPC} x1", "3: ean13 0036000291452 x1 duplicate", "4: itf14 00036000291452 x1 below_gs1_size duplicate"),
    "a row of quantity 0 is no first": case(
        book(["SKU", "Qty"], ["A", 0], ["A", 1], ["A", 0], ["A", 2]), "2: code128 A x0", "3: code128 A x1", "4: code128 A x0", "5: code128 A x2 duplicate"),
    "dropped duplicates": case(column("SKU", "A", "A"), "2: code128 A x1", "3: code128 A x0 duplicate", options={"duplicates": "drop"}),
    "allowed duplicates": case(column("SKU", "A", "A"), "2: code128 A x1", "3: code128 A x1", options={"duplicates": "allow"}),
    "Code 128 and a QR of the same text are no duplicates": case(
        book(["SKU", "Symbology"], ["A", "qr"], ["A", None]), "2: qr A x1", "3: code128 A x1"),
    "an error is no first": case(
        book(["SKU", "Qty"], ["A", "x"], ["A", 1]), "2: bad_quantity", "3: code128 A x1"),
    "a code that does not fit": case(column("SKU", "A" * 60), "2: does_not_fit"),
}  # fmt: skip
