"""zint as an independent encoder: the same text in, its rows of modules out."""

import zint

from service.symbology import SymbologyName

_ZINT = {
    "ean13": zint.Symbology.EANX,
    "ean8": zint.Symbology.EANX,
    "upca": zint.Symbology.UPCA,
    "upce": zint.Symbology.UPCE,
    "itf14": zint.Symbology.ITF14,
    "code128": zint.Symbology.CODE128,
    "gs1_128": zint.Symbology.GS1_128,
    "code39": zint.Symbology.CODE39,
    "codabar": zint.Symbology.CODABAR,
    "qr": zint.Symbology.QRCODE,
    "datamatrix": zint.Symbology.DATAMATRIX,
    "gs1_datamatrix": zint.Symbology.DATAMATRIX,
}


# zint pads 8 digits to an EAN-13 and takes 13 for ITF-14.
_CHECK_DIGIT_ADDED = ("ean8", "itf14")


def zint_rows(symbology: SymbologyName, text: str, mask: int | None = None, level: str = "M") -> list[str]:
    """Return zint's modules, one text of 0 and 1 a row; for linear symbologies its one row. `mask` and `level` are those of QR."""
    symbol = zint.Symbol()
    symbol.symbology = _ZINT[symbology]
    if symbology.startswith("gs1"):
        symbol.input_mode = zint.InputMode.GS1 | zint.InputMode.GS1PARENS
    if mask is not None:
        symbol.option_1, symbol.option_3 = 1 + "LMQH".index(level), (mask + 1) << 8
    if symbology.endswith("datamatrix"):
        symbol.option_3 = zint.DataMatrixOptions.SQUARE
    symbol.encode(text[:-1] if symbology in _CHECK_DIGIT_ADDED else text)
    data = symbol.encoded_data
    bits = [
        [data[row, column // 8] >> (column % 8) & 1 for column in range(symbol.width)] for row in range(symbol.rows)
    ]
    rows = ["".join(map(str, row)) for row in bits]
    return (
        rows if symbology in ("qr", "datamatrix", "gs1_datamatrix") else [rows[0].rstrip("0")]
    )  # its Codabar ends in a gap
