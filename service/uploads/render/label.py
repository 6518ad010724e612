"""One label to PDF operators: symbol, digits and lines at the places that `sheets.fits` gave them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from service.sheets import DoesNotFit, Fit, fits
from service.sheets.arrange import TEXT_MIN_PT
from service.symbology import Symbol, SymbologyError, SymbologyName, encode
from service.uploads.render.bars import Bars
from service.uploads.render.digits import groups, middle
from service.uploads.render.flow import flow
from service.uploads.render.model import DrawLabel, NotDrawableError, RowWarning, SheetOptions
from service.uploads.render.text import fit_line
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
        self._smallest: Final = round(TEXT_MIN_PT * sheet.dpi / 72)
        self._known: Final[dict[tuple[SymbologyName, int, int, int], tuple[Fit, Bars]]] = {}

    def draw(self, label: DrawLabel) -> Drawn:
        """Return the operators of one label. Raises NotDrawableError."""
        try:
            symbol = encode(label.symbology, label.encoded)
        except SymbologyError as error:
            raise NotDrawableError(label.row, str(error)) from error
        fit, bars = self._fit(label, symbol)
        words, lost = self._words_of(label, symbol, fit)
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

    def _words_of(self, label: DrawLabel, symbol: Symbol, fit: Fit) -> tuple[list[Word], list[str]]:
        texts = (*label.lines, symbol.hri) if fit.text_holds_hri else label.lines
        words: list[Word] = []
        lost: list[str] = []
        if texts:
            middle = fit.text_box[0] + fit.text_box[2] // 2
            flowed = flow(texts, fit)
            lost += flowed.lost
            words += [Word(middle - line.width // 2, baseline, line.size, line.runs) for line, baseline in flowed.lines]
        if fit.hri_size:
            words += self._code(symbol, fit, lost)
        return words, lost

    def _code(self, symbol: Symbol, fit: Fit, lost: list[str]) -> Iterator[Word]:
        """Yield the code below the symbol, in the groups that GS1 prescribes for EAN and UPC."""
        for group in groups(symbol):
            line = fit_line(group.text, fit.hri_size, min(self._smallest, fit.hri_size), fit.text_box[2])
            if line.lost:
                lost.append(f"{group.text!r}: {line.lost}")
            yield Word(round(middle(group, fit)) - line.width // 2, fit.hri_baseline, line.size, line.runs)
