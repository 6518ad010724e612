"""Modules to PDF path operators: one rectangle a bar, in whole printer dots, cached a character at a time."""

from collections.abc import Iterator
from itertools import accumulate, groupby
from operator import getitem
from typing import Final

from service.sheets import Fit
from service.symbology import Symbol

Rectangle = tuple[int, int, int, int]  # left, bottom, width, height


class Bars:
    """Path operators for symbols of one size, whose pieces begin at the same modules: a table a place, piece to path."""

    def __init__(self, symbol: Symbol, fit: Fit) -> None:
        self._bearers: Final = "".join(map(_operator, bearers(fit)))
        self._places: Final = _places(symbol, fit)

    def path(self, symbol: Symbol) -> str:
        """Return the `re` operators of a symbol, from the bottom left corner of its label; the caller fills them."""
        return self._bearers + "".join(map(getitem, self._places, symbol.pieces))


class _Place(dict[str, str]):
    """The paths of all pieces that have stood at one place."""

    def __init__(self, left: int, bottom: int, x_dots: int, height: int) -> None:
        super().__init__()
        self._at: Final = left, bottom, x_dots, height

    def __missing__(self, piece: str) -> str:
        path = self[piece] = "".join(map(_operator, self.rectangles(piece)))
        return path

    def rectangles(self, piece: str) -> Iterator[Rectangle]:
        left, bottom, x_dots, height = self._at
        for at, width in bars(piece):
            yield left + at * x_dots, bottom, width * x_dots, height


def _operator(rectangle: Rectangle) -> str:
    left, bottom, width, height = rectangle
    return f"{left} {bottom} {width} {height} re\n"


def _places(symbol: Symbol, fit: Fit) -> list[_Place]:
    if symbol.rule.kind == "matrix":
        return [_row(fit, number) for number in range(symbol.height)]
    starts = accumulate(map(len, symbol.pieces[:-1]), initial=0)
    reach = dict.fromkeys(symbol.rule.guards, fit.guard_dots)
    return [_character(fit, start, reach.get(index, 0)) for index, start in enumerate(starts)]


def _character(fit: Fit, start: int, reach: int) -> _Place:
    return _Place(fit.symbol_x + start * fit.x_dots, fit.symbol_y - reach, fit.x_dots, fit.bars_height + reach)


def _row(fit: Fit, number: int) -> _Place:
    """A row of a matrix. Neighbours above and below touch exactly: both edges are whole dots."""
    top = fit.symbol_y + fit.bars_height
    return _Place(fit.symbol_x, top - (number + 1) * fit.x_dots, fit.x_dots, fit.x_dots)


def bearers(fit: Fit) -> tuple[Rectangle, ...]:
    """Return the bars above and below an ITF-14, over its quiet zones too; none for other symbols."""
    if not fit.bearer_dots:
        return ()
    left, bottom, width, height = fit.box
    return (left, bottom - fit.bearer_dots, width, fit.bearer_dots), (left, bottom + height, width, fit.bearer_dots)


def rectangles(symbol: Symbol, fit: Fit) -> Iterator[Rectangle]:
    """Yield the bars of a symbol one by one."""
    for place, piece in zip(_places(symbol, fit), symbol.pieces, strict=True):
        yield from place.rectangles(piece)


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
