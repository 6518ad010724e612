"""Strict ASCII digits and the GS1 check digit: text in, text or a SymbologyError out."""

from typing import Final

from service.symbology.symbol import SymbologyError

_ZERO: Final = ord("0")


def check_digit(digits: str) -> str:
    """Return the check digit of GS1 keys of any length (General Specifications 7.9.1): 3, 1, 3 … from the right.

    Raises SymbologyError for anything but ASCII digits.
    """
    ascii_digits(digits)
    return _check_digit(digits)


def _check_digit(digits: str) -> str:
    return str(-_weighed(digits + "0") % 10)


def _weighed(key: str) -> int:
    """Return the sum of the digits, 1, 3, 1 … from the right: a multiple of 10 if the last one is the check digit."""
    values = key.encode("ascii")
    ones, threes = values[-1::-2], values[-2::-2]
    return sum(ones) + 3 * sum(threes) - _ZERO * (len(ones) + 3 * len(threes))


def ascii_digits(text: str) -> None:
    """Raise SymbologyError for anything but 0-9: str.isdigit() alone would take ٥ and ５ too."""
    if not (text.isascii() and text.isdigit()):
        strange = next((ch for ch in text if ch not in "0123456789"), "")
        detail = f"only the digits 0-9 are allowed, {strange!r} is not one" if strange else "there are no digits"
        raise SymbologyError("bad_characters", detail)


def complete_key(text: str, length: int, name: str) -> str:
    """Return `text`: exactly `length` digits that end in their right check digit. Raises SymbologyError."""
    ascii_digits(text)
    if len(text) != length:
        raise SymbologyError("wrong_length", f"{name} has {length} digits, not {len(text)}", _lengthened(text, length))
    if _weighed(text) % 10:
        right = _check_digit(text[:-1])
        detail = f"the check digit of {text[:-1]} is {right}, not {text[-1]}"
        raise SymbologyError("bad_check_digit", detail, text[:-1] + right)
    return text


def _lengthened(text: str, length: int) -> str | None:
    """The key that was probably meant: zeros lost in front if the last digit checks, else a check digit not yet there."""
    if length - 4 <= len(text) < length and text[-1] == check_digit("0" + text[:-1]):
        return text.zfill(length)
    return text + check_digit(text) if len(text) == length - 1 else None
