"""The code in digits below the bars: where its parts stand. GS1 shows EAN and UPC in groups between their guards."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from service.sheets import Fit
from service.symbology import Symbol, SymbologyName


class Group(NamedTuple):
    """A part of the digits and the modules between which it is centred; before the first module counts negative."""

    text: str
    left: float
    right: float


def _ean13(text: str) -> tuple[Group, ...]:
    return Group(text[0], -9, -1), Group(text[1:7], 3, 45), Group(text[7:], 50, 92)


def _ean8(text: str) -> tuple[Group, ...]:
    return Group(text[:4], 3, 31), Group(text[4:], 36, 64)


def _upca(text: str) -> tuple[Group, ...]:
    return Group(text[0], -8, -1), Group(text[1:6], 10, 45), Group(text[6:11], 50, 85), Group(text[11], 96, 103)


def _upce(text: str) -> tuple[Group, ...]:
    return Group(text[0], -8, -1), Group(text[1:7], 3, 45), Group(text[7], 52, 58)


_GROUPS: dict[SymbologyName, Callable[[str], tuple[Group, ...]]] = {
    "ean13": _ean13,
    "ean8": _ean8,
    "upca": _upca,
    "upce": _upce,
}


def groups(symbol: Symbol) -> tuple[Group, ...]:
    """Return the parts of the human-readable text; a single one, centred, for all but EAN and UPC."""
    grouped = _GROUPS.get(symbol.symbology, partial(_whole, symbol.width))
    return grouped(symbol.hri)


def _whole(width: int, text: str) -> tuple[Group, ...]:
    return (Group(text, 0, width),)


def middle(group: Group, fit: Fit) -> float:
    """Return the dot, from the left edge of the label, around which a group is centred."""
    return fit.symbol_x + (group.left + group.right) / 2 * fit.x_dots
