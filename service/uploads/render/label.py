"""One label to PDF operators: symbol, code and texts at the places that `sheets.fits` gave them."""

from typing import Final, NamedTuple

from service.sheets import DoesNotFit, Fit, fits
from service.symbology import Symbol, SymbologyError, encode
from service.uploads.render.bars import Bars
from service.uploads.render.code import Code
from service.uploads.render.model import DrawLabel, NotDrawableError, RowWarning, SheetOptions
from service.uploads.render.names import Names
from service.uploads.render.words import Words


class Drawn(NamedTuple):
    """The operators of a label, drawn from its bottom left corner, the box of its symbol in dots, and what was lost."""

    operators: str
    box: tuple[int, int, int, int]
    warnings: tuple[RowWarning, ...]


class _Plan(NamedTuple):
    """What labels of the same kind and size share."""

    fit: Fit
    bars: Bars
    code: Code
    names: Names


class Artist:
    """Draws labels for one sheet."""

    def __init__(self, sheet: SheetOptions, words: Words) -> None:
        self._sheet: Final = sheet
        self._words: Final = words
        self._plans: Final[dict[object, _Plan]] = {}

    def draw(self, label: DrawLabel) -> Drawn:
        """Return the operators of one label. Raises NotDrawableError."""
        try:
            symbol = encode(label.symbology, label.encoded)
        except SymbologyError as error:
            raise NotDrawableError(label.row, str(error)) from error
        plan = self._plan(label, symbol)
        fit = plan.fit
        names, names_lost = plan.names.operators(texts_of(label, symbol, fit))
        code, code_lost = plan.code.operators(symbol)
        lost = (*names_lost, code_lost) if code_lost else names_lost
        if fit.lines < len(label.lines):
            lost = (*lost, *(f"{text!r}: no room for it" for text in label.lines[fit.lines :]))
        if self._sheet.hri and not fit.shows_code:
            lost = (*lost, f"{symbol.hri!r}: no room for it")
        warnings = tuple([RowWarning(label.row, "text_truncated", detail) for detail in lost]) if lost else ()
        return Drawn(f"BT\n{names}{code}ET\n{plan.bars.path(symbol)}f\n", fit.box, warnings)

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
        return _Plan(fit, Bars(symbol, fit), Code(symbol.symbology, fit, self._words), names)


def texts_of(label: DrawLabel, symbol: Symbol, fit: Fit) -> tuple[str, ...]:
    """Return the texts that stand in the text box of a label."""
    texts = label.lines[: fit.lines]
    return (*texts, symbol.hri) if fit.text_holds_hri else texts
