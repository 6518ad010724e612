"""What is stored in a cell, as a Cell: the rules that xlsx, ods and xls share."""

from collections.abc import Callable, Sequence
from typing import Final

from service.uploads.model import Cell
from service.uploads.reading.formats import PLAIN, NumberFormat, shown_date
from service.uploads.reading.markup import UNREADABLE

_new: Final = tuple.__new__
MAX_CHARACTERS: Final = 100_000  # of a cell, which holds 32,767 in Excel: what is longer is too long in any case
EXACT_DIGITS: Final = 15  # what a double holds exactly, and all that Excel keeps


def number_cell(stored: str, style: NumberFormat = PLAIN, since_1904: bool = False) -> Cell:
    """Return the cell of a number as it is stored. What is no number is an error of that cell alone."""
    zeros, is_date, decimals = style
    try:
        value = float(stored)
    except ValueError:
        return _unreadable(stored)
    if value - value != 0 or "_" in stored or not stored.isascii():
        return _unreadable(stored)
    digits = shown_number(value, stored)
    if is_date:
        return Cell("date", shown_date(value, since_1904) or digits, 0, digits)
    # The constructor of a NamedTuple takes twice as long.
    return _new(Cell, ("number", digits, zeros, "", decimals))


def number_maker(style: NumberFormat, since_1904: bool) -> Callable[[Sequence[str]], list[Cell | None]]:
    """Return the function that makes cells of numbers in one format."""
    zeros, is_date, decimals = style

    def numbers(values: Sequence[str]) -> list[Cell | None]:
        if is_date:
            return [number_cell(stored, style, since_1904) for stored in values]
        return [
            _new(Cell, ("number", stored, zeros, "", decimals))
            if stored.isdigit()
            and len(stored) <= EXACT_DIGITS
            and stored.isascii()
            and (stored[0] != "0" or stored == "0")
            else number_cell(stored, style, since_1904)
            for stored in values
        ]

    return numbers


def shown_number(number: float, stored: str = "") -> str:
    """Return the digits of an integral number, else its shortest decimals. Beyond 10^15 digits are not to be trusted."""
    if number.is_integer() and abs(number) < 1e21:
        # A writer that keeps more digits than a double has is quoted as it wrote them.
        exact = stored.lstrip("0") if stored.isascii() and stored.isdigit() else ""
        return exact or str(int(number))
    return repr(number)


def text_cell(text: str) -> Cell | None:
    """Return the cell of a text; None for the empty one, which is as good as no cell."""
    if not text:
        return None
    if UNREADABLE in text:
        return _unreadable(text)
    return _new(Cell, ("text", text[:MAX_CHARACTERS], 0, "", 0))


def _unreadable(stored: str) -> Cell:
    """Return the cell of what is no value: as it stands, so that people find it."""
    return Cell("error", stored[:1_000].replace(UNREADABLE, "\ufffd"))
