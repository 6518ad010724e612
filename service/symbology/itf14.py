"""ITF-14 (ISO/IEC 16390, GS1 General Specifications 5.3): 14 digits in, pairs of 18 modules out."""

from typing import Final

from service.symbology.digits import complete_key
from service.symbology.symbol import Rule, Symbol

# ISO/IEC 16390 table 1: two of five elements are wide, three modules (GS1 allows 2.25 to 3).
_TABLE: Final = "11331 31113 13113 33111 11313 31311 13311 11133 31131 13131"
_WIDTHS: Final = dict(zip("0123456789", _TABLE.split(), strict=True))
_START: Final = "1010"
_STOP: Final = "11101"

# GS1 General Specifications 5.3.2: bearer bars keep a slanted scan from reading a part of the symbol.
_RULE: Final = Rule(
    kind="linear",
    quiet_left=10,
    quiet_right=10,
    quiet_vertical=0,
    x_nominal_mm=0.495,
    x_floor_mm=0.25,
    x_max_mm=1.016,
    x_gs1_min_mm=0.495,
    height_mm=31.75,
    height_min_mm=31.75,
    bearer_modules=2,
)


def itf14(text: str) -> Symbol:
    """Return the symbol of 14 digits. Raises SymbologyError."""
    complete_key(text, 14, "ITF-14")
    pairs = (_pair(text[at], text[at + 1]) for at in range(0, 14, 2))
    return Symbol("itf14", text, text, (_START, *pairs, _STOP), _RULE)


def _pair(bars: str, spaces: str) -> str:
    """The first digit is in the bars, the second in the spaces between them."""
    widths = zip(_WIDTHS[bars], _WIDTHS[spaces], strict=True)
    return "".join("1" * int(bar) + "0" * int(space) for bar, space in widths)
