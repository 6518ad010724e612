"""QR (ISO/IEC 18004, by segno), Data Matrix (ISO/IEC 16022, by zint) and GS1 Data Matrix: text in, rows out.

Both encoders are loaded at the first symbol: a process that only names symbologies does without them, and Pillow with them.
"""

from dataclasses import replace
from typing import Final

from service.symbology.gs1 import parse
from service.symbology.symbol import Rule, Symbol, SymbologyError

_UTF_8: Final = 26  # number of the extended channel interpretation

_QR_RULE: Final = Rule(
    kind="matrix",
    quiet_left=4,  # ISO/IEC 18004 9.1
    quiet_right=4,
    quiet_vertical=4,
    x_nominal_mm=0.5,
    x_floor_mm=0.25,
    x_max_mm=1.5,
)
_DATAMATRIX_RULE: Final = replace(_QR_RULE, quiet_left=1, quiet_right=1, quiet_vertical=1)  # ISO/IEC 16022 7.1
# GS1 General Specifications 5.12.3.4: X 0.396 mm at least in general distribution.
_GS1_RULE: Final = replace(_DATAMATRIX_RULE, x_gs1_min_mm=0.396)


def qr(text: str) -> Symbol:
    """Return the QR symbol of any text, error correction M or better. Raises SymbologyError."""
    import segno

    _something(text)
    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError as error:
        raise SymbologyError("too_long", f"QR has no room for {len(text)} characters") from error
    rows = tuple("".join("1" if module else "0" for module in row) for row in code.matrix)
    return Symbol("qr", text, text, rows, _QR_RULE)


def datamatrix(text: str) -> Symbol:
    """Return the square Data Matrix symbol of any text. Raises SymbologyError."""
    _something(text)
    return Symbol("datamatrix", text, text, _datamatrix(text, gs1=False), _DATAMATRIX_RULE)


def gs1_datamatrix(text: str) -> Symbol:
    """Return the square symbol of a text with brackets around each identifier. Raises SymbologyError."""
    # zint's own brackets are square: round ones may be part of a value.
    escaped = "".join(f"[{element.identifier.ai}]{element.value}" for element in parse(text))
    return Symbol("gs1_datamatrix", text, text, _datamatrix(escaped, gs1=True), _GS1_RULE)


def _datamatrix(data: str, *, gs1: bool) -> tuple[str, ...]:
    import zint

    # GS1NOCHECK: we have checked, by a newer dictionary
    mode = zint.InputMode.GS1 | zint.InputMode.GS1NOCHECK if gs1 else zint.InputMode.UNICODE
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.DATAMATRIX
    symbol.input_mode = mode
    if not data.isascii():
        symbol.eci = _UTF_8  # else zint would take Latin-1 where it can, and warn on stderr where it can't
    symbol.option_3 = zint.DataMatrixOptions.SQUARE
    try:
        symbol.encode(data)
    except RuntimeError as error:
        raise SymbologyError("too_long", f"Data Matrix has no room for {len(data)} characters") from error
    packed = symbol.encoded_data
    return tuple(
        "".join("01"[packed[row, column // 8] >> (column % 8) & 1] for column in range(symbol.width))
        for row in range(symbol.rows)
    )


def _something(text: str) -> None:
    if not text:
        raise SymbologyError("wrong_length", "there is nothing to encode")
