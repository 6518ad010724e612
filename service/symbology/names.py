"""Names of symbologies as people write them: text in, our name or None out."""

from typing import Final

from service.symbology.symbol import SymbologyName

_NAMES: Final[dict[str, SymbologyName]] = {
    "ean13": "ean13",
    "ean8": "ean8",
    "upca": "upca",
    "upce": "upce",
    "itf14": "itf14",
    "code128": "code128",
    "gs1128": "gs1_128",
    "code39": "code39",
    "codabar": "codabar",
    "qr": "qr",
    "datamatrix": "datamatrix",
    "gs1datamatrix": "gs1_datamatrix",
}
_IGNORED: Final = str.maketrans("", "", " \t\u00a0-_\u2010\u2011\u2012\u2013")


def normalise_name(name: str) -> SymbologyName | None:
    """Return our name for "EAN-13", "Code 128", "gs1_datamatrix" …: case, blanks, hyphens and underscores do not matter."""
    return _NAMES.get(name.translate(_IGNORED).casefold())
