"""GS1-128: GS1 element strings as a Code 128 that begins with FNC1 (GS1 General Specifications 5.4)."""

from typing import Final

from service.symbology.code128 import FNC1, characters
from service.symbology.gs1 import parse, payload
from service.symbology.symbol import Rule, Symbol, SymbologyError

MAX_CHARACTERS: Final = 48  # 5.4.4.3: identifiers, values and separators

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
)


def gs1_128(text: str) -> Symbol:
    """Return the symbol of a text with brackets around each identifier. Raises SymbologyError."""
    held = payload(parse(text))
    if len(held) > MAX_CHARACTERS:
        detail = f"GS1-128 holds {MAX_CHARACTERS} characters with identifiers and separators, not {len(held)}"
        raise SymbologyError("too_long", detail)
    return Symbol("gs1_128", text, text, characters(FNC1 + held), _RULE)
