"""Checked labels to SVG, one file a label, in millimetres: the same places as on the sheet."""

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from service.sheets import DoesNotFit, Fit, fits
from service.symbology import Symbol, SymbologyError, encode
from service.uploads.render.bars import bearers, rectangles
from service.uploads.render.code import GROUPS, middle, whole_code
from service.uploads.render.flow import flow
from service.uploads.render.label import texts_of
from service.uploads.render.model import DrawLabel, NotDrawableError, SheetOptions

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_LENGTH = 60


def svg_files(labels: Sequence[DrawLabel], sheet: SheetOptions) -> Iterator[tuple[str, str]]:
    """Yield a file name, "00017-5901234123457.svg", and an SVG text for each label whose quantity is not 0.

    Raises NotDrawableError, with the row, for a label that no check should have let pass.
    """
    for label in labels:
        if label.quantity:
            yield f"{label.row:05}-{_UNSAFE.sub('_', label.encoded)[:_NAME_LENGTH]}.svg", svg(label, sheet)


def svg(label: DrawLabel, sheet: SheetOptions) -> str:
    """Return one label. Its texts are text: the reader's fonts draw them, so any script is shaped as it should be."""
    try:
        symbol = encode(label.symbology, label.encoded)
    except SymbologyError as error:
        raise NotDrawableError(label.row, str(error)) from error
    fit = fits(symbol, sheet.layout, dpi=sheet.dpi, lines=len(label.lines), hri=sheet.hri)
    if isinstance(fit, DoesNotFit):
        raise NotDrawableError(label.row, fit.detail)
    layout = sheet.layout
    width, height = (round(mm * sheet.dpi / 25.4) for mm in (layout.label_width_mm, layout.label_height_mm))
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{layout.label_width_mm:g}mm" '
            f'height="{layout.label_height_mm:g}mm" viewBox="0 0 {width} {height}">\n',
            f'<path fill="#fff" d="M0 0h{width}v{height}h-{width}z"/>\n',
            f'<path d="{_path(symbol, fit, height)}"/>\n',
            '<g font-family="DejaVu Sans,Verdana,sans-serif" text-anchor="middle" style="unicode-bidi:plaintext">\n',
            *_texts(label, symbol, fit, height),
            "</g>\n</svg>\n",
        )
    )


def _path(symbol: Symbol, fit: Fit, height: int) -> str:
    drawn = (*bearers(fit), *rectangles(symbol, fit))
    return "".join(f"M{x} {height - y - h}h{w}v{h}h-{w}z" for x, y, w, h in drawn)


def _texts(label: DrawLabel, symbol: Symbol, fit: Fit, height: int) -> Iterator[str]:
    centre = fit.text_box[0] + fit.text_box[2] / 2
    for line, baseline in flow(texts_of(label, symbol, fit), fit).lines:
        yield _text(line.text, centre, height - baseline, line.size)
    if not fit.hri_size:
        return
    for group in GROUPS.get(symbol.symbology, ()):
        yield _text(symbol.hri[group.start : group.stop], middle(group, fit), height - fit.hri_baseline, fit.hri_size)
    if symbol.symbology not in GROUPS:
        line = whole_code(symbol.hri, fit)
        yield _text(line.text, fit.hri_middle, height - fit.hri_baseline, line.size)


def _text(text: str, x: float, y: int, size: int) -> str:
    return f'<text x="{x:g}" y="{y}" font-size="{size}">{escape(text)}</text>\n'
