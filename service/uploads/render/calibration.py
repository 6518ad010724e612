"""A page that shows where labels are printed: a layout in, the outline of each label and two rulers out."""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from service.sheets import Layout
from service.uploads.render.model import SheetOptions

_MM: Final = 72 / 25.4
_RULER_MM: Final = 100
_ADVICE: Final = (
    "Print this page at 100 % (actual size), lay it on a sheet of labels and hold both against the light.",
    "Both rulers must be 100 mm long: if they are not, set scale to 100 divided by what you measure.",
    "If the outlines stand beside the labels, set offset_mm to how far they must move [right, down], in mm.",
)


def calibration(sheet: SheetOptions) -> bytes:
    """Return the PDF of one page for a layout, with the offset and scale of `sheet` applied."""
    layout = sheet.layout
    width, height = layout.page_width_mm * _MM, layout.page_height_mm * _MM
    canvas = Canvas(BytesIO(), pagesize=(width, height), pageCompression=1, invariant=1)
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.setTitle(f"Calibration: {layout.title}")
    canvas.translate(sheet.offset_mm[0] * _MM, height * (1 - sheet.scale) - sheet.offset_mm[1] * _MM)
    canvas.scale(sheet.scale * _MM, sheet.scale * _MM)  # from here on in mm
    canvas.setLineWidth(0.1)
    for left, bottom in _corners(layout):
        canvas.rect(left, bottom, layout.label_width_mm, layout.label_height_mm)
    _rulers(canvas, layout)
    _advice(canvas, layout)
    data: bytes = canvas.getpdfdata()  # type: ignore[no-untyped-call]
    return data


def _corners(layout: Layout) -> Iterator[tuple[float, float]]:
    for slot in range(layout.per_page):
        left, top = layout.corner(slot)
        yield left, layout.page_height_mm - top - layout.label_height_mm


def _rulers(canvas: Canvas, layout: Layout) -> None:
    """Two scales around the middle of the page, as long as the page has room for, a mark a millimetre."""
    across = min(_RULER_MM, int(layout.page_width_mm * 0.8 / 10) * 10)
    down = min(_RULER_MM, int(layout.page_height_mm * 0.8 / 10) * 10)
    left, bottom = (layout.page_width_mm - across) / 2, (layout.page_height_mm - down) / 2
    canvas.line(left, bottom, left + across, bottom)
    canvas.line(left, bottom, left, bottom + down)
    for at in range(across + 1):
        canvas.line(left + at, bottom, left + at, bottom + _mark(at))
    for at in range(down + 1):
        canvas.line(left, bottom + at, left + _mark(at), bottom + at)


def _mark(at: int) -> float:
    if at % 10 == 0:
        return 3.0
    return 2.0 if at % 5 == 0 else 1.0


def _advice(canvas: Canvas, layout: Layout) -> None:
    """Text below the rulers, on white, where the page is large enough to read it; a roll's label only has its outline."""
    if layout.page_width_mm < 180:
        return
    middle, y = layout.page_width_mm / 2, (layout.page_height_mm - _RULER_MM) / 2 - 12
    lines = (layout.title, *_ADVICE)
    canvas.setFillGray(1)
    canvas.rect(middle - 86, y - 5 * len(lines), 172, 5 * len(lines) + 5, stroke=0, fill=1)
    canvas.setFillGray(0)
    for number, text in enumerate(lines):
        canvas.setFont("Helvetica", 3.2)
        canvas.drawCentredString(middle, y - 5 * number, text)
