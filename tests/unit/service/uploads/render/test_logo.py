"""The operator's logo: read, drawn where there is room, and in nobody's way when the labels are read back."""

import io
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from service.sheets import LAYOUTS
from service.uploads import child
from service.uploads.limits import Limits
from service.uploads.render.draw import draw
from service.uploads.render.logo import Logo, LogoError, load_logo
from service.uploads.render.model import DrawLabel, SheetOptions
from service.uploads.render.verify import verify
from service.uploads.workspace import PDF, UPLOAD
from tests.lists import ean, ean_list
from tests.unit.service.uploads.render.content import page_streams

RED = Logo(2, 1, zlib.compress(bytes((255, 0, 0)) * 2))
LABELS = [DrawLabel(row, "ean13", ean(row), ("Coffee", "4.50")) for row in range(2, 40)]
OTHERS = [
    DrawLabel(50, "code128", "AB-1234567890", ("Coffee",)),
    DrawLabel(51, "itf14", "15901234123454", ("Coffee",)),
    DrawLabel(52, "qr", "https://example.com/1", ("Coffee",)),
    DrawLabel(53, "gs1_datamatrix", "(01)05901234123457", ("Coffee",)),
]
WITH_LOGO = [name for name, layout in LAYOUTS.items() if layout.logo_mm is not None]


def png(size: tuple[int, int] = (40, 20), colour: tuple[int, ...] = (255, 0, 0, 255)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_what_is_transparent_is_white_as_paper(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png((2, 1), (0, 0, 255, 0)))
    logo = load_logo(tmp_path / "logo.png")
    assert (logo.width, logo.height, zlib.decompress(logo.pixels)) == (2, 1, b"\xff" * 6)


NO_LOGOS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a text": (lambda: b"<svg/>", "not a PNG"),
    "nothing": (lambda: b"", "not a PNG"),
    "a PNG that breaks off": (lambda: png()[:60], "not a PNG"),
    "a file of megabytes": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(2_000_000), "larger than"),
    "a poster": (lambda: png((4_000, 2_000)), "pixels, more than"),
}


@pytest.mark.parametrize(("content", "found"), NO_LOGOS.values(), ids=NO_LOGOS)
def test_what_is_no_logo_is_refused_with_the_reason(content: Callable[[], bytes], found: str, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(content())
    with pytest.raises(LogoError) as raised:
        load_logo(tmp_path / "logo.png")
    assert found in raised.value.found


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogoError, match="No such file"):
        load_logo(tmp_path / "logo.png")


@pytest.mark.parametrize("name", WITH_LOGO)
def test_labels_with_a_logo_read_back_and_keep_their_places(name: str) -> None:
    sheet = SheetOptions(LAYOUTS[name])
    plain, drawn = draw([*LABELS, *OTHERS], sheet), draw([*LABELS, *OTHERS], sheet, RED)
    assert drawn.positions == plain.positions
    assert "".join(page_streams(drawn.pdf)).count("/Logo Do") >= len(LABELS)
    verified = verify(drawn.pdf, drawn.positions, "all")
    assert (verified.checked, verified.decoded) == (len(LABELS) + 4, len(LABELS) + 4)


def test_it_stands_in_its_place() -> None:
    layout = LAYOUTS["roll-100x50"]
    page = pypdfium2.PdfDocument(draw(LABELS[:1], SheetOptions(layout), RED).pdf)[0]
    scale = 10 * 25.4 / 72  # ten pixels a millimetre
    shown = page.render(scale=scale).to_pil().convert("RGB")
    assert layout.logo_mm is not None
    x, y, width, height = layout.logo_mm
    assert shown.getpixel((int((x + width / 2) * 10), int((y + height / 2) * 10))) == (255, 0, 0)
    assert shown.getpixel((int(x * 10) - 5, int((y + height / 2) * 10))) == (255, 255, 255)


def test_a_layout_without_a_place_gives_the_same_pages() -> None:
    sheet = SheetOptions(LAYOUTS["L7160"])
    assert page_streams(draw(LABELS, sheet, RED).pdf) == page_streams(draw(LABELS, sheet).pdf)


def test_it_is_in_the_file_once_and_in_labels_that_an_upload_gives(tmp_path: Path) -> None:
    (tmp_path / UPLOAD).write_bytes(ean_list(30))
    (tmp_path / "logo.png").write_bytes(png())
    options = json.dumps({"layout": {"label_mm": [70, 40], "logo_mm": [2, 18, 12, 10]}})
    request = {
        "workspace": str(tmp_path),
        "options": options,
        "limits": asdict(Limits()),
        "logo": str(tmp_path / "logo.png"),
    }
    results = [stage(request, lambda _done, _total: None) for stage in (child.read, child.check, child.draw)]
    verified = child.verify(request, lambda _done, _total: None)
    assert results[-1]["pages"] == 30
    assert (verified["checked"], verified["decoded"]) == (30, 30)
    pdf = (tmp_path / PDF).read_bytes()
    assert pdf.count(b"/Subtype/Image") == 1
    assert "".join(page_streams(pdf)).count("/Logo Do") == 30
