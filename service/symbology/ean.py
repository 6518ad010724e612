"""EAN-13, EAN-8, UPC-A and UPC-E (ISO/IEC 15420): complete digits in, 7-module characters out."""

from dataclasses import replace
from typing import Final

from barcode.charsets.ean import CODES, EDGE, LEFT_PATTERN, MIDDLE

from service.symbology.digits import ascii_digits, check_digit, complete_key
from service.symbology.symbol import Rule, Symbol, SymbologyError

# ISO/IEC 15420 table 1, as python-barcode has it: its tables are right; its encoders mend wrong check digits and cut silently.
_DIGITS: Final = "0123456789"
_A, _B, _C = (dict(zip(_DIGITS, CODES[name], strict=True)) for name in "ABC")
_SETS: Final = {"A": _A, "B": _B}
# Which sets the left half uses tells the first digit, which has no bars of its own (ISO/IEC 15420 table 2).
_LEFT: Final = {digit: tuple(_SETS[name] for name in sets) for digit, sets in zip(_DIGITS, LEFT_PATTERN, strict=True)}
# ISO/IEC 15420 table 4: sets of UPC-E by check digit, number system 0; number system 1 swaps them.
_UPCE_SETS: Final = "BBBAAA BBABAA BBAABA BBAAAB BABBAA BAABBA BAAABB BABABA BABAAB BAABAB"
_UPCE_PARITY: Final = dict(zip(_DIGITS, _UPCE_SETS.split(), strict=True))
_GUARD: Final = EDGE
_CENTRE: Final = MIDDLE
_UPCE_END: Final = "010101"

# GS1 General Specifications 5.2 and 5.12.3.1: X 0.264 to 0.66 mm, quiet zones of 11X and 7X.
_EAN13_RULE: Final = Rule(
    kind="linear",
    quiet_left=11,
    quiet_right=7,
    quiet_vertical=0,
    x_nominal_mm=0.33,
    x_floor_mm=0.25,
    x_max_mm=0.66,
    x_gs1_min_mm=0.264,
    height_mm=22.85,
    height_min_mm=18.28,
    guards=(0, 7, 14),
    guard_modules=5,
)
_EAN8_RULE: Final = replace(_EAN13_RULE, quiet_left=7, height_mm=18.23, height_min_mm=14.58, guards=(0, 5, 10))
# UPC-A shows its first and last character as long as the guards (GS1 General Specifications 5.2.2.2).
_UPCA_RULE: Final = replace(_EAN13_RULE, quiet_left=9, quiet_right=9, guards=(0, 1, 7, 13, 14))
_UPCE_RULE: Final = replace(_EAN13_RULE, quiet_left=9, guards=(0, 7))


def ean13(text: str) -> Symbol:
    """Return the symbol of 13 digits. Raises SymbologyError."""
    return Symbol("ean13", complete_key(text, 13, "EAN-13"), text, _ean13_pieces(text), _EAN13_RULE)


def ean8(text: str) -> Symbol:
    """Return the symbol of 8 digits. Raises SymbologyError."""
    complete_key(text, 8, "EAN-8")
    pieces = (_GUARD, *(_A[digit] for digit in text[:4]), _CENTRE, *(_C[digit] for digit in text[4:]), _GUARD)
    return Symbol("ean8", text, text, pieces, _EAN8_RULE)


def upca(text: str) -> Symbol:
    """Return the symbol of 12 digits: an EAN-13 that begins with 0. Raises SymbologyError."""
    return Symbol("upca", complete_key(text, 12, "UPC-A"), text, _ean13_pieces("0" + text), _UPCA_RULE)


def upce(text: str) -> Symbol:
    """Return the symbol of 8 digits as printed (number system, six digits, check digit); of 6 or 7, with it added.

    Raises SymbologyError.
    """
    ascii_digits(text)
    if not 6 <= len(text) <= 8:
        raise SymbologyError("wrong_length", f"UPC-E has 6, 7 or 8 digits, not {len(text)}")
    body = "0" + text if len(text) == 6 else text[:7]
    if body[0] not in "01":
        raise SymbologyError("bad_characters", f"UPC-E begins with 0 or 1, not {body[0]}")
    check = check_digit(upce_to_upca_body(body))
    if len(text) == 8 and text[-1] != check:
        detail = f"the check digit of {body} is {check}, not {text[-1]}"
        raise SymbologyError("bad_check_digit", detail, body + check)
    pieces = (_GUARD, *_upce_characters(body, check), _UPCE_END)
    return Symbol("upce", body + check, body + check, pieces, _UPCE_RULE)


def upce_to_upca_body(body: str) -> str:
    """Return the 11 digits of the UPC-A that a UPC-E of 7 digits stands for (GS1 General Specifications 5.2.2.4)."""
    system, d, last = body[0], body[1:6], body[6]
    if last in "012":
        return f"{system}{d[:2]}{last}0000{d[2:]}"
    if last == "3":
        return f"{system}{d[:3]}00000{d[3:]}"
    if last == "4":
        return f"{system}{d[:4]}00000{d[4]}"
    return f"{system}{d}0000{last}"


def _ean13_pieces(text: str) -> tuple[str, ...]:
    s1, s2, s3, s4, s5, s6 = _LEFT[text[0]]
    # Written out: a loop takes twice the time, and lists have 50,000 of them.
    left = (s1[text[1]], s2[text[2]], s3[text[3]], s4[text[4]], s5[text[5]], s6[text[6]])
    right = (_C[text[7]], _C[text[8]], _C[text[9]], _C[text[10]], _C[text[11]], _C[text[12]])
    return (_GUARD, *left, _CENTRE, *right, _GUARD)


def _upce_characters(body: str, check: str) -> tuple[str, ...]:
    swapped = {"A": _B, "B": _A} if body[0] == "1" else _SETS
    return tuple(swapped[name][digit] for name, digit in zip(_UPCE_PARITY[check], body[1:], strict=True))
