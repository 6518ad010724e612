"""One label to PDF operators: symbol, digits and lines at the places that `sheets.fits` gave them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from service.sheets import DoesNotFit, Fit, fits
from service.symbology import Symbol, SymbologyError, SymbologyName, encode
from service.uploads.render.bars import Bars
from service.uploads.render.digits import groups, middle
from service.uploads.render.model import DrawLabel, NotDrawableError, RowWarning, SheetOptions
from service.uploads.render.text import MIN_POINTS, fit_line
from service.uploads.render.words import Word, Words


class Drawn(NamedTuple):
    """The operators of a label, drawn from its bottom left corner, the box of its symbol in dots, and what was lost."""

    operators: str
    box: tuple[int, int, int, int]
    warnings: tuple[RowWarning, ...]


class Artist:
    """Draws labels for one sheet. Symbols of the same size share their fit and the paths of their characters."""

    def __init__(self, sheet: SheetOptions, words: Words) -> None:
        self._sheet: Final = sheet
        self._words: Final = words
        self._smallest: Final = round(MIN_POINTS * sheet.dpi / 72)
        self._known: Final[dict[tuple[SymbologyName, int, int, int], tuple[Fit, Bars]]] = {}

    def draw(self, label: DrawLabel) -> Drawn:
        """Return the operators of one label. Raises NotDrawableError."""
        try:
            symbol = encode(label.symbology, label.encoded)
        except SymbologyError as error:
            raise NotDrawableError(label.row, str(error)) from error
        fit, bars = self._fit(label, symbol)
        lost: list[str] = []
        words = [*self._lines(label.lines, fit, lost), *self._digits(symbol, fit, lost)]
        operators = (self._words.show(words) if words else "") + bars.path(symbol) + "f\n"
        return Drawn(operators, fit.box, tuple(RowWarning(label.row, "text_truncated", detail) for detail in lost))

    def _fit(self, label: DrawLabel, symbol: Symbol) -> tuple[Fit, Bars]:
        key = (label.symbology, symbol.width, symbol.height, len(label.lines))
        if key not in self._known:
            sheet = self._sheet
            fit = fits(symbol, sheet.layout, dpi=sheet.dpi, lines=len(label.lines), hri=sheet.hri)
            if isinstance(fit, DoesNotFit):
                raise NotDrawableError(label.row, fit.detail)
            self._known[key] = fit, Bars(symbol, fit)
        return self._known[key]

    def _lines(self, lines: tuple[str, ...], fit: Fit, lost: list[str]) -> Iterator[Word]:
        for text, baseline in zip(lines, fit.line_baselines, strict=True):
            line = fit_line(text, fit.line_size, self._smallest, fit.text_width)
            if line.lost:
                lost.append(f"{text!r}: {line.lost}")
            yield Word(fit.line_middle - line.width // 2, baseline, line.size, line.runs)

    def _digits(self, symbol: Symbol, fit: Fit, lost: list[str]) -> Iterator[Word]:
        if not fit.hri_size:
            return
        for group in groups(symbol):
            line = fit_line(group.text, fit.hri_size, min(self._smallest, fit.hri_size), fit.text_width)
            if line.lost:
                lost.append(f"{group.text!r}: {line.lost}")
            yield Word(round(middle(group, fit)) - line.width // 2, fit.hri_baseline, line.size, line.runs)
