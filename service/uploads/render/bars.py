"""Modules to PDF path operators: one rectangle a bar, in whole printer dots, cached a character at a time."""

from itertools import groupby
from typing import Final

from service.sheets import Fit
from service.symbology import Symbol


class Bars:
    """Path operators for the symbols of one symbology at one size. A character at one place is always the same text."""

    def __init__(self, symbol: Symbol, fit: Fit) -> None:
        self._fit: Final = fit
        self._matrix: Final = symbol.rule.kind == "matrix"
        self._bearers: Final = _bearers(fit)
        self._guards: Final = frozenset(symbol.rule.guards)
        self._known: Final[dict[tuple[int, str], str]] = {}

    def path(self, symbol: Symbol) -> str:
        """Return the `re` operators of a symbol, from the bottom left corner of its label; the caller fills them."""
        known = self._known
        offset = 0
        drawn = [self._bearers]
        for index, piece in enumerate(symbol.pieces):
            key = (offset, piece)
            if key not in known:
                known[key] = self._row(index, piece) if self._matrix else self._character(index, offset, piece)
            drawn.append(known[key])
            offset += len(piece)
        return "".join(drawn)

    def _character(self, index: int, offset: int, piece: str) -> str:
        fit = self._fit
        reach = fit.guard_dots if index in self._guards else 0
        return self._bars(offset, piece, fit.symbol_y - reach, fit.bars_height + reach)

    def _row(self, index: int, piece: str) -> str:
        """A row of a matrix. Neighbours above and below touch exactly: both edges are whole dots."""
        fit = self._fit
        return self._bars(0, piece, fit.symbol_y + fit.bars_height - (index + 1) * fit.x_dots, fit.x_dots)

    def _bars(self, offset: int, piece: str, bottom: int, height: int) -> str:
        x_dots, left = self._fit.x_dots, self._fit.symbol_x
        found = bars(piece)
        return "".join(
            f"{left + (offset + at) * x_dots} {bottom} {width * x_dots} {height} re\n" for at, width in found
        )


def _bearers(fit: Fit) -> str:
    """The bars above and below an ITF-14, over its quiet zones too."""
    if not fit.bearer_dots:
        return ""
    left, bottom, width, height = fit.box
    lower, upper = bottom - fit.bearer_dots, bottom + height
    return f"{left} {lower} {width} {fit.bearer_dots} re\n{left} {upper} {width} {fit.bearer_dots} re\n"


def bars(piece: str) -> list[tuple[int, int]]:
    """Return place and width, in modules, of each dark run."""
    found = []
    at = 0
    for bit, run in groupby(piece):
        width = len(list(run))
        if bit == "1":
            found.append((at, width))
        at += width
    return found
