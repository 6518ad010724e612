"""Code 39 and Codabar: characters that begin and end with a bar, apart by a light module; wide is two narrow."""

from itertools import pairwise
from typing import Final

from service.symbology.symbol import Rule, Symbol, SymbologyError

# ISO/IEC 16388 table 1, nine elements a character. Wide is 2 modules: the standard allows
# 2 to 3, and the difference is a third of the width of a label that is small anyhow.
_CODE39: Final = (
    "0111221211 1211211112 2112211112 3212211111 4111221112 5211221111 6112221111 7111211212 8211211211 9112211211 "
    "A211112112 B112112112 C212112111 D111122112 E211122111 F112122111 G111112212 H211112211 I112112211 J111122211 "
    "K211111122 L112111122 M212111121 N111121122 O211121121 P112121121 Q111111222 R211111221 S112111221 T111121221 "
    "U221111112 V122111112 W222111111 X121121112 Y221121111 Z122121111 -121111212 .221111211 $121212111 /121211121 "
    "+121112121 %111212121 *121121211"
)
_CODE39_BLANK: Final = "122111211"
# EN 798 table 1, seven elements a character.
_CODABAR: Final = (
    "01111122 11111221 21112112 32211111 41121121 52111121 61211112 71211211 81221111 92112111 -1112211 $1122111 "
    ":2111212 /2121112 .2121211 +1121212 A1122121 B1212112 C1112122 D1112221"
)


def _modules(widths: str) -> str:
    return "".join("01"[place % 2 == 0] * int(width) for place, width in enumerate(widths)) + "0"


_CODE39_CHARACTERS: Final = {entry[0]: _modules(entry[1:]) for entry in _CODE39.split()} | {
    " ": _modules(_CODE39_BLANK)
}
_CODABAR_CHARACTERS: Final = {entry[0]: _modules(entry[1:]) for entry in _CODABAR.split()}

_RULE: Final = Rule(
    kind="linear",
    quiet_left=10,  # ISO/IEC 16388 4.4 (d)
    quiet_right=10,
    quiet_vertical=0,
    x_nominal_mm=0.33,
    x_floor_mm=0.19,
    x_max_mm=0.66,
    height_mm=15.0,
)
_CODE39_PAIRS: Final = frozenset("$/%+")


def code39(text: str) -> Symbol:
    """Return the symbol of 0-9, A-Z and - . blank $ / + %, without a check character. Raises SymbologyError."""
    allowed = _CODE39_CHARACTERS.keys() - {"*"}
    if strange := next((ch for ch in text if ch not in allowed), None):
        upper = text.upper()
        suggestion = upper if set(upper) <= allowed else None
        detail = f"Code 39 has 0-9, A-Z, blank and - . $ / + %, not {strange!r}"
        raise SymbologyError("bad_characters", detail, suggestion)
    if not text:
        raise SymbologyError("wrong_length", "there is nothing to encode")
    return Symbol("code39", text, text, _pieces(_CODE39_CHARACTERS, f"*{text}*"), _RULE)


def code39_ambiguous(text: str) -> bool:
    """Tell whether some readers take `$ / % +` and the letter behind it for one character of Full ASCII Code 39."""
    return any(sign in _CODE39_PAIRS and letter.isalpha() for sign, letter in pairwise(text))


def codabar(text: str) -> Symbol:
    """Return the symbol of 0-9 and - $ : / . + between start and stop letters A-D; A…A are added where there are none.

    Raises SymbologyError.
    """
    framed = text if text[:1] in "ABCD" and text[-1:] in "ABCD" and len(text) > 1 else f"A{text}A"
    body = framed[1:-1]
    if strange := next((ch for ch in body if ch not in "0123456789-$:/.+"), None):
        detail = f"Codabar has 0-9 and - $ : / . + between two letters A-D, not {strange!r}"
        raise SymbologyError("bad_characters", detail, _upper_frame(text))
    if not body:
        raise SymbologyError("wrong_length", "there is nothing to encode")
    return Symbol("codabar", framed, body, _pieces(_CODABAR_CHARACTERS, framed), _RULE)


def _upper_frame(text: str) -> str | None:
    upper = text.upper()
    return upper if upper != text and upper[0] in "ABCD" and set(upper[1:-1]) <= set("0123456789-$:/.+") else None


def _pieces(characters: dict[str, str], text: str) -> tuple[str, ...]:
    pieces = [characters[character] for character in text]
    return (*pieces[:-1], pieces[-1][:-1])  # no gap after the last
