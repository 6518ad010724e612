"""Modules to PDF path operators: one rectangle a bar, in whole printer dots, cached a character at a time."""

from itertools import accumulate, groupby
from typing import Final

from service.sheets import Fit
from service.symbology import Symbol


class Bars:
    """Path operators for symbols of one size, whose pieces begin at the same modules: a table a place, piece to path."""

    def __init__(self, symbol: Symbol, fit: Fit) -> None:
        self._bearers: Final = _bearers(fit)
        rule = symbol.rule
        starts = accumulate(map(len, symbol.pieces), initial=0)
        if rule.kind == "matrix":
            self._places = [_row(fit, number) for number in range(symbol.height)]
        else:
            reach = dict.fromkeys(rule.guards, fit.guard_dots)
            self._places = [_character(fit, at, reach.get(index, 0)) for index, at in enumerate(starts)]

    def path(self, symbol: Symbol) -> str:
        """Return the `re` operators of a symbol, from the bottom left corner of its label; the caller fills them."""
        return self._bearers + "".join(
            [place[piece] for place, piece in zip(self._places, symbol.pieces, strict=False)]
        )


class _Place(dict[str, str]):
    """The paths of all pieces that have stood at one place."""

    def __init__(self, left: int, bottom: int, x_dots: int, height: int) -> None:
        super().__init__()
        self._at: Final = left, bottom, x_dots, height

    def __missing__(self, piece: str) -> str:
        left, bottom, x_dots, height = self._at
        path = "".join([f"{left + at * x_dots} {bottom} {width * x_dots} {height} re\n" for at, width in bars(piece)])
        self[piece] = path
        return path


def _character(fit: Fit, start: int, reach: int) -> _Place:
    return _Place(fit.symbol_x + start * fit.x_dots, fit.symbol_y - reach, fit.x_dots, fit.bars_height + reach)


def _row(fit: Fit, number: int) -> _Place:
    """A row of a matrix. Neighbours above and below touch exactly: both edges are whole dots."""
    top = fit.symbol_y + fit.bars_height
    return _Place(fit.symbol_x, top - (number + 1) * fit.x_dots, fit.x_dots, fit.x_dots)


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
