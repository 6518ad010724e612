"""What zxing-cpp says of a symbol that holds a text: its format and the text it returns."""

from typing import Final

import zxingcpp

from service.symbology import SymbologyName
from service.symbology.ean import upce_to_upca_body
from service.symbology.gs1 import parse, payload

_FORMATS: Final[dict[SymbologyName, zxingcpp.BarcodeFormat]] = {
    "ean13": zxingcpp.BarcodeFormat.EAN13,
    "ean8": zxingcpp.BarcodeFormat.EAN8,
    "upca": zxingcpp.BarcodeFormat.UPCA,
    "upce": zxingcpp.BarcodeFormat.UPCE,
    "itf14": zxingcpp.BarcodeFormat.ITF,
    "code128": zxingcpp.BarcodeFormat.Code128,
    "gs1_128": zxingcpp.BarcodeFormat.Code128,
    "code39": zxingcpp.BarcodeFormat.Code39Std,
    "codabar": zxingcpp.BarcodeFormat.Codabar,
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "datamatrix": zxingcpp.BarcodeFormat.DataMatrix,
    "gs1_datamatrix": zxingcpp.BarcodeFormat.DataMatrix,
}
FORMATS: Final = {name: zxingcpp.BarcodeFormats(read_as) for name, read_as in _FORMATS.items()}


def as_read(symbology: SymbologyName, encoded: str) -> str:
    """Return the text that a reader gives for `encoded`: a UPC is read as the EAN-13 that it is a case of."""
    if symbology == "upca":
        return "0" + encoded
    if symbology == "upce":
        return "0" + upce_to_upca_body(encoded[:7]) + encoded[7]
    if symbology in ("gs1_128", "gs1_datamatrix"):
        return payload(parse(encoded))  # brackets are for people; FNC1 is read as GS
    return encoded
