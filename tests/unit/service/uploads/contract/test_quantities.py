"""Section 5: quantities, copies and duplicates, and the texts beside a symbol."""

from datetime import date
from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import NO_VALUE, As, column, csv, raw, table

EAN, EAN2 = "5901234123457", "4006381333931"
UPC = "036000291452"


def asked(value: object, told: str) -> Case:
    """Return a case of one quantity beside a good one."""
    return table(("EAN", "Qty"), (EAN, value), (EAN2, 1)), [f"A2 {told}", f"A3 ean13 {EAN2}"]


def good(value: object, count: int) -> Case:
    return asked(value, f"ean13 {EAN}" + ("" if count == 1 else f" x{count}"))


def bad(value: object) -> Case:
    return asked(value, f"error {EAN} x? bad_quantity")


QUANTITIES: dict[str, Case] = {
    "a number": good(3, 3),
    "nothing is one": good(None, 1),
    "blanks are nothing": good("  ", 1),
    "invisible characters are nothing": good("\u00a0\u200b", 1),
    "digits as text": good("3", 3),
    "with blanks around": good(" 5 ", 5),
    "with a no-break space behind": good("5\u00a0", 5),
    "with zeros in front": good("007", 7),
    "full-width digits": good("１２", 12),
    "Arabic-Indic digits": good("٣", 3),
    "a number stored as 3.0": good(3.0, 3),
    "0 draws nothing": good(0, 0),
    "0 as text": good("0", 0),
    "10,000": good(10_000, 10_000),
    "10,001": asked(10_001, f"error {EAN} x10001 quantity_too_large"),
    "10,001 as text": asked("10001", f"error {EAN} x10001 quantity_too_large"),
    "a fraction": bad(2.5),
    "less than nothing": bad(-1),
    "less than nothing as text": bad("-1"),
    "with a plus": bad("+5"),
    "3.0 as text of a workbook": bad("3.0"),
    "with a thousands comma": bad("1,000"),
    "with a thousands blank": bad("1 000"),
    "with a unit": bad("3 pcs"),
    "with an exponent": bad("1e3"),
    "a word": bad("many"),
    "a boolean": bad(True),
    "a date": bad(date(2026, 11, 24)),
    "an error": bad("#N/A"),
    "a formula without stored value": bad(NO_VALUE),
    "a superscript": bad("²"),
    "a number in a format of zeros": good(As("000", 7), 7),
    "a formula with a stored number": (
        raw(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c><c r="B1" t="inlineStr"><is><t>Qty</t></is></c></row>'
            '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
        ),
        ["A2 code128 1 x2"],
    ),
    "a bad one beside a bad code: both are told": (
        table(("EAN", "Qty"), ("AB", "x"), (EAN, 1)),
        ["A2 error AB x? bad_characters bad_quantity", f"A3 ean13 {EAN}"],
    ),
    "a bad one beside no code": (
        table(("EAN", "Qty"), (None, "x"), (EAN, 1)),
        ["A2 error  x? bad_quantity empty_code", f"A3 ean13 {EAN}"],
    ),
    "all are 0: nothing to draw, and nothing wrong": (
        table(("EAN", "Qty"), (EAN, 0), (EAN2, "0")),
        [f"A2 ean13 {EAN} x0", f"A3 ean13 {EAN2} x0", "# rows 2 ok 2"],
    ),
    "copies multiply when drawing": (
        table(("EAN", "Qty"), (EAN, 2), (EAN2, 0)),
        {"copies": 3},
        [f"A2 ean13 {EAN} x2", f"A3 ean13 {EAN2} x0", "# rows 2 ok 2 labels 6"],
    ),
    "copies are not held against the limit of a row": (
        table(("EAN", "Qty"), (EAN, 10_000)),
        {"copies": 2},
        [f"A2 ean13 {EAN} x10000", "# rows 1 ok 1 labels 20000"],
    ),
    "more than 100,000 labels with copies": (
        table(("EAN", "Qty"), (EAN, 10_000)),
        {"copies": 11},
        ["! too_many_labels", f"A2 ean13 {EAN} x10000"],
    ),
    "100,000 labels": (table(("EAN", "Qty"), (EAN, 10_000)), {"copies": 10}, [f"A2 ean13 {EAN} x10000"]),
}
DROP = {"duplicates": "drop"}
DUPLICATES: dict[str, Case] = {
    "from the second on": (
        column("SKU", "A", "A", "A", "B"),
        ["A2 code128 A", "A3 code128 A duplicate", "A4 code128 A duplicate", "A5 code128 B"],
    ),
    "allowed": (column("SKU", "A", "A"), {"duplicates": "allow"}, ["A2 code128 A", "A3 code128 A"]),
    "dropped": (
        column("SKU", "A", "A"),
        DROP,
        ["A2 code128 A", "A3 code128 A x0 duplicate", "# rows 2 ok 1 warning 1 labels 1"],
    ),
    "dropped with quantities and copies": (
        table(("SKU", "Qty"), ("A", 2), ("A", 5)),
        {"duplicates": "drop", "copies": 3},
        ["A2 code128 A x2", "A3 code128 A x0 duplicate", "# rows 2 ok 1 warning 1 labels 6"],
    ),
    "a first one of quantity 0 is not drawn": (
        table(("SKU", "Qty"), ("A", 0), ("A", 5)),
        DROP,
        ["A2 code128 A x0", "A3 code128 A x5"],
    ),
    "a second one of quantity 0 is not drawn": (
        table(("SKU", "Qty"), ("A", 5), ("A", 0)),
        ["A2 code128 A x5", "A3 code128 A x0"],
    ),
    "a third one behind it is": (
        table(("SKU", "Qty"), ("A", 5), ("A", 0), ("A", 1)),
        ["A2 code128 A x5", "A3 code128 A x0", "A4 code128 A duplicate"],
    ),
    "rows in error do not count": (
        table(("SKU", "Qty"), ("A", "x"), ("A", 5)),
        ["A2 error A x? bad_quantity", "A3 code128 A x5"],
    ),
    "GTINs as 14 digits": (
        column("EAN", UPC, "0" + UPC, "00" + UPC),
        [f"A2 upca {UPC}", f"A3 ean13 0{UPC} duplicate", f"A4 itf14 00{UPC} below_gs1_size duplicate"],
    ),
    "an EAN-8 as 14 digits": (
        column("EAN", "96385074", "00000096385074"),
        ["A2 ean8 96385074", "A3 itf14 00000096385074 below_gs1_size duplicate"],
    ),
    "with restored zeros": (
        column("UPC", UPC, 36000291452),
        [f"A2 upca {UPC}", f"A3 upca 36000291452>{UPC} duplicate leading_zeros_restored"],
    ),
    "with separators": (
        column("EAN", EAN, "590-1234-123457"),
        [f"A2 ean13 {EAN}", f"A3 ean13 590-1234-123457>{EAN} duplicate separators_removed"],
    ),
    "an ISBN-10 and its ISBN-13": (
        column("ISBN", "9780306406157", "0306406152"),
        ["A2 ean13 9780306406157", "A3 ean13 0306406152>9780306406157 duplicate isbn10_converted"],
    ),
    "other symbologies are other symbols": (
        table(("SKU", "Symbology"), ("A", "code128"), ("A", "code39"), (EAN, "code128"), (EAN, "ean13")),
        ["A2 code128 A", "A3 code39 A", f"A4 code128 {EAN}", f"A5 ean13 {EAN}"],
    ),
    "a UPC-E and its UPC-A": (
        table(("Code", "Symbology"), ("01234565", "upce"), ("012345000065", "upca")),
        ["A2 upce 01234565", "A3 upca 012345000065 duplicate"],
    ),
    "case matters": (column("SKU", "a", "A"), ["A2 code128 a", "A3 code128 A"]),
    "blanks at the ends do not": (column("SKU", "A", " A"), ["A2 code128 A", "A3 code128  A>A duplicate"]),
    "totals rows do not count": (
        column("SKU", "A", "Total", "Total"),
        ["A2 code128 A", "A3 - Total x0 totals_row", "A4 - Total x0 totals_row"],
    ),
}


def beside(told: str, *, name: object = None, price: object = None, problems: str = "") -> Case:
    """Return a case of the texts of one label."""
    return table(("SKU", "Name", "Price"), ("A", name, price)), [f"A2 code128 A{problems}", f"~ 2 {told}"]


TEXTS: dict[str, Case] = {
    "texts": beside("Tea|2,50 €", name="Tea", price="2,50 €"),
    "nothing": beside("|"),
    "trimmed": beside("Tea|", name=" Tea\u00a0"),
    "a number as a name": beside("17|", name=17),
    "a fraction": beside("|2.5", price=2.5),
    "a price with the decimals of its format": beside("|2.50", price=As("0.00", 2.5)),
    "a whole price with the decimals of its format": beside("|3.00", price=As("0.00", 3)),
    "a long fraction": beside("|0.1", price=0.1),
    "a date": beside("|2026-11-24", price=date(2026, 11, 24)),
    "a boolean": beside("TRUE|", name=True),
    "an error reads as empty": beside("|", name="#N/A", price="#DIV/0!"),
    "a formula without stored value reads as empty": beside("|", name=NO_VALUE),
    "1,000 characters": beside("x" * 1000 + "|", name="x" * 1000),
    "more are cut": beside("x" * 1000 + "|", name="x" * 1001, problems=" text_truncated"),
    "a name and a price cut are told apart": beside(
        "x" * 1000 + "|" + "y" * 1000, name="x" * 1001, price="y" * 1001, problems=" text_truncated text_truncated"
    ),
}
OTHERS: dict[str, Case] = {
    "an error as a symbology reads as empty": (
        table(("SKU", "Symbology"), ("A", "#N/A"), ("B", "qr")),
        ["A2 code128 A", "A3 qr B"],
    ),
    "a quantity of 3.0 in a CSV": (csv("SKU;Qty", "A;3.0"), ["A2 code128 A x3"]),
    "a quantity of 3,5 in a CSV": (csv("SKU;Qty", "A;3,5", "B;1"), ["A2 error A x? bad_quantity", "A3 code128 B"]),
    "a price with a comma in a CSV": (csv("SKU;Price", 'A;"2,50"'), ["A2 code128 A", "~ 2 |2,50"]),
}
TABLES = {f"text: {name}": case for name, case in TEXTS.items()} | OTHERS


@pytest.mark.parametrize("case", QUANTITIES.values(), ids=QUANTITIES)
def test_quantities(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", DUPLICATES.values(), ids=DUPLICATES)
def test_duplicates(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", TABLES.values(), ids=TABLES)
def test_texts_beside_the_symbol(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
