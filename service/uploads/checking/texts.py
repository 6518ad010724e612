"""Texts of cells: what counts as empty, what is trimmed at the ends, which digits are digits."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from service.uploads.model import Cell, SheetRow

ASCII_BLANKS: Final = " \t\n\r\v\f"
# Zero-width characters, the byte order mark and direction marks (Unicode 23.2 to 23.8).
_ZERO_WIDTH: Final = "".join(
    map(
        chr,
        [0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF],
    )
)
_SPACES: Final = "".join(map(chr, [0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]))
_FILLERS: Final = "\x1c\x1d\x1e\x1f\u2800\u3164\u115f\u1160\uffa0"
INVISIBLE: Final = frozenset(_ZERO_WIDTH + _SPACES + _FILLERS)
_ENDS: Final = ASCII_BLANKS + "".join(sorted(INVISIBLE))
# U+0020, U+00A0, U+202F, U+002D and U+2010 to U+2015: people group the digits of a GTIN with them.
SEPARATORS: Final = " \u00a0\u202f-\u2010\u2011\u2012\u2013\u2014\u2015"
_WITHOUT_SEPARATORS: Final = str.maketrans("", "", SEPARATORS)
_GS1_START: Final = re.compile(r"\([0-9]{2,4}\)")


def trimmed(text: str) -> str:
    """Return the text without white space and invisible characters at its ends."""
    return text.strip(_ENDS)


def holds(cell: Cell) -> bool:
    """Return whether a cell holds anything; errors and formulas without a value are something."""
    return cell.kind not in ("text", "bare") or bool(trimmed(cell.text))


def is_blank(row: SheetRow, columns: Iterable[int]) -> bool:
    """Return whether none of these columns holds anything in the row."""
    return not any((cell := row.cells.get(column)) is not None and holds(cell) for column in columns)


def ascii_digits(text: str) -> str:
    """Return the text with all decimal digits of Unicode (category Nd) as 0-9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(ch)) if ch.isdecimal() else ch for ch in text)


def without_separators(text: str) -> str:
    """Return the text without blanks and hyphens that group digits: those inside. A minus in front is another matter."""
    return text[:1] + text[1:-1].translate(_WITHOUT_SEPARATORS) + text[1:][-1:]


def inner_invisible(text: str) -> str:
    """Return the first white space but U+0020, or invisible character, in a trimmed text; "" if there is none."""
    if text.isascii() and text.isprintable():
        return ""
    return next((ch for ch in text if ch in INVISIBLE or ch in "\t\n\r\v\f"), "")


def begins_like_gs1(text: str) -> bool:
    """Return whether a text begins with an application identifier in brackets, such as (01)."""
    return _GS1_START.match(text) is not None


def is_digits(text: str) -> bool:
    """Return whether a text is one or more of 0-9."""
    return text.isascii() and text.isdigit()


def named(ch: str) -> str:
    """Return a character as people and programs find it: 'x' (U+0078 LATIN SMALL LETTER X)."""
    return f"{ch!r} (U+{ord(ch):04X} {unicodedata.name(ch, 'control character')})"
