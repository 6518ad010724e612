"""From value to symbol (UPLOADS.md section 5): which symbology a code gets, and whether it can be drawn as that."""

import re
from collections.abc import Iterable
from typing import Final

from service.symbology import SymbologyError, SymbologyName, encode
from service.uploads.checking import gtin
from service.uploads.checking.faults import fault
from service.uploads.checking.headers import GTIN_KINDS, CodeKind
from service.uploads.checking.texts import begins_like_gs1, is_digits, without_separators
from service.uploads.checking.values import Value, inner_fault
from service.uploads.checking.verdict import Verdict
from service.uploads.model import Fault

CODE128_CHARACTERS: Final = 80
_FAULTS_IN_A_ROW: Final = 5  # that are mended for a suggestion: each identifier of a GS1 string may have one
# Scanners that read full ASCII take these pairs for one character (ISO/IEC 16388 annex A).
_CODE39_PAIR: Final = re.compile("[$/%+][A-Z]")


def explicit(value: Value, symbology: SymbologyName, kind: CodeKind, add: bool) -> Verdict:
    """Return the verdict on a value whose symbology a person named."""
    if symbology in gtin.LENGTHS and not begins_like_gs1(value.text):
        return _of_length(value, symbology, kind, add)
    if symbology == "upce":
        return _upce(value)
    strange = inner_fault(value)
    return Verdict(symbology, faults=(strange,)) if strange else encoded(symbology, value.text)


def automatic(value: Value, kind: CodeKind, holds_gtins: bool, add: bool) -> Verdict:
    """Return the verdict on a value whose symbology is ours to choose. `holds_gtins` counts in neutral columns."""
    if begins_like_gs1(value.text):
        strange = inner_fault(value)
        return Verdict("gs1_128", faults=(strange,)) if strange else encoded("gs1_128", value.text)
    if kind in GTIN_KINDS:
        return gtin.gtin_verdict(value, kind, add)
    candidate = _candidate(value, add) if holds_gtins else None
    if candidate is not None and not _stays_code128(value, candidate):
        return candidate
    strange = inner_fault(value)
    return Verdict("code128", faults=(strange,)) if strange else encoded("code128", value.text)


def column_holds_gtins(values: Iterable[Value], kind: CodeKind, add: bool) -> bool:
    """Return whether most of what could be a GTIN in a neutral column is one; under a barcode header half is enough."""
    candidates = valid = 0
    for value in values:
        if (verdict := _candidate(value, add)) is not None:
            candidates += 1
            valid += verdict.encoded is not None
    return candidates > 0 and (2 * valid > candidates or (kind == "barcode" and 2 * valid == candidates))


def _candidate(value: Value, add: bool) -> Verdict | None:
    """Return the verdict on a value of a neutral column as a GTIN; None: it cannot be one."""
    digits, faults = gtin.grouped(value.text)
    if not is_digits(digits) or begins_like_gs1(value.text):
        return None
    if add and (symbology := gtin.lacking(len(digits), "neutral")):
        return gtin.completed(symbology, digits).after(faults)
    if symbology := gtin.BY_LENGTH.get(len(digits)):
        hint = "; if it is no GTIN, `symbology: code128` prints it as it stands"
        return gtin.verified(symbology, digits, hint).after(faults)
    if not value.loses_zeros or len(digits) not in (7, 9, 10, 11) or digits != value.text:
        return None
    whole = gtin.restored(digits, "neutral")
    return gtin.padded(digits, whole) if whole else Verdict()


def _stays_code128(value: Value, candidate: Verdict) -> bool:
    """A number that no zeros make a GTIN is an article number among GTINs; a wrong check digit is a mistake."""
    return candidate.encoded is None and len(without_separators(value.text)) not in gtin.BY_LENGTH


def _of_length(value: Value, symbology: SymbologyName, kind: CodeKind, add: bool) -> Verdict:
    length = gtin.LENGTHS[symbology]
    if symbology == "ean13" and (kind == "isbn" or value.text[-1:] in ("X", "x")):
        found = gtin.gtin_verdict(value, "isbn", add=False)
        if any(item.code == "isbn10_converted" for item in found.faults):
            return found
    digits, faults = gtin.grouped(value.text)
    if not is_digits(digits):
        return Verdict(symbology, faults=(*faults, gtin.strange_fault(digits)))
    if len(digits) == length:
        return gtin.verified(symbology, digits).after(faults)
    if add and len(digits) == length - 1:
        return gtin.completed(symbology, digits).after(faults)
    whole = _resized(digits, length)
    if whole and value.loses_zeros and len(digits) < length:
        return gtin.padded(digits, whole).after(faults)
    detail = f"{symbology} has {length} digits, not {len(digits)}"
    return Verdict(symbology, faults=(*faults, fault("wrong_length", detail, whole)))


def _upce(value: Value) -> Verdict:
    """Return the verdict on a UPC-E. A number of 7 digits that one more zero makes right lost that zero: nearly all begin
    with it.
    """
    digits, faults = gtin.grouped(value.text)
    if value.loses_zeros and len(digits) == 7 and (whole := encoded("upce", "0" + digits)).encoded:
        return whole.after((*faults, gtin.restored_fault(digits, "0" + digits)))
    return encoded("upce", digits).after(faults)


def _resized(digits: str, length: int) -> str | None:
    """Return the number with zeros added or dropped in front, where that makes it valid."""
    if not int(digits) or length - len(digits) > gtin.MAX_ZEROS or len(digits.lstrip("0")) > length:
        return None
    whole = digits[-length:].zfill(length)
    return whole if gtin.is_complete(whole) else None


def _sound(symbology: SymbologyName, suggestion: str | None) -> str | None:
    """Return a suggestion that can be drawn: what one fault suggests may have the next one."""
    for _ in range(_FAULTS_IN_A_ROW):
        if suggestion is None:
            return None
        try:
            encode(symbology, suggestion)
        except SymbologyError as error:
            suggestion = error.suggestion
        else:
            return suggestion
    return None


def encoded(symbology: SymbologyName, text: str) -> Verdict:
    """Return the verdict of the symbology itself."""
    if symbology == "code128" and 0 < len(text) <= CODE128_CHARACTERS and text.isascii() and text.isprintable():
        return Verdict(symbology, text)  # all that its encoder asks for, without the work of encoding
    try:
        symbol = encode(symbology, text)
    except SymbologyError as error:
        return Verdict(symbology, faults=(fault(error.code, error.detail, _sound(symbology, error.suggestion)),))
    warnings: tuple[Fault, ...] = ()
    if symbology == "code39" and _CODE39_PAIR.search(text):
        detail = "Some scanners take $ / % or + before a letter for another character; Code 128 is safe"
        warnings = (fault("code39_ambiguous", detail),)
    if symbology == "upce" and symbol.encoded != text:
        warnings = (fault("check_digit_added", f"{text} was completed to {symbol.encoded}"),)
    return Verdict(symbology, symbol.encoded, warnings)
