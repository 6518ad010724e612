"""Modules to PDF path operators: one rectangle a bar, in whole printer dots, cached a character at a time."""

from itertools import groupby
from typing import Final

from service.sheets import Fit
from service.symbology import Symbol


class Bars:
    """Path operators for the symbols of one symbology at one size. A character at one place is always the same text."""

    def __init__(self, symbol: Symbol, fit: Fit) -> None:
        self._fit: Final = fit
        self._guards: Final = frozenset(symbol.rule.guards)
        self._known: Final[dict[tuple[int, str], str]] = {}

    def path(self, symbol: Symbol) -> str:
        """Return the `re` operators of a linear symbol, from the bottom left corner of its label; the caller fills them."""
        known = self._known
        offset = 0
        drawn = []
        for index, piece in enumerate(symbol.pieces):
            key = (offset, piece)
            if key not in known:
                known[key] = self._piece(index, offset, piece)
            drawn.append(known[key])
            offset += len(piece)
        return "".join(drawn)

    def _piece(self, index: int, offset: int, piece: str) -> str:
        fit = self._fit
        reach = fit.guard_dots if index in self._guards else 0
        bottom, height = fit.symbol_y - reach, fit.bars_height + reach
        return "".join(
            f"{fit.symbol_x + (offset + at) * fit.x_dots} {bottom} {width * fit.x_dots} {height} re\n"
            for at, width in bars(piece)
        )


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
