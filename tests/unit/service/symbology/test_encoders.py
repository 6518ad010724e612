"""Every symbology against an independent encoder, bit by bit, and its errors as the upload contract words them."""

from contextlib import suppress

import pytest
import segno
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from service.symbology import SYMBOLOGIES, SymbologyError, SymbologyName, encode
from tests.reference_encoder import zint_rows
from tests.unit.service.symbology.strategies import TEXTS


def zint_qr(text: str) -> list[str]:
    """zint's QR of the same error correction level and mask: which to take is free, the rest is not."""
    code = segno.make(text, error="m", micro=False)
    return zint_rows("qr", text, code.mask, code.error)


def segno_pads_in_vain(text: str) -> bool:
    """Where the terminator ends a codeword, segno adds one of zeros; readers stop at the terminator, so no harm is done."""
    count, bits = (10, (0, 4, 7)) if text.isdigit() else (9, (0, 6))
    whole, rest = divmod(len(text), len(bits))
    return (4 + count + whole * (10 if text.isdigit() else 11) + bits[rest] + 4) % 8 == 0


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_modules_are_those_of_an_independent_encoder(symbology: SymbologyName) -> None:
    @settings(max_examples=60, deadline=None, phases=[Phase.generate])
    @given(TEXTS[symbology])
    def same(text: str) -> None:
        assume(symbology != "qr" or not segno_pads_in_vain(text))
        symbol = encode(symbology, text)
        rows = list(symbol.pieces) if symbol.rule.kind == "matrix" else [symbol.modules]
        assert rows == (zint_qr(text) if symbology == "qr" else zint_rows(symbology, symbol.encoded))

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
    "ITF-14 of a GTIN-13 suggests the zero in front": ("itf14", "5901234123457", "wrong_length", "05901234123457"),
    "Code 39 has no lower case": ("code39", "abc-1", "bad_characters", "ABC-1"),
    "Code 39 has no asterisk inside": ("code39", "A*B", "bad_characters", None),
    "Code 39 has no umlaut, in capitals neither": ("code39", "ä", "bad_characters", None),
    "Codabar has no letters inside": ("codabar", "A12B34A", "bad_characters", None),
    "Codabar letters are capitals": ("codabar", "a123b", "bad_characters", "A123B"),
    "QR of more than it holds": ("qr", "x" * 3000, "too_long", None),
    "Data Matrix of more than it holds": ("datamatrix", "x" * 3000, "too_long", None),
    "GS1 without brackets": ("gs1_128", "0109506000134352", "gs1_bad_ai", None),
    "GS1 with an identifier that does not exist": ("gs1_128", "(05)1", "gs1_bad_ai", None),
    "GS1 with a text in front": ("gs1_128", "x(01)09506000134352", "gs1_bad_ai", None),
    "GTIN with a wrong check digit": (
        "gs1_128",
        "(10)A(01)09506000134350(21)B",
        "gs1_bad_value",
        "(10)A(01)09506000134352(21)B",
    ),
    "GTIN of 13 digits": ("gs1_datamatrix", "(01)9506000134352", "gs1_bad_value", "(01)09506000134352"),
    "a month that does not exist": ("gs1_128", "(17)261331", "gs1_bad_value", None),
    "a day that does not exist": ("gs1_128", "(17)260230", "gs1_bad_value", None),
    "the 29th of a year that is no leap year": ("gs1_128", "(17)270229", "gs1_bad_value", None),
    "a batch of 21 characters": ("gs1_128", "(10)" + "A" * 21, "gs1_bad_value", None),
    "an empty value": ("gs1_128", "(10)", "gs1_bad_value", None),
    "a blank inside a value": ("gs1_128", "(10) AB 1", "gs1_bad_value", "(10)AB1"),
    "letters where digits belong": ("gs1_128", "(37)12X", "gs1_bad_value", None),
    "a currency of two digits": ("gs1_128", "(3912)97", "gs1_bad_value", None),
    "49 characters with separators": ("gs1_128", "(21)" + "1" * 20 + "(10)" + "2" * 20 + "(37)12", "too_long", None),
}


@pytest.mark.parametrize(("symbology", "text", "code", "suggestion"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_encoded_is_told(symbology: SymbologyName, text: str, code: str, suggestion: str | None) -> None:
    with pytest.raises(SymbologyError) as raised:
        encode(symbology, text)
    assert (raised.value.code, raised.value.suggestion) == (code, suggestion)


MATRICES: dict[str, tuple[SymbologyName, str, str]] = {
    # ISO/IEC 16022 annex O works this example out by hand.
    "Data Matrix of 123456, the example of the standard": (
        "datamatrix",
        "123456",
        """
        #.#.#.#.#.
        ##..#.##.#
        ##.....#..
        ##...###.#
        ##....#...
        #.....####
        ###.##....
        ####.##..#
        #..###.#..
        ##########
        """,
    ),
}


@pytest.mark.parametrize(("symbology", "text", "drawing"), MATRICES.values(), ids=MATRICES)
def test_rows_are_those_of_the_standard(symbology: SymbologyName, text: str, drawing: str) -> None:
    rows = [row.replace("1", "#").replace("0", ".") for row in encode(symbology, text).pieces]
    assert rows == drawing.split()


NEAR_MISSES: dict[str, tuple[SymbologyName, str]] = {
    "a check digit of 0": ("ean13", "4006381333900"),
    "zeros only": ("ean8", "00000000"),
    "UPC-E of 6 digits gets number system 0 and its check digit": ("upce", "123456"),
    "UPC-E of 7 digits gets its check digit": ("upce", "0123456"),
    "Code 128 of 80 characters": ("code128", "A" * 80),
    "Code 128 of one blank": ("code128", " "),
    "Codabar of digits gets A…A": ("codabar", "0123"),
    "Codabar with its own letters keeps them": ("codabar", "C0123D"),
    "Code 39 of every character": ("code39", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"),
    "GS1-128 of 48 characters with separators": ("gs1_128", "(21)" + "1" * 20 + "(10)" + "2" * 19 + "(37)1"),
    "day 0: the month as a whole": ("gs1_128", "(17)260200"),
    "the 29th of a leap year": ("gs1_128", "(17)280229"),
    "an optional component left away": ("gs1_128", "(253)9506000134352"),
    "an optional component given": ("gs1_128", "(253)9506000134352ABC"),
    "brackets inside a value": ("gs1_datamatrix", "(10)A(B)C"),
    "percent signs inside a value": ("gs1_datamatrix", "(10)100%"),
    "GS1 Data Matrix may hold more than 48 characters": (
        "gs1_datamatrix",
        "(21)" + "1" * 20 + "(10)" + "2" * 20 + "(240)" + "3" * 20,
    ),
    "Code 128 of ~, the last printable character": ("code128", "~"),
}


@pytest.mark.parametrize(("symbology", "text"), NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_what_looks_like_an_error_is_none(symbology: SymbologyName, text: str) -> None:
    assert text in encode(symbology, text).encoded


@given(st.sampled_from(SYMBOLOGIES), st.text(max_size=40))
def test_any_text_is_encoded_or_told(symbology: SymbologyName, text: str) -> None:
    with suppress(SymbologyError):
        assert set(encode(symbology, text).modules) <= {"0", "1"}
