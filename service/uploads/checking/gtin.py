"""Numbers of trade items: digits in, the symbol they ask for and what was done to them out (UPLOADS.md section 5)."""

import re
from typing import Final

from service.symbology import SymbologyName, check_digit
from service.uploads.checking.faults import fault
from service.uploads.checking.headers import CodeKind
from service.uploads.checking.texts import is_digits, named, without_separators
from service.uploads.checking.values import Value
from service.uploads.checking.verdict import Verdict
from service.uploads.model import Fault

BY_LENGTH: Final[dict[int, SymbologyName]] = {8: "ean8", 12: "upca", 13: "ean13", 14: "itf14"}
LENGTHS: Final[dict[SymbologyName, int]] = {symbology: length for length, symbology in BY_LENGTH.items()}
MAX_ZEROS: Final = 4
_ISBN10: Final = re.compile(r"[0-9]{9}[0-9Xx]")


def is_complete(digits: str) -> bool:
    """Return whether the last digit is the right check digit."""
    return check_digit(digits[:-1]) == digits[-1]


def grouped(text: str) -> tuple[str, tuple[Fault, ...]]:
    """Return the text without blanks and hyphens, and the warning if there were any."""
    digits = without_separators(text)
    return digits, () if digits == text else (fault("separators_removed", f"{text} was read as {digits}"),)


def lacking(length: int, kind: CodeKind) -> SymbologyName | None:
    """Return the symbology of a number whose check digit is missing, with `check_digit: add`."""
    if kind == "upc":
        return "upca" if length == 11 else None
    return {7: "ean8", 11: "upca", 12: "ean13"}.get(length)  # type: ignore[return-value]


def restored(digits: str, kind: CodeKind) -> str | None:
    """Return the number with the zeros that a spreadsheet ate in front, or None where none make it valid."""
    length = 8 if len(digits) == 7 else 12 if kind == "upc" else 13
    if not 0 < length - len(digits) <= MAX_ZEROS or not int(digits):
        return None
    padded = digits.zfill(length)
    return padded if is_complete(padded) else None


def gtin_verdict(value: Value, kind: CodeKind, add: bool) -> Verdict:
    """Return the verdict on a value of a GTIN column, its symbology chosen by its length."""
    digits, faults = grouped(value.text)
    if (isbn := _isbn(digits, value, kind)) is not None:
        return isbn.after(faults)
    if not is_digits(digits):
        return Verdict(faults=(*faults, strange_fault(digits)))
    if add and (symbology := lacking(len(digits), kind)):
        return completed(symbology, digits).after(faults)
    if symbology := BY_LENGTH.get(len(digits)):
        return verified(symbology, digits).after(faults)
    return _other_length(digits, value.loses_zeros, kind).after(faults)


def verified(symbology: SymbologyName, digits: str, hint: str = "") -> Verdict:
    """Return the verdict on a number that has all its digits."""
    if is_complete(digits):
        return Verdict(symbology, digits)
    right = check_digit(digits[:-1])
    detail = f"The check digit of {digits[:-1]} is {right}, not {digits[-1]}{hint}"
    return Verdict(symbology, faults=(fault("bad_check_digit", detail, digits[:-1] + right),))


def completed(symbology: SymbologyName, digits: str) -> Verdict:
    """Return the verdict on a number that gets its check digit."""
    whole = digits + check_digit(digits)
    return Verdict(symbology, whole, (fault("check_digit_added", f"{digits} was completed to {whole}"),))


def padded(digits: str, whole: str) -> Verdict:
    """Return the verdict on a number whose zeros were restored."""
    return Verdict(BY_LENGTH[len(whole)], whole, (restored_fault(digits, whole),))


def restored_fault(digits: str, whole: str) -> Fault:
    """Return the warning of a number whose zeros were restored."""
    return fault("leading_zeros_restored", f"{digits} lost its zeros in a spreadsheet, it was read as {whole}")


def strange_fault(text: str) -> Fault:
    """Return the fault of a text that should have digits only, naming the first that is none."""
    strange = next(ch for ch in text if not is_digits(ch)) if text else " "
    return fault("bad_characters", f"Only digits are allowed here, not {named(strange)}")


def _other_length(digits: str, loses_zeros: bool, kind: CodeKind) -> Verdict:
    whole = restored(digits, kind)
    if whole and loses_zeros:
        return padded(digits, whole)
    if kind == "isbn" and len(digits) == 9 and _isbn10_check("0" + digits) == digits[8]:
        whole = "0" + digits
    detail = f"A GTIN has 8, 12, 13 or 14 digits, not {len(digits)}"
    return Verdict(faults=(fault("wrong_length", detail, whole),))


def _isbn(digits: str, value: Value, kind: CodeKind) -> Verdict | None:
    """Return the verdict on an ISBN-10, or None where the value is not one."""
    if kind == "isbn" and value.loses_zeros and len(digits) == 9 and is_digits(digits):
        if _isbn10_check(digits := "0" + digits) != digits[9]:
            return None
        detail = f"{digits[1:]} lost its zero in a spreadsheet, it was read as {digits}"
        return _converted(digits).after((fault("leading_zeros_restored", detail),))
    if not _ISBN10.fullmatch(digits):
        return None
    with_x = not is_digits(digits)
    surely = kind == "isbn" or with_x
    if not surely and (value.loses_zeros or (value.bare and digits[0] != "0")):
        return None
    right = _isbn10_check(digits)
    if digits[9].upper() == right:
        return _converted(digits)
    if not surely:
        return None
    detail = f"The check digit of ISBN {digits[:9]} is {right}, not {digits[9]}"
    return Verdict("ean13", faults=(fault("bad_check_digit", detail, digits[:9] + right),))


def _converted(isbn: str) -> Verdict:
    body = "978" + isbn[:9]
    whole = body + check_digit(body)
    return Verdict("ean13", whole, (fault("isbn10_converted", f"ISBN-10 {isbn} is printed as {whole}"),))


def _isbn10_check(digits: str) -> str:
    """Return the check character of an ISBN-10 (ISO 2108:1992): weights 10 to 2, modulo 11, X is 10."""
    return "0123456789X"[-sum(weight * int(ch) for weight, ch in zip(range(10, 1, -1), digits, strict=False)) % 11]
