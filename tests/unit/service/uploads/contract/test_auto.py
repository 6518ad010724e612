"""Section 5: from value to symbol, where nobody named one. GTIN columns, ISBN, lost zeros, neutral columns and their majority."""

from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import As, column, csv, table

EAN, EAN2, EAN3 = "5901234123457", "4006381333931", "9501101530003"
GTIN_COLUMN: dict[str, Case] = {
    "8 digits are EAN-8": (column("EAN", "96385074"), ["A2 ean8 96385074"]),
    "12 digits are UPC-A, also under an EAN header": (column("EAN", "036000291452"), ["A2 upca 036000291452"]),
    "13 digits are EAN-13, also under a UPC header": (column("UPC", EAN), [f"A2 ean13 {EAN}"]),
    "14 digits are ITF-14": (column("GTIN", "10614141000415"), ["A2 itf14 10614141000415 below_gs1_size"]),
    "a wrong check digit of each": (
        column("GTIN", "96385075", "036000291453", "5901234123450", "10614141000416"),
        [
            "A2 error 96385075 bad_check_digit→96385074",
            "A3 error 036000291453 bad_check_digit→036000291452",
            f"A4 error 5901234123450 bad_check_digit→{EAN}",
            "A5 error 10614141000416 bad_check_digit→10614141000415",
        ],
    ),
    "no majority decides in a GTIN column": (
        column("EAN", "5901234123450", "5901234123451", EAN),
        [
            f"A2 error 5901234123450 bad_check_digit→{EAN}",
            f"A3 error 5901234123451 bad_check_digit→{EAN}",
            f"A4 ean13 {EAN}",
        ],
    ),
    "an article number under EAN": (column("EAN", "AB-12"), ["A2 error AB-12 bad_characters separators_removed"]),
    "an empty code beside a name": (table(("EAN", "Name"), (None, "Tea")), ["A2 error  empty_code"]),
    "text of 11 digits is suggested with its zeros": (
        column("EAN", "36000291452"),
        ["A2 error 36000291452 wrong_length→0036000291452"],
    ),
    "text of 11 digits under UPC is suggested as UPC-A": (
        column("UPC", "36000291452"),
        ["A2 error 36000291452 wrong_length→036000291452"],
    ),
    "text of 7 digits is suggested as EAN-8": (column("EAN", "0001236"), ["A2 error 0001236 wrong_length→00001236"]),
    "text without a valid padding has no suggestion": (
        column("EAN", "36000291453"),
        ["A2 error 36000291453 wrong_length"],
    ),
    "text of 6 digits": (column("EAN", "123456"), ["A2 error 123456 wrong_length"]),
    "text of 15 digits": (column("EAN", "590123412345672"), ["A2 error 590123412345672 wrong_length"]),
}
LOST_ZEROS: dict[str, Case] = {
    "a number of 11 digits under EAN": (
        column("EAN", 36000291452),
        ["A2 ean13 36000291452>0036000291452 leading_zeros_restored"],
    ),
    "a number of 11 digits under UPC": (
        column("UPC", 36000291452),
        ["A2 upca 36000291452>036000291452 leading_zeros_restored"],
    ),
    "a number of 10 digits": (column("EAN", 1000234570), ["A2 ean13 1000234570>0001000234570 leading_zeros_restored"]),
    "a number of 9 digits: four zeros": (
        column("EAN", 100234572),
        ["A2 ean13 100234572>0000100234572 leading_zeros_restored"],
    ),
    "a number of 7 digits": (column("EAN", 1234565), ["A2 ean8 1234565>01234565 leading_zeros_restored"]),
    "a number of 7 digits under UPC is EAN-8 too": (
        column("UPC", 1234565),
        ["A2 ean8 1234565>01234565 leading_zeros_restored"],
    ),
    "a number of 8 digits has lost nothing": (column("UPC", 96385075), ["A2 error 96385075 bad_check_digit→96385074"]),
    "a number of 6 digits would need too many": (column("EAN", 123457), ["A2 error 123457 wrong_length"]),
    "five zeros are too many": (column("EAN", 12345670), ["A2 ean8 12345670"]),
    "a number that no zeros make valid": (column("EAN", 36000291453), ["A2 error 36000291453 wrong_length"]),
    "a CSV cell of digits counts as a number": (
        csv("EAN;Name", "36000291452;Tea"),
        ["A2 ean13 36000291452>0036000291452 leading_zeros_restored"],
    ),
    "a quoted one in a CSV does too": (
        csv('"EAN";"Name"', '"36000291452";"Tea"'),
        ["A2 ean13 36000291452>0036000291452 leading_zeros_restored"],
    ),
    '="…" in a CSV is text': (
        csv("EAN;Name", '="36000291452";Tea'),
        ["A2 error 36000291452 wrong_length→0036000291452"],
    ),
    "an apostrophe in a CSV makes text": (
        csv("EAN;Name", "'36000291452;Tea"),
        ["A2 error 36000291452 wrong_length→0036000291452"],
    ),
    '="…" keeps its zeros': (csv("UPC;Name", '="036000291452";Tea'), ["A2 upca 036000291452"]),
    "a CSV cell with blanks counts all the same": (
        csv("UPC;Name", " 36000291452 ;Tea"),
        ["A2 upca  36000291452 >036000291452 leading_zeros_restored"],
    ),
    "a format of zeros came first": (
        column("EAN", As("000000000000", 36000291452)),
        ["A2 upca 36000291452>036000291452 leading_zeros_restored"],
    ),
    "a format of too few zeros, then as a number": (
        column("UPC", As("00000", 36000291452)),
        ["A2 upca 36000291452>036000291452 leading_zeros_restored"],
    ),
}
ISBN: dict[str, Case] = {
    "ISBN-10 under an ISBN header": (
        column("ISBN", "0306406152"),
        ["A2 ean13 0306406152>9780306406157 isbn10_converted"],
    ),
    "ISBN-10 with X": (column("ISBN", "080442957X"), ["A2 ean13 080442957X>9780804429573 isbn10_converted"]),
    "ISBN-10 with hyphens": (
        column("ISBN", "0-306-40615-2"),
        ["A2 ean13 0-306-40615-2>9780306406157 isbn10_converted separators_removed"],
    ),
    "ISBN-10 as a number under an ISBN header": (
        column("ISBN", 8371815107),
        ["A2 ean13 8371815107>9788371815102 isbn10_converted"],
    ),
    "9 digits as a number under an ISBN header: one zero": (
        column("ISBN", 306406152),
        ["A2 ean13 306406152>9780306406157 isbn10_converted leading_zeros_restored"],
    ),
    "9 digits as text under an ISBN header are not": (
        column("ISBN", "306406152"),
        ["A2 error 306406152 wrong_length→0306406152"],
    ),
    "ISBN-13": (column("ISBN", "978-0-306-40615-7"), ["A2 ean13 978-0-306-40615-7>9780306406157 separators_removed"]),
    "ISBN-13 with a wrong check digit": (
        column("ISBN", "9780306406158"),
        ["A2 error 9780306406158 bad_check_digit→9780306406157"],
    ),
    "ISBN-10 with a wrong check digit": (
        column("ISBN", "0306406153"),
        ["A2 error 0306406153 bad_check_digit→0306406152"],
    ),
    "ten characters of text under EAN": (
        column("EAN", "0306406152"),
        ["A2 ean13 0306406152>9780306406157 isbn10_converted"],
    ),
    "ten characters without a zero under EAN": (
        column("EAN", "8371815107"),
        ["A2 ean13 8371815107>9788371815102 isbn10_converted"],
    ),
    "with X under EAN": (column("EAN", "080442957X"), ["A2 ean13 080442957X>9780804429573 isbn10_converted"]),
    "a number of ten digits under EAN is none": (column("EAN", 8371815107), ["A2 error 8371815107 wrong_length"]),
    "in a CSV with a leading zero": (
        csv("EAN;Name", "0306406152;Tea"),
        ["A2 ean13 0306406152>9780306406157 isbn10_converted"],
    ),
    "in a CSV with an X": (csv("EAN;Name", "080442957X;Tea"), ["A2 ean13 080442957X>9780804429573 isbn10_converted"]),
    "in a CSV with neither, under EAN, it is a number": (
        csv("EAN;Name", "8371815107;Tea"),
        ["A2 error 8371815107 wrong_length"],
    ),
    "in a CSV with neither, under EAN, zeros are restored": (
        csv("EAN;Name", "1000234570;Tea"),
        ["A2 ean13 1000234570>0001000234570 leading_zeros_restored"],
    ),
    "in a CSV under ISBN": (csv("ISBN;Name", "8371815107;Tea"), ["A2 ean13 8371815107>9788371815102 isbn10_converted"]),
    "9 digits in a CSV under ISBN": (
        csv("ISBN;Name", "306406152;Tea"),
        ["A2 ean13 306406152>9780306406157 isbn10_converted leading_zeros_restored"],
    ),
    "X elsewhere": (column("ISBN", "0804X29573"), ["A2 error 0804X29573 bad_characters"]),
    "X at the end of thirteen": (column("ISBN", "978030640615X"), ["A2 error 978030640615X bad_characters"]),
    "in a neutral column it is an article number": (column("SKU", "080442957X"), ["A2 code128 080442957X"]),
}
CODE = "code128"
NEUTRAL: dict[str, Case] = {
    "article numbers": (column("SKU", "AB-1", "x 2", 17), ["A2 code128 AB-1", "A3 code128 x 2", "A4 code128 17"]),
    "one valid GTIN of one candidate": (column("SKU", EAN, "AB"), [f"A2 ean13 {EAN}", "A3 code128 AB"]),
    "all lengths": (
        column("Code", "96385074", "036000291452", EAN, "10614141000415"),
        ["A2 ean8 96385074", "A3 upca 036000291452", f"A4 ean13 {EAN}", "A5 itf14 10614141000415 below_gs1_size"],
    ),
    "half are not enough": (column("SKU", EAN, "5901234123450"), [f"A2 code128 {EAN}", "A3 code128 5901234123450"]),
    "half are enough under a barcode header": (
        column("Barcode", EAN, "4006381333930"),
        [f"A2 ean13 {EAN}", f"A3 error 4006381333930 bad_check_digit→{EAN2}"],
    ),
    "less than half under a barcode header": (
        column("Barcode", EAN, "4006381333930", "4006381333932"),
        [f"A2 code128 {EAN}", "A3 code128 4006381333930", "A4 code128 4006381333932"],
    ),
    "two of three": (
        column("SKU", EAN, EAN2, "4006381333930"),
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN2}", f"A4 error 4006381333930 bad_check_digit→{EAN2}"],
    ),
    "others count neither way": (
        column("SKU", EAN, "A", "B", "C", "123456"),
        [f"A2 ean13 {EAN}", "A3 code128 A", "A4 code128 B", "A5 code128 C", "A6 code128 123456"],
    ),
    "candidates are counted without separators": (
        column("SKU", "590-1234-123457"),
        [f"A2 ean13 590-1234-123457>{EAN} separators_removed"],
    ),
    "without a majority the separators stay": (
        column("SKU", "590-1234-123457", "590-1234-123450"),
        ["A2 code128 590-1234-123457", "A3 code128 590-1234-123450"],
    ),
    "a no-break space is a separator with a majority": (
        column("SKU", "590\u00a01234123457"),
        [f"A2 ean13 590\u00a01234123457>{EAN} separators_removed"],
    ),
    "and a bad character without": (
        column("SKU", "590\u00a01234123457", "5901234123450"),
        ["A2 error 590\u00a01234123457 bad_characters", "A3 code128 5901234123450"],
    ),
    "a wrong check digit behind separators": (
        column("SKU", EAN, EAN2, "590-1234-123450"),
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN2}", f"A4 error 590-1234-123450 bad_check_digit→{EAN} separators_removed"],
    ),
    "a number with lost zeros is a candidate": (
        column("SKU", 36000291452),
        ["A2 ean13 36000291452>0036000291452 leading_zeros_restored"],
    ),
    "a number of 7 digits is a candidate": (
        column("SKU", 1234565),
        ["A2 ean8 1234565>01234565 leading_zeros_restored"],
    ),
    "invalid numbers of 7 digits are candidates that fail": (
        column("SKU", EAN, 1234567, 1234568),
        [f"A2 code128 {EAN}", "A3 code128 1234567", "A4 code128 1234568"],
    ),
    "in a column of GTINs one of them is Code 128": (
        column("SKU", EAN, EAN2, 1234567),
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN2}", "A4 code128 1234567"],
    ),
    "a number of 6 digits is no candidate": (
        column("SKU", EAN, 123456, 123457),
        [f"A2 ean13 {EAN}", "A3 code128 123456", "A4 code128 123457"],
    ),
    "text of 11 digits is no candidate": (
        column("SKU", EAN, "36000291452", "36000291453"),
        [f"A2 ean13 {EAN}", "A3 code128 36000291452", "A4 code128 36000291453"],
    ),
    "a CSV cell of 11 digits is one": (
        csv("SKU;Name", "36000291452;Tea", "36000291453;Tea"),
        ["A2 code128 36000291452", "A3 code128 36000291453"],
    ),
    "a UPC that lost its zero, under a neutral header": (
        csv("SKU;Name", "36000291452;Tea"),
        ["A2 ean13 36000291452>0036000291452 leading_zeros_restored"],
    ),
    "Code 128 is printable ASCII": (column("SKU", "ÄB", "AB~ !"), ["A2 error ÄB bad_characters", "A3 code128 AB~ !"]),
    "an element string counts neither way": (
        column("SKU", "(01)09501101530003", EAN),
        {"layout": "L7163"},
        ["A2 gs1_128 (01)09501101530003", f"A3 ean13 {EAN}"],
    ),
    "ten digits as text are an article number": (column("SKU", "0306406152"), ["A2 code128 0306406152"]),
    "an article number's header decides nothing for a barcode column beside it": (
        table(("SKU", "Barcode"), ("AB-1", EAN)),
        [f"B2 ean13 {EAN}"],
    ),
}
TABLES = GTIN_COLUMN | LOST_ZEROS


@pytest.mark.parametrize("case", TABLES.values(), ids=TABLES)
def test_gtin_columns(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", ISBN.values(), ids=ISBN)
def test_isbn(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", NEUTRAL.values(), ids=NEUTRAL)
def test_neutral_columns(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
