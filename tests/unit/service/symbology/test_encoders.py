"""Every symbology against an independent encoder, bit by bit, and its errors as the upload contract words them."""

from contextlib import suppress

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from service.symbology import SYMBOLOGIES, SymbologyError, SymbologyName, encode
from tests.reference_encoder import zint_rows
from tests.unit.service.symbology.strategies import TEXTS


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_modules_are_those_of_an_independent_encoder(symbology: SymbologyName) -> None:
    @settings(max_examples=100, deadline=None)
    @given(TEXTS[symbology])
    def same(text: str) -> None:
        symbol = encode(symbology, text)
        rows = list(symbol.pieces) if symbol.rule.kind == "matrix" else [symbol.modules]
        mask = segno.make(text, error="m", micro=False).mask if symbology == "qr" else None
        assert rows == zint_rows(symbology, symbol.encoded, mask)

    same()


GOLDEN: dict[str, tuple[SymbologyName, str, str]] = {
    "EAN-13: guard, six digits, centre, six digits, guard": (
        "ean13",
        "5901234123457",
        "101 0001011 0100111 0110011 0010011 0111101 0011101 01010 1100110 1101100 1000010 1011100 1001110 1000100 101",
    ),
    "EAN-8: four digits a side, all of sets A and C": (
        "ean8",
        "96385074",
        "101 0001011 0101111 0111101 0110111 01010 1001110 1110010 1000100 1011100 101",
    ),
    "UPC-A is the EAN-13 of 0 and its digits": (
        "upca",
        "036000291452",
        "101 0001101 0111101 0101111 0001101 0001101 0001101 01010 1101100 1110100 1100110 1011100 1001110 1101100 101",
    ),
    "UPC-E has no centre, its parity is the check digit": (
        "upce",
        "01234565",
        "101 0110011 0010011 0111101 0011101 0111001 0101111 010101",
    ),
    "Code 128 that begins with 99 keeps the pair (python-barcode 0.16.1 drops it)": (
        "code128",
        "999999",
        "11010011100 10111011110 10111011110 10111011110 10010111100 1100011101011",
    ),
    "Code 128 changes to pairs where that is shorter": (
        "code128",
        "A1234",
        "11010010000 10100011000 10111011110 10110011100 10001011000 10111101000 1100011101011",
    ),
}


@pytest.mark.parametrize(("symbology", "text", "pieces"), GOLDEN.values(), ids=GOLDEN)
def test_pieces_are_the_characters_of_the_standard(symbology: SymbologyName, text: str, pieces: str) -> None:
    assert " ".join(encode(symbology, text).pieces) == pieces


ERRORS: dict[str, tuple[SymbologyName, str, str, str | None]] = {
    "a wrong check digit is told, not mended": ("ean13", "5901234123450", "bad_check_digit", "5901234123457"),
    "too long is told, not cut": ("ean13", "590123412345799", "wrong_length", None),
    "letters after the digits are told, not cut": ("ean13", "5901234123457ABC", "bad_characters", None),
    "digits of other scripts are no digits here": ("ean13", "٥901234123457", "bad_characters", None),
    "full-width digits neither": ("ean13", "５901234123457", "bad_characters", None),
    "superscripts neither": ("ean8", "9638507⁴", "bad_characters", None),
    "a missing check digit is suggested": ("ean13", "590123412345", "wrong_length", "5901234123457"),
    "zeros lost in front are suggested": ("ean13", "36000291452", "wrong_length", "0036000291452"),
    "nothing at all": ("ean13", "", "bad_characters", None),
    "EAN-8 of 7 digits lacks one": ("ean8", "9638507", "wrong_length", "96385074"),
    "UPC-E of number system 2": ("upce", "21234565", "bad_characters", None),
    "UPC-E with a wrong check digit": ("upce", "01234564", "bad_check_digit", "01234565"),
    "UPC-E of 5 digits": ("upce", "12345", "wrong_length", None),
    "Code 128 takes no umlaut": ("code128", "MÜLLER", "bad_characters", None),
    "Code 128 takes no control character": ("code128", "A\tB", "bad_characters", None),
    "Code 128 of 81 characters": ("code128", "A" * 81, "too_long", None),
    "Code 128 of nothing": ("code128", "", "wrong_length", None),
}


@pytest.mark.parametrize(("symbology", "text", "code", "suggestion"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_encoded_is_told(symbology: SymbologyName, text: str, code: str, suggestion: str | None) -> None:
    with pytest.raises(SymbologyError) as raised:
        encode(symbology, text)
    assert (raised.value.code, raised.value.suggestion) == (code, suggestion)


NEAR_MISSES: dict[str, tuple[SymbologyName, str]] = {
    "a check digit of 0": ("ean13", "4006381333900"),
    "zeros only": ("ean8", "00000000"),
    "UPC-E of 6 digits gets number system 0 and its check digit": ("upce", "123456"),
    "UPC-E of 7 digits gets its check digit": ("upce", "0123456"),
    "Code 128 of 80 characters": ("code128", "A" * 80),
    "Code 128 of one blank": ("code128", " "),
    "Code 128 of ~, the last printable character": ("code128", "~"),
}


@pytest.mark.parametrize(("symbology", "text"), NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_what_looks_like_an_error_is_none(symbology: SymbologyName, text: str) -> None:
    assert text in encode(symbology, text).encoded


@given(st.sampled_from(SYMBOLOGIES), st.text(max_size=40))
def test_any_text_is_encoded_or_told(symbology: SymbologyName, text: str) -> None:
    with suppress(SymbologyError):
        assert set(encode(symbology, text).modules) <= {"0", "1"}
