"""Code 128 (ISO/IEC 15417): printable ASCII, and FNC1 for GS1-128, in 11-module characters out."""

from typing import Final

from service.symbology.symbol import Rule, Symbol, SymbologyError

FNC1: Final = "\x1d"  # what a reader returns for an FNC1 that separates (ISO/IEC 15417 annex B)
MAX_CHARACTERS: Final = 80

# ISO/IEC 15417 table 1: widths of bar, space, bar … of the values 0 to 105.
_WIDTHS: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
)
_CHARACTERS: Final = tuple(
    "".join(bar * int(width) for bar, width in zip("101010", widths, strict=True)) for widths in _WIDTHS.split()
)
_STOP: Final = "1100011101011"
_CODE_C, _CODE_B, _FNC1_VALUE, _START_B, _START_C = 99, 100, 102, 104, 105
_NEVER: Final = 1 << 20  # characters: dearer than any text

# ISO/IEC 15417 4.4.2: quiet zones of 10X. X from 0.19 mm: below that, office printers smear.
_RULE: Final = Rule(
    kind="linear",
    quiet_left=10,
    quiet_right=10,
    quiet_vertical=0,
    x_nominal_mm=0.33,
    x_floor_mm=0.19,
    x_max_mm=0.66,
    height_mm=15.0,
)


def code128(text: str) -> Symbol:
    """Return the symbol of 1 to 80 printable ASCII characters. Raises SymbologyError."""
    if strange := next((ch for ch in text if not " " <= ch <= "~"), None):
        detail = f"Code 128 is drawn for printable ASCII only, and {strange!r} (U+{ord(strange):04X}) is none"
        raise SymbologyError("bad_characters", detail)
    if not text:
        raise SymbologyError("wrong_length", "there is nothing to encode")
    if len(text) > MAX_CHARACTERS:
        raise SymbologyError("too_long", f"Code 128 is drawn up to {MAX_CHARACTERS} characters, not {len(text)}")
    return Symbol("code128", text, text, characters(text), _RULE)


def characters(text: str) -> tuple[str, ...]:
    """Return start, data, check and stop characters of printable ASCII and FNC1, in the fewest that hold it."""
    values = _values(text)
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return (*(_CHARACTERS[value] for value in values), _CHARACTERS[check], _STOP)


def _values(text: str) -> list[int]:
    """Walk the text, in each place in the set that leaves the fewest characters to come; set C where both do, as zint."""
    from_b, from_c = _costs(text)
    in_c = from_c[0] <= from_b[0]
    values = [_START_C if in_c else _START_B]
    place = 0
    while place < len(text):
        if in_c != (in_c := _better_in_c(text, place, in_c, from_b, from_c)):
            values.append(_CODE_C if in_c else _CODE_B)
        step = _step_in_c(text, place) if in_c else 1
        values.append(_value(text[place : place + step]))
        place += step
    return values


def _better_in_c(text: str, place: int, in_c: bool, from_b: list[int], from_c: list[int]) -> bool:
    as_b, as_c = 1 + from_b[place + 1], _cost_in_c(text, place, from_c)
    return as_c <= as_b + 1 if in_c else as_c + 1 <= as_b


def _value(piece: str) -> int:
    if piece == FNC1:
        return _FNC1_VALUE
    return int(piece) if len(piece) == 2 else ord(piece) - 32


def _costs(text: str) -> tuple[list[int], list[int]]:
    """Return, for each place, how many characters the rest takes when set B (set C) is on there."""
    from_b, from_c = [0] * (len(text) + 2), [0] * (len(text) + 2)
    for place in range(len(text) - 1, -1, -1):
        as_b, as_c = 1 + from_b[place + 1], _cost_in_c(text, place, from_c)
        from_b[place], from_c[place] = min(as_b, as_c + 1), min(as_c, as_b + 1)
    return from_b, from_c


def _cost_in_c(text: str, place: int, from_c: list[int]) -> int:
    step = _step_in_c(text, place)
    return 1 + from_c[place + step] if step else _NEVER


def _step_in_c(text: str, place: int) -> int:
    """Return how many characters set C takes in one: a pair of digits, FNC1, or 0 for anything else."""
    if text[place] == FNC1:
        return 1
    return 2 if len(pair := text[place : place + 2]) == 2 and pair.isdigit() else 0
