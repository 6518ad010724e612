"""One encoder a symbology, in the order in which people are offered them."""

from collections.abc import Callable
from typing import Final

from service.symbology import code128, discrete, ean, gs1_128, itf14, matrix
from service.symbology.symbol import Symbol, SymbologyName

ENCODERS: Final[dict[SymbologyName, Callable[[str], Symbol]]] = {
    "ean13": ean.ean13,
    "ean8": ean.ean8,
    "upca": ean.upca,
    "upce": ean.upce,
    "itf14": itf14.itf14,
    "code128": code128.code128,
    "gs1_128": gs1_128.gs1_128,
    "code39": discrete.code39,
    "codabar": discrete.codabar,
    "qr": matrix.qr,
    "datamatrix": matrix.datamatrix,
    "gs1_datamatrix": matrix.gs1_datamatrix,
}
SYMBOLOGIES: Final[tuple[SymbologyName, ...]] = tuple(ENCODERS)


def encode(symbology: SymbologyName, text: str) -> Symbol:
    """Return the symbol of `text`, which is taken as it stands: nothing is added, cut or mended.

    (UPC-E of 6 or 7 digits is the exception that GS1 defines: its check digit is part of the bars.)
    Raises SymbologyError with a code of the upload contract; its `suggestion` is the text that was probably meant.
    """
    return ENCODERS[symbology](text)
