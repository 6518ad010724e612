"""Names as people write them."""

import pytest

from service.symbology import SYMBOLOGIES, normalise_name

WRITTEN = {
    "EAN-13": "ean13",
    "ean 13": "ean13",
    "Code 128": "code128",
    "CODE_128": "code128",
    "GS1-128": "gs1_128",
    "gs1128": "gs1_128",
    "GS1 Data Matrix": "gs1_datamatrix",
    "UPC–A": "upca",
    "QR": "qr",
    "ean": None,
    "code": None,
    "ean14": None,
    "": None,
    "ean13x": None,
}


@pytest.mark.parametrize(("written", "name"), WRITTEN.items())
def test_case_blanks_hyphens_and_underscores_do_not_matter(written: str, name: str | None) -> None:
    assert normalise_name(written) == name


def test_every_name_is_its_own() -> None:
    assert [normalise_name(name) for name in SYMBOLOGIES] == list(SYMBOLOGIES)
