"""The finished PDF, read back by a decoder that knows nothing of our encoders: positions in, unreadable rows out."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

import pypdfium2
import zxingcpp

from service.uploads.meter import Meter
from service.uploads.render.model import Position, Verified, VerifyMode
from service.uploads.render.raster import Box, Raster, render
from service.uploads.render.readback import FORMATS, as_read

_ALL_UP_TO: Final = 2_000
_SAMPLE: Final = 400
_DPI: Final = 203.0  # the coarsest label printers in use
_FINE_DPI: Final = 600.0  # second look at what is meant for finer printers: modules of 0.19 mm are 1.5 dots at 203 dpi
# Bars are the same from top to bottom, so fewer lines do; measured: 7,100 labels/s against 2,300 with square dots.
_LINES_DPI: Final = 50.0
_STRIP_LINES: Final = 5
# Of so few labels a page each is rendered alone. Measured: 2.2 ms for a page of 21, 0.13 ms for the lines of one.
_FEW: Final = 8

_MARGIN: Final = (
    0.3 / 25.4 * 72
)  # points around a matrix: Data Matrix has a quiet zone of 1X, less than zxing-cpp likes
_MATRIX: Final = frozenset(("qr", "datamatrix", "gs1_datamatrix"))


def verify(pdf: bytes, positions: Sequence[Position], mode: VerifyMode = "auto") -> Verified:
    """Return how many of the labels at `positions` read back as what they should hold, and the rows that do not.

    `auto` looks at all labels up to 2,000, beyond that at an even sample of 400; `sample` always at 400.
    """
    chosen = _chosen(positions, mode)
    if not chosen:
        return Verified(0, 0, ())
    document = pypdfium2.PdfDocument(pdf)
    try:
        failed = [position.row for position in _unreadable(document, chosen)]
    finally:
        document.close()
    return Verified(len(chosen), len(chosen) - len(failed), tuple(dict.fromkeys(failed)))


def _unreadable(document: pypdfium2.PdfDocument, chosen: Sequence[Position]) -> Iterator[Position]:
    """Yield the positions that do not read back, page by page."""
    meter, done = Meter(len(chosen)), 0
    for number, group in groupby(chosen, attrgetter("page")):
        page, on_page = document[number], list(group)
        try:
            yield from _unreadable_on(page, on_page)
        finally:
            page.close()
        done += len(on_page)
        meter.at(done)
    meter.end(done)


def _chosen(positions: Sequence[Position], mode: VerifyMode) -> Sequence[Position]:
    if mode == "none":
        return ()
    if mode == "all" or len(positions) <= (_ALL_UP_TO if mode == "auto" else _SAMPLE):
        return positions
    return [positions[number * (len(positions) - 1) // (_SAMPLE - 1)] for number in range(_SAMPLE)]


def _unreadable_on(page: pypdfium2.PdfPage, positions: list[Position]) -> Iterator[Position]:
    linear = [position for position in positions if position.symbology not in _MATRIX]
    matrix = [position for position in positions if position.symbology in _MATRIX]
    for found, y_dpi in ((linear, _LINES_DPI), (matrix, _DPI)):
        whole = render(page, _DPI, y_dpi) if len(found) > _FEW else None
        for position in found:
            raster = whole or render(page, _DPI, y_dpi, _looked_at(position, y_dpi))
            if not _reads(raster, position) and not _reads_closely(page, position):
                yield position


def _reads_closely(page: pypdfium2.PdfPage, position: Position) -> bool:
    box = Box(position.left, position.bottom, position.width, position.height)
    return _reads(render(page, _FINE_DPI, _FINE_DPI, box), position)


def _looked_at(position: Position, y_dpi: float) -> Box:
    """Return what a decoder gets of a label: some lines through the middle of bars, the whole of a matrix."""
    left, bottom, width, height = position.left, position.bottom, position.width, position.height
    if position.symbology in _MATRIX:
        return Box(left - _MARGIN, bottom - _MARGIN, width + 2 * _MARGIN, height + 2 * _MARGIN)
    strip = min(height, _STRIP_LINES * 72 / y_dpi)
    return Box(left, bottom + (height - strip) / 2, width, strip)


def _reads(raster: Raster, position: Position) -> bool:
    barcode = zxingcpp.read_barcode(
        raster.view(_looked_at(position, raster.y_dpi)),
        FORMATS[position.symbology],
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return barcode is not None and barcode.text == as_read(position.symbology, position.encoded)
