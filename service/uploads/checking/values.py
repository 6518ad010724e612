"""From cell to value (UPLOADS.md section 4): a code cell in, its text and what had to be done to it out."""

import re
from dataclasses import dataclass, replace
from typing import Final

from service.uploads.checking.faults import fault
from service.uploads.checking.texts import ASCII_BLANKS, ascii_digits, inner_invisible, is_digits, named, trimmed
from service.uploads.limits import Limits
from service.uploads.model import Cell, Fault

# A decimal mark, or an exponent with a sign and two digits. "1E3" is an article number, not a thousand.
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:[.,]\d*[eE][+-]?\d+|[eE][+-]\d\d)", re.ASCII)
_WRITTEN_AS_DECIMAL: Final = re.compile(r"(\d{7,15})[.,]0+", re.ASCII)  # as pandas and ERPs export a column of numbers
# A spreadsheet's error in a CSV is only text there, but no shopkeeper wants it printed.
_ERRORS: Final = frozenset(
    "#N/A #DIV/0! #REF! #VALUE! #NAME? #NULL! #NUM! #NV #WERT! #BEZUG! #ZAHL! #SPILL! #CALC!".split()
)
_LAST_DATE: Final = 2_958_465  # 9999-12-31 as a serial number
_EXACT_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Value:
    """What a code cell says. `text` is trimmed, its digits are ASCII; with an error in `faults` it says nothing.

    `loses_zeros`: it was a number, or could have been one before it was exported to CSV.
    """

    text: str
    faults: tuple[Fault, ...] = ()
    loses_zeros: bool = False
    bare: bool = False  # out of a CSV

    @property
    def failed(self) -> bool:
        """Whether the cell itself is at fault, so that there is nothing to encode."""
        return any(fault.severity == "error" for fault in self.faults)


EMPTY: Final = Value("", (fault("empty_code", "There is no code"),))


def code_value(cell: Cell | None, limits: Limits) -> Value:
    """Return the value of a code cell."""
    if cell is None:
        return EMPTY
    match cell.kind:
        case "text" | "bare":
            return _text(cell, limits)
        case "number":
            return _number(cell)
        case "date":
            return Value("", (_date(cell),))
        case "boolean":
            return Value("", (fault("boolean_value", f"The cell holds {cell.text}, not a code"),))
        case "formula":
            detail = "The cell holds a formula whose result is not stored; open the workbook in Excel and save it"
            return Value("", (fault("formula_without_value", detail),))
        case "error":
            what = "holds the error" if cell.text.startswith("#") else "cannot be read, it holds"
            return Value("", (fault("error_value", f"The cell {what} {cell.text[:100]}"),))


def _date(cell: Cell) -> Fault:
    """A number that is no day of any calendar, shown as a date, was likely meant as a code."""
    meant = is_digits(cell.serial) and len(cell.serial) <= _EXACT_DIGITS and int(cell.serial) > _LAST_DATE
    return fault("date_value", "The cell holds a date or time, not a code", cell.serial if meant else None)


def _number(cell: Cell) -> Value:
    text = cell.text
    if not is_digits(text):
        if not text.startswith("-") and "e+" in text:
            return Value("", (_precision_lost(text),))
        return Value("", (fault("not_an_integer", f"{text} is a number, but not a whole one from 0 on"),))
    if len(text) > _EXACT_DIGITS:
        return Value("", (_precision_lost(text),))
    if len(text) >= cell.zeros:
        return Value(text, loses_zeros=True)
    detail = f"The cell is formatted to show {cell.zeros} digits: {text} was read as {text.zfill(cell.zeros)}"
    return Value(text.zfill(cell.zeros), (fault("leading_zeros_restored", detail),), loses_zeros=True)


def _precision_lost(text: str) -> Fault:
    return fault("precision_lost", f"A number keeps 15 digits; the rest of {text} is not what was typed")


def _text(cell: Cell, limits: Limits) -> Value:
    if len(cell.text) > limits.code_characters:
        detail = f"The cell has {len(cell.text):,} characters, more than {limits.code_characters:,}"
        return Value("", (fault("too_long", detail),))
    text, faults = _ends_trimmed(cell.text)
    if not text:
        return EMPTY
    text, more = _digits(text, cell.kind == "bare")
    faults += more
    bare = cell.kind == "bare"
    if bare and text in _ERRORS:
        return Value("", (*faults, fault("error_value", f"The cell holds the error {text}")))
    if _SCIENTIFIC.fullmatch(text):
        detail = f"{text} is what a spreadsheet made of a longer number; its last digits are gone"
        return Value("", (*faults, fault("scientific_text", detail)))
    # Zeros in front are there: nothing ate them.
    return Value(text, faults, bare and is_digits(text) and text[0] != "0", bare)


def _ends_trimmed(text: str) -> tuple[str, tuple[Fault, ...]]:
    stripped = text.strip(ASCII_BLANKS)
    shorter = trimmed(stripped)
    if shorter == stripped or not shorter:
        return shorter, ()
    removed = next(ch for ch in stripped if ch not in shorter or ch in (stripped[0], stripped[-1]))
    return shorter, (fault("invisible_characters_removed", f"Removed at the ends: {named(removed)}"),)


def _digits(text: str, bare: bool) -> tuple[str, tuple[Fault, ...]]:
    written = ascii_digits(text)
    if bare and (m := _WRITTEN_AS_DECIMAL.fullmatch(written)):
        written = m[1]
    if written == text:
        return text, ()
    return written, (fault("digits_normalised", f"{text} was read as {written}"),)


def inner_fault(value: Value) -> Fault | None:
    """Return the fault of a value that has white space other than U+0020, or an invisible character, inside."""
    if not (strange := inner_invisible(value.text)):
        return None
    return fault("bad_characters", f"There is {named(strange)} inside the code")


def with_faults(value: Value, *faults: Fault) -> Value:
    """Return the value with more faults."""
    return replace(value, faults=(*value.faults, *faults))
