"""Section 5: sizes. Which labels have room for which symbol, at which printer, and what is said where they have not."""

from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import File, table

EAN, EAN8, ITF = "5901234123457", "96385074", "10614141000415"


def one(symbology: str, code: str, name: str | None = None) -> File:
    return table(("Code", "Symbology", "Name"), (code, symbology, name))


def fits(symbology: str, code: str, layout: object, *, dpi: int = 300, name: str | None = None) -> Case:
    return one(symbology, code, name), {"layout": layout, "dpi": dpi}, [f"A2 {symbology} {code}"]


def small(symbology: str, code: str, layout: object, *, dpi: int = 300, name: str | None = None) -> Case:
    return one(symbology, code, name), {"layout": layout, "dpi": dpi}, [f"A2 {symbology} {code} below_gs1_size"]


def not_on(symbology: str, code: str, layout: object, *, dpi: int = 300) -> Case:
    return one(symbology, code), {"layout": layout, "dpi": dpi}, [f"A2 error {code} does_not_fit"]


CASES: dict[str, Case] = {
    "EAN-13 on L7160": fits("ean13", EAN, "L7160", name="Tea"),
    "EAN-13 on L7160 for a label printer": fits("ean13", EAN, "L7160", dpi=203, name="Tea"),
    "EAN-13 on L7163": fits("ean13", EAN, "L7163", name="Tea"),
    "EAN-13 on 5160, with a name": fits("ean13", EAN, "5160", name="Tea"),
    "EAN-13 on 5163": fits("ean13", EAN, "5163", name="Tea"),
    "EAN-13 on L7651 at 300 dpi: three dots are 0.254 mm": small("ean13", EAN, "L7651"),
    "EAN-13 on L7651 at 203 dpi: two dots are 0.25 mm": small("ean13", EAN, "L7651", dpi=203),
    "EAN-13 on 5167: no height": small("ean13", EAN, "5167"),
    "EAN-13 on 4731: no width": not_on("ean13", EAN, "4731"),
    "UPC-A on 4731": not_on("upca", "036000291452", "4731"),
    "EAN-8 on L7651": fits("ean8", EAN8, "L7651"),
    "EAN-8 on 4731 at 300 dpi": small("ean8", EAN8, "4731"),
    "ITF-14 on L7163": fits("itf14", ITF, "L7163"),
    "ITF-14 on L7160": small("itf14", ITF, "L7160"),
    "ITF-14 on L7651": not_on("itf14", ITF, "L7651"),
    "GS1-128 of an SSCC on L7160": small("gs1_128", "(00)106141412345678908", "L7160"),
    "GS1-128 of an SSCC on L7163": fits("gs1_128", "(00)106141412345678908", "L7163"),
    "GS1-128 on L7651": not_on("gs1_128", "(01)09501101530003", "L7651"),
    "GS1 Data Matrix on L7651": fits("gs1_datamatrix", "(01)09501101530003", "L7651"),
    "Code 128 of 7 signs on L7651": fits("code128", "ABC-123", "L7651"),
    "Code 128 of 12 signs on 4731": not_on("code128", "ABCDEFGH-123", "4731"),
    "Code 128 is under no minimum of GS1": fits("code128", EAN, "5167", dpi=203),
    "Code 128 of 80 letters on L7160": not_on("code128", "AB" * 40, "L7160"),
    "Code 39 of 20 signs on L7160": not_on("code39", "A" * 20, "L7160"),
    "a QR code on 4731, which its quiet zone leaves room for": fits("qr", "https://shop.example/p?id=1", "4731"),
    "a QR code whose text has no room below": fits("qr", "https://shop.example/p?id=1", {"label_mm": [10, 10]}),
    "a QR code that is too large itself": not_on("qr", "https://shop.example/p?id=1", {"label_mm": [9, 9]}),
    "Data Matrix on 4731": fits("datamatrix", "ABC123", "4731"),
    "QR of 800 signs on L7651": not_on("qr", "Ab" * 400, "L7651"),
    "a name has no room where the symbol needs it all": small("ean13", EAN, {"label_mm": [40, 9]}, name="Tea"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_sizes(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
