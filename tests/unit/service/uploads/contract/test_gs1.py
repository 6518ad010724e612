"""Section 5: GS1 element strings in brackets, by the GS1 Barcode Syntax Dictionary."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import File, column, table

WIDE: dict[str, Any] = {"layout": {"label_mm": [200, 60]}}
GTIN = "(01)09501101530003"


def strings(*values: str) -> tuple[File, dict[str, Any]]:
    """Return a neutral column of element strings, on labels wide enough for any."""
    return column("SKU", *values), WIDE


def drawn(*values: str) -> list[str]:
    return [f"A{n} gs1_128 {value}" for n, value in enumerate(values, start=2)]


def bad(code: str, *values: str) -> list[str]:
    return [f"A{n} error {value} {code}" for n, value in enumerate(values, start=2)]


def both(values: tuple[str, ...], code: str | None) -> Case:
    return (*strings(*values), drawn(*values) if code is None else bad(code, *values))


CASES: dict[str, Case] = {
    "a GTIN": both((GTIN,), None),
    "a GTIN, a date and a batch": both((GTIN + "(17)261231(10)AB-1",), None),
    "a day of 00 is the end of the month": both(("(17)260200",), None),
    "29 February in a leap year": both(("(17)280229",), None),
    "29 February in another": both(("(17)270229",), "gs1_bad_value"),
    "month 13, day 32, day 31 of April": both(("(17)261301", "(17)260132", "(17)260431"), "gs1_bad_value"),
    "a date of five digits": both(("(17)26123",), "gs1_bad_value"),
    "a GTIN of 13 digits": both(("(01)5901234123457",), "gs1_bad_value→(01)05901234123457"),
    "a GTIN of letters": both(("(01)0950110153000A",), "gs1_bad_value"),
    "a GTIN with a wrong check digit is suggested right": (
        *strings("(01)09501101530004"),
        [f"A2 error (01)09501101530004 gs1_bad_value→{GTIN}"],
    ),
    "an SSCC": both(("(00)106141412345678908",), None),
    "an SSCC with a wrong check digit": (
        *strings("(00)106141412345678907"),
        ["A2 error (00)106141412345678907 gs1_bad_value→(00)106141412345678908"],
    ),
    "a batch of 20": both(("(10)" + "A" * 20,), None),
    "a batch of 21": both(("(10)" + "A" * 21,), "gs1_bad_value"),
    "a batch of nothing": both(("(10)", GTIN + "(10)"), "gs1_bad_value"),
    "signs that GS1 knows": both(("(10)A!%&'*+,-./_:;<=>?",), None),
    "signs that it does not know": both(("(10)A~B", "(10)A^B"), "gs1_bad_value"),
    "a blank, which may be left away": both(("(10)A B",), "gs1_bad_value→(10)AB"),
    "a weight with its decimals": both(("(3103)001250",), None),
    "a weight with too many": both(("(3103)0012501",), "gs1_bad_value"),
    "a fourth digit that is no number of decimals": both(("(3109)001250",), "gs1_bad_ai"),
    "a count": both(("(02)09501101530003(37)12",), None),
    "what belongs together may stand alone": both(("(02)09501101530003",), None),
    "a price": both(("(3922)1299",), None),
    "a company's own": both(("(99)ABC", "(91)X"), None),
    "an unknown AI": both(("(05)123", "(9999)A", "(555)123-4567"), "gs1_bad_ai"),
    "an unknown AI behind a known one": both((GTIN + "(05)1",), "gs1_bad_ai"),
    "digits that begin an AI of three": both(("(24)X",), "gs1_bad_ai"),
    "one digit in brackets is text": (column("SKU", "(1)A"), ["A2 code128 (1)A"]),
    "five digits in brackets are text": (column("SKU", "(12345)A"), ["A2 code128 (12345)A"]),
    "letters in brackets are text": (column("SKU", "(AB)1"), ["A2 code128 (AB)1"]),
    "a bracket that is not closed is text": (column("SKU", "(01"), ["A2 code128 (01"]),
    "in a GTIN column": (column("EAN", GTIN), WIDE, drawn(GTIN)),
    "in a GTIN column, wrong": (column("EAN", "(01)123"), WIDE, bad("gs1_bad_value", "(01)123")),
    "blanks around": (column("SKU", f" {GTIN} "), WIDE, [f"A2 gs1_128  {GTIN} >{GTIN}"]),
    "digits of another script": (
        column("SKU", "(٠١)٠٩٥٠١١٠١٥٣٠٠٠٣"),
        WIDE,
        [f"A2 gs1_128 (٠١)٠٩٥٠١١٠١٥٣٠٠٠٣>{GTIN} digits_normalised"],
    ),
    "named for GS1 Data Matrix": (
        column("SKU", GTIN + "(21)A1"),
        WIDE | {"symbology": "GS1 DataMatrix"},
        [f"A2 gs1_datamatrix {GTIN}(21)A1"],
    ),
    "named by the row": (
        table(("SKU", "Symbology"), (GTIN, "gs1_datamatrix"), (GTIN, None)),
        WIDE,
        [f"A2 gs1_datamatrix {GTIN}", f"A3 gs1_128 {GTIN}"],
    ),
    "named, but without brackets": (
        column("SKU", "0109501101530003"),
        WIDE | {"symbology": "gs1_128"},
        ["A2 error 0109501101530003 gs1_bad_ai"],
    ),
    "named QR keeps the brackets": (column("SKU", GTIN), WIDE | {"symbology": "qr"}, [f"A2 qr {GTIN}"]),
    "48 characters: 16 + 22 + a separator + 9": both((GTIN + "(10)" + "1" * 20 + "(21)1234567",), None),
    "49 characters": both((GTIN + "(10)" + "1" * 20 + "(21)12345678",), "too_long"),
    "48 without the separator, which a fixed length needs not": both(
        ("(10)" + "1" * 20 + "(21)" + "1" * 20 + "(99)1",), "too_long"
    ),
    "48 with the batch last": both((GTIN + "(11)260101(17)261231(10)" + "1" * 14,), None),
    "more than 48 in a GS1 Data Matrix": (
        column("SKU", GTIN + "(10)" + "1" * 20 + "(21)" + "2" * 20),
        WIDE | {"symbology": "gs1_datamatrix"},
        [f"A2 gs1_datamatrix {GTIN}(10){'1' * 20}(21){'2' * 20}"],
    ),
    "a suggestion mends all that is wrong": (
        column("SKU", "(01) 09501101530004 (10) AB"),
        WIDE,
        ["A2 error (01) 09501101530004 (10) AB gs1_bad_value→(01)09501101530003(10)AB"],
    ),
    "two equal ones": (column("SKU", GTIN, GTIN), WIDE, [f"A2 gs1_128 {GTIN}", f"A3 gs1_128 {GTIN} duplicate"]),
    "text behind which no bracket stands": both((GTIN + "XYZ",), "gs1_bad_value"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_element_strings(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
