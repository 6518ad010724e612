"""A page of a PDF, or a box of it, as grey pixels that a decoder reads without a copy."""

from dataclasses import dataclass
from math import ceil, floor
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp


class Box(NamedTuple):
    """Points from the bottom left corner of the page."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Raster:
    """Grey pixels of `box`, one byte each; columns and lines may be differently dense."""

    pixels: memoryview
    columns: int
    lines: int
    stride: int
    x_dpi: float
    y_dpi: float
    box: Box

    def view(self, box: Box) -> zxingcpp.ImageView:
        """Return the pixels of a box inside this one; what lies outside is left away."""
        left, right = self._columns(box.left), self._columns(box.left + box.width)
        top, bottom = self._lines(box.bottom + box.height), self._lines(box.bottom)
        left, right = max(0, floor(left)), min(self.columns, ceil(right))
        # ImageView wants whole strides behind its first pixel, so the last line can only be read from its beginning.
        top, bottom = max(0, floor(top)), min(self.lines - (left > 0), ceil(bottom))
        inside = self.pixels[top * self.stride + left : bottom * self.stride + left]
        return zxingcpp.ImageView(inside, right - left, bottom - top, zxingcpp.ImageFormat.Lum, self.stride, 1)

    def _columns(self, x: float) -> float:
        return (x - self.box.left) * self.x_dpi / 72

    def _lines(self, y: float) -> float:
        return (self.box.bottom + self.box.height - y) * self.y_dpi / 72


def render(page: pypdfium2.PdfPage, x_dpi: float, y_dpi: float, box: Box | None = None) -> Raster:
    """Return the pixels of a page, or of a box of it. pypdfium2's own `render` knows square pixels only."""
    page_width, page_height = page.get_size()
    box = box or Box(0, 0, page_width, page_height)
    columns, lines = ceil(box.width * x_dpi / 72), ceil(box.height * y_dpi / 72)
    bitmap = pypdfium2.PdfBitmap.new_native(columns, lines, pdfium.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, columns, lines)
    left = -round(box.left * x_dpi / 72)
    top = -round((page_height - box.bottom - box.height) * y_dpi / 72)
    size = round(page_width * x_dpi / 72), round(page_height * y_dpi / 72)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, left, top, *size, 0, 0)
    return Raster(memoryview(bitmap.buffer).cast("B"), columns, lines, bitmap.stride, x_dpi, y_dpi, box)
