"""The GS1 check digit, on published examples."""

import pytest

from service.symbology import SymbologyError, check_digit

PUBLISHED = {
    "EAN-13": ("590123412345", "7"),
    "EAN-8": ("9638507", "4"),
    "UPC-A": ("03600029145", "2"),
    "GTIN-14": ("1540014128876", "3"),
    "ISBN": ("978030640615", "7"),
    "GS1 Hong Kong's worked example": ("629104150021", "3"),
    "SSCC": ("10614141192837465", "7"),
    "a sum that ends in 0": ("400638133390", "0"),
}


@pytest.mark.parametrize(("digits", "expected"), PUBLISHED.values(), ids=PUBLISHED)
def test_check_digit_is_the_published_one(digits: str, expected: str) -> None:
    assert check_digit(digits) == expected


@pytest.mark.parametrize("text", ["", "12a", "١٢", "1 2", "-1"])
def test_only_ascii_digits_have_one(text: str) -> None:
    with pytest.raises(SymbologyError, match="bad_characters"):
        check_digit(text)
