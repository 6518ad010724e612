"""One label to PDF operators: symbol, code and texts at the places that `sheets.fits` gave them."""

from typing import Final, NamedTuple

from service.sheets import DoesNotFit, Fit, fits, logo_box
from service.sheets.arrange import Box
from service.symbology import Symbol, SymbologyError, encode
from service.uploads.render.bars import Bars
from service.uploads.render.code import Code
from service.uploads.render.logo import Logo
from service.uploads.render.model import DrawLabel, NotDrawableError, RowWarning, SheetOptions
from service.uploads.render.names import Names
from service.uploads.render.words import Words

LOGO_NAME: Final = "Logo"  # under which a page's resources have it


class _Plan(NamedTuple):
    """What labels of the same kind and size share."""

    fit: Fit
    bars: Bars
    code: Code
    names: Names
    logo: str


class Artist:
    """Draws labels for one sheet."""

    def __init__(self, sheet: SheetOptions, words: Words, logo: Logo | None) -> None:
        self._sheet: Final = sheet
        self._logo: Final = logo
        self._words: Final = words
        self._plans: Final[dict[object, _Plan]] = {}

    def draw(self, label: DrawLabel) -> tuple[str, Box, tuple[RowWarning, ...]]:
        """Return the operators of a label, from its bottom left corner, the box of its symbol in dots, and what was lost.

        Raises NotDrawableError.
        """
        try:
            symbol = encode(label.symbology, label.encoded)
        except SymbologyError as error:
            raise NotDrawableError(label.row, str(error)) from error
        fit, bars, code, names, logo = self._plan(label, symbol)
        named, lost = names.operators(texts_of(label, symbol, fit))
        coded, code_lost = code.operators(symbol)
        if code_lost:
            lost = (*lost, code_lost)
        if fit.lines < len(label.lines):
            lost = (*lost, *(f"{text!r}: no room for it" for text in label.lines[fit.lines :]))
        if self._sheet.hri and not fit.shows_code:
            lost = (*lost, f"{symbol.hri!r}: no room for it")
        warnings = tuple([RowWarning(label.row, "text_truncated", detail) for detail in lost]) if lost else ()
        return f"{logo}BT\n{named}{coded}ET\n{bars.path(symbol)}f\n", fit.box, warnings

    def _plan(self, label: DrawLabel, symbol: Symbol) -> _Plan:
        # Codabar's characters differ in width, so equally wide symbols may differ in where their characters begin.
        shape = tuple(map(len, symbol.pieces)) if label.symbology == "codabar" else len(symbol.pieces)
        key = (label.symbology, shape, len(label.lines))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._new_plan(label, symbol)
        return plan

    def _new_plan(self, label: DrawLabel, symbol: Symbol) -> _Plan:
        sheet, count = self._sheet, len(label.lines)
        fit = fits(symbol, sheet.layout, dpi=sheet.dpi, lines=count, hri=sheet.hri)
        if isinstance(fit, DoesNotFit):
            raise NotDrawableError(label.row, fit.detail)
        names = Names(fit.lines + fit.text_holds_hri, fit, self._words)
        return _Plan(fit, Bars(symbol, fit), Code(symbol.symbology, fit, self._words), names, self._mark(fit))

    def _mark(self, fit: Fit) -> str:
        """Return the operators of the logo; none where there is no logo, or no room for it."""
        box = logo_box(self._sheet.layout, fit, self._logo.width / self._logo.height) if self._logo else None
        if box is None:
            return ""
        left, bottom, width, height = box
        return f"q\n{width} 0 0 {height} {left} {bottom} cm\n/{LOGO_NAME} Do\nQ\n"


def texts_of(label: DrawLabel, symbol: Symbol, fit: Fit) -> tuple[str, ...]:
    """Return the texts that stand in the text box of a label."""
    texts = label.lines[: fit.lines]
    return (*texts, symbol.hri) if fit.text_holds_hri else texts
