"""The code below the symbol, for people: a symbol in, text operators out. GS1 shows EAN and UPC in groups."""

from typing import Final, NamedTuple

from service.sheets import Fit
from service.sheets.arrange import TEXT_MIN_PT
from service.symbology import Symbol, SymbologyName
from service.uploads.render.text import Line, fit_line, width_of
from service.uploads.render.words import Words


class Group(NamedTuple):
    """Digits from `start` to `stop`, and the modules between which they are centred; left of the bars counts negative."""

    start: int
    stop: int
    left: float
    right: float


# GS1 General Specifications 5.2.5: where the digits stand.
GROUPS: Final[dict[SymbologyName, tuple[Group, ...]]] = {
    "ean13": (Group(0, 1, -9, -1), Group(1, 7, 3, 45), Group(7, 13, 50, 92)),
    "ean8": (Group(0, 4, 3, 31), Group(4, 8, 36, 64)),
    "upca": (Group(0, 1, -8, -1), Group(1, 6, 10, 45), Group(6, 11, 50, 85), Group(11, 12, 96, 103)),
    "upce": (Group(0, 1, -8, -1), Group(1, 7, 3, 45), Group(7, 8, 52, 58)),
}


def middle(group: Group, fit: Fit) -> float:
    """Return the dot, from the left edge of the label, around which a group is centred."""
    return fit.symbol_x + (group.left + group.right) / 2 * fit.x_dots


def whole_code(text: str, fit: Fit) -> Line:
    """Return a code that is shown in one piece, shrunk or cut to the width of the label."""
    smallest = min(round(TEXT_MIN_PT * fit.dpi / 72), fit.hri_size)
    return fit_line(text, fit.hri_size, smallest, fit.text_box[2])


class Code:
    """Draws the code of symbols of one size. Groups are of digits, all equally wide: their places are worked out once."""

    def __init__(self, symbology: SymbologyName, fit: Fit, words: Words) -> None:
        self._fit: Final = fit
        self._words: Final = words
        groups = GROUPS.get(symbology, ())
        self._slices: Final = [slice(group.start, group.stop) for group in groups]
        self._template: Final = self._grouped(groups) if groups else ""

    def operators(self, symbol: Symbol) -> tuple[str, str]:
        """Return what goes into a text object, and what was lost ("": nothing)."""
        if not self._fit.hri_size:
            return "", ""
        if self._slices:
            text = symbol.hri
            return self._template % tuple([text[part] for part in self._slices]), ""
        return self._whole(symbol.hri)

    def _grouped(self, groups: tuple[Group, ...]) -> str:
        fit = self._fit
        parts = [f"{self._words.plain_font} {fit.hri_size} Tf\n"]
        for group in groups:
            x = round(middle(group, fit) - width_of("0" * (group.stop - group.start), fit.hri_size) / 2)
            parts.append(f"1 0 0 1 {x} {fit.hri_baseline} Tm (%s) Tj\n")
        return "".join(parts)

    def _whole(self, text: str) -> tuple[str, str]:
        fit = self._fit
        line = whole_code(text, fit)
        start = f"1 0 0 1 {fit.hri_middle - line.width // 2} {fit.hri_baseline} Tm\n"
        return start + self._words.show(line), line.lost and f"{text!r}: {line.lost}"
