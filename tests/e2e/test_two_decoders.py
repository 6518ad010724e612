"""500 random values a symbology: value → PDF → pixels → two decoders that share no code, and ours before publishing."""

from collections.abc import Iterator

import pypdfium2
import pytest
import zxingcpp
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL.Image import Image
from pyzbar import pyzbar

from service.sheets import LAYOUTS
from service.symbology import SYMBOLOGIES, SymbologyName
from service.uploads.render.draw import draw
from service.uploads.render.model import DrawLabel, DrawnPdf, Position, SheetOptions
from service.uploads.render.readback import FORMATS, as_read
from service.uploads.render.verify import verify
from tests.unit.service.symbology.strategies import TEXTS

pytestmark = pytest.mark.e2e

_VALUES = 500
_DPI = 300
# zbar has no Data Matrix at all.
_ZBAR: dict[SymbologyName, pyzbar.ZBarSymbol] = {
    "ean13": pyzbar.ZBarSymbol.EAN13,
    "ean8": pyzbar.ZBarSymbol.EAN8,
    "upca": pyzbar.ZBarSymbol.EAN13,
    "upce": pyzbar.ZBarSymbol.UPCE,
    "itf14": pyzbar.ZBarSymbol.I25,
    "code128": pyzbar.ZBarSymbol.CODE128,
    "gs1_128": pyzbar.ZBarSymbol.CODE128,
    "code39": pyzbar.ZBarSymbol.CODE39,
    "codabar": pyzbar.ZBarSymbol.CODABAR,
    "qr": pyzbar.ZBarSymbol.QRCODE,
}


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_five_hundred_values_read_back_by_both(symbology: SymbologyName) -> None:
    for position, crop in crops(drawn_values(symbology)):
        assert zxing(symbology, crop) == as_read(symbology, position.encoded)
        if symbology in _ZBAR and not (
            symbology == "upce" and position.encoded[0] == "1"
        ):  # zbar knows number system 0
            assert zbar(symbology, crop) == zbar_text(symbology, position.encoded)


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_our_own_check_finds_them_readable(symbology: SymbologyName) -> None:
    drawn = drawn_values(symbology)
    verified = verify(drawn.pdf, drawn.positions, "all")
    assert (verified.decoded, verified.unreadable) == (len(drawn.positions), ())


def drawn_values(symbology: SymbologyName) -> DrawnPdf:
    found: list[str] = []

    @settings(
        max_examples=_VALUES,
        deadline=None,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(TEXTS[symbology] | st.nothing())
    def collect(text: str) -> None:
        found.append(text)

    collect()
    labels = [DrawLabel(row, symbology, text, ("Name",)) for row, text in enumerate(found)]
    return draw(labels, SheetOptions(LAYOUTS["5163"], dpi=_DPI))


def crops(drawn: DrawnPdf) -> Iterator[tuple[Position, Image]]:
    """Yield each symbol with its quiet zones, as a 300 dpi printer would put it on paper."""
    document = pypdfium2.PdfDocument(drawn.pdf)
    pages = [page.render(scale=_DPI / 72, grayscale=True).to_pil() for page in document]
    for position in drawn.positions:
        page = pages[position.page]
        yield position, page.crop(_pixels(position, page.height))


def _pixels(position: Position, page_height: int) -> tuple[int, int, int, int]:
    """The box of the symbol; half a millimetre more around a matrix, whose quiet zone of 1X is less than zxing likes."""
    k, more = _DPI / 72, (_DPI // 50 if position.symbology in ("datamatrix", "gs1_datamatrix", "qr") else 0)
    top = page_height - (position.bottom + position.height) * k
    left = position.left * k
    right, bottom = left + position.width * k, top + position.height * k
    return round(left) - more, round(top) - more, round(right) + more, round(bottom) + more


def zxing(symbology: SymbologyName, image: Image) -> str | None:
    barcode = zxingcpp.read_barcode(image, FORMATS[symbology], text_mode=zxingcpp.TextMode.Plain)
    return None if barcode is None else barcode.text


def zbar(symbology: SymbologyName, image: Image) -> str | None:
    found = pyzbar.decode(image, symbols=[_ZBAR[symbology]])
    return found[0].data.decode("utf-8") if found else None


def zbar_text(symbology: SymbologyName, encoded: str) -> str:
    """zbar gives a UPC-E as its own digits, and the rest as zxing does."""
    return encoded if symbology == "upce" else as_read(symbology, encoded)
