"""Two ways to arrange a label, in whole printer dots from its bottom left corner: text above a symbol, or beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from typing import Final, Literal

from service.sheets.layout import Layout
from service.symbology import Rule, Symbol

TEXT_MIN_PT: Final = 5.0  # below that, nobody reads it at arm's length
TEXT_MAX_PT: Final = 9.0
_LINE_HEIGHT: Final = 1.25  # of the size
_HRI_PT: Final = (8.0, 6.0)  # the second where the first would cost GS1's height of the bars
_BARS_FLOOR_MM: Final = 4.0  # lower bars are missed by a hand scanner held a little askew
_PAD_MM: Final = 0.7  # between the edge of the label and what is printed; nothing is die-cut exactly
_TEXT_PAD_MM: Final = 1.5
_COLUMN_MM: Final = 9.0  # narrower columns beside a symbol hold no text
_CAP: Final = 0.73  # height of digits and capitals, of the size
_DESCENT: Final = 0.24

Box = tuple[int, int, int, int]  # x, y, width, height


@dataclass(frozen=True, slots=True)
class Fit:
    """Where everything stands, in printer dots from the bottom left corner of the label; text sizes in dots too."""

    dpi: int
    x_dots: int  # width of a module
    symbol_x: int  # left edge of the first module
    symbol_y: int  # bottom of the bars, or of the matrix
    bars_height: int  # of a linear symbol; of a matrix its whole height
    guard_dots: int  # how far guard bars reach below symbol_y
    bearer_dots: int  # thickness of the bars above and below all others
    box: Box  # the symbol with its quiet zones
    hri_middle: int  # the code is centred around it
    hri_baseline: int
    hri_size: int  # 0: no code below the symbol
    lines: int  # how many of the texts have room, the first ones
    text_box: Box
    text_at: Literal["bottom", "middle"]  # of its box
    text_holds_hri: bool  # the code is the last of the texts in the box
    below_gs1_size: str | None  # the detail of that warning

    @property
    def x_mm(self) -> float:
        return self.x_dots * 25.4 / self.dpi

    @property
    def shows_code(self) -> bool:
        return self.hri_size > 0 or self.text_holds_hri


@dataclass(frozen=True, slots=True)
class Label:
    """A label in dots, and what is kept free at its edges."""

    dpi: int
    width: int
    height: int

    @classmethod
    def of(cls, layout: Layout, dpi: int) -> "Label":
        per_mm = dpi / 25.4
        return cls(dpi, floor(layout.label_width_mm * per_mm + 1e-6), floor(layout.label_height_mm * per_mm + 1e-6))

    @property
    def per_mm(self) -> float:
        return self.dpi / 25.4

    def mm(self, length: float) -> int:
        return round(length * self.per_mm)

    def line(self, points: float) -> int:
        """Return the height of a line of text."""
        return line_height(round(points * self.dpi / 72))


def line_height(size: int) -> int:
    """Return how high a line of text of a size is, in the unit of the size."""
    return round(size * _LINE_HEIGHT)


def stack(symbol: Symbol, label: Label, x_dots: int, lines: int, hri: bool) -> Iterator[Fit]:
    """Text, symbol, code from top to bottom. Yields none if that is too high or wide, two where the code may be smaller."""
    rule = symbol.rule
    if (rule.quiet_left + symbol.width + rule.quiet_right) * x_dots > label.width:
        return
    for points in _hri_points(rule, x_dots, label) if hri else (0.0,):
        if (fit := _stacked(symbol, label, x_dots, lines, round(points * label.dpi / 72))) is not None:
            yield fit


def beside(symbol: Symbol, label: Label, x_dots: int, lines: int, hri: bool) -> Iterator[Fit]:
    """A matrix symbol on the left, all texts in a column on the right."""
    quiet = symbol.rule.quiet_left * x_dots
    width, height = symbol.width * x_dots, symbol.height * x_dots
    pad = label.mm(_PAD_MM)
    column = 2 * quiet + width + 2 * pad
    column_width = label.width - column - label.mm(_TEXT_PAD_MM)
    texts = (lines + hri) * label.line(TEXT_MIN_PT)
    # Above and below, the quiet zone is also what is kept free at the edge.
    if column_width < label.mm(_COLUMN_MM) or label.height < max(2 * max(quiet, pad) + height, texts + 2 * pad):
        return
    bottom = (label.height - height) // 2
    yield Fit(
        dpi=label.dpi,
        x_dots=x_dots,
        symbol_x=pad + quiet,
        symbol_y=bottom,
        bars_height=height,
        guard_dots=0,
        bearer_dots=0,
        box=(pad, bottom - quiet, width + 2 * quiet, height + 2 * quiet),
        hri_middle=0,
        hri_baseline=0,
        hri_size=0,
        lines=lines,
        text_box=(column, pad, column_width, label.height - 2 * pad),
        text_at="middle",
        text_holds_hri=hri,
        below_gs1_size=_below_gs1_size(symbol.rule, x_dots / label.per_mm, height / label.per_mm),
    )


def _stacked(symbol: Symbol, label: Label, x_dots: int, lines: int, hri_size: int) -> Fit | None:
    rule = symbol.rule
    around = (rule.bearer_modules + rule.quiet_vertical) * x_dots
    pad = label.mm(_PAD_MM)
    if not lines and not hri_size:  # the quiet zone of a matrix is also what is kept free at the edge
        pad = max(0, pad - rule.quiet_vertical * x_dots)
    below = _room_below(rule, x_dots, hri_size, label)
    room = label.height - 2 * pad - below - 2 * around  # for text and bars
    bars = symbol.height * x_dots if rule.kind == "matrix" else _bars(rule, x_dots, room, lines, label)
    if bars is None or bars > room - lines * label.line(TEXT_MIN_PT):
        return None
    text = min(room - bars, 2 * lines * label.line(TEXT_MAX_PT))  # each may take two lines
    bottom = pad + below + around + (room - bars - text) // 2
    quiet_left, width = rule.quiet_left * x_dots, symbol.width * x_dots
    box_width = quiet_left + width + rule.quiet_right * x_dots
    left = (label.width - box_width) // 2
    quiet_vertical = rule.quiet_vertical * x_dots
    text_left = label.mm(_TEXT_PAD_MM)
    return Fit(
        dpi=label.dpi,
        x_dots=x_dots,
        symbol_x=left + quiet_left,
        symbol_y=bottom,
        bars_height=bars,
        guard_dots=rule.guard_modules * x_dots if hri_size else 0,
        bearer_dots=rule.bearer_modules * x_dots,
        box=(left, bottom - quiet_vertical, box_width, bars + 2 * quiet_vertical),
        hri_middle=left + quiet_left + width // 2,
        hri_baseline=bottom - around - _hri_gap(rule, x_dots, label) - ceil(hri_size * _CAP),
        hri_size=hri_size,
        lines=lines,
        text_box=(text_left, bottom + bars + around, label.width - 2 * text_left, text),
        text_at="bottom",
        text_holds_hri=False,
        below_gs1_size=_below_gs1_size(rule, x_dots / label.per_mm, bars / label.per_mm),
    )


def _bars(rule: Rule, x_dots: int, room: int, lines: int, label: Label) -> int | None:
    """Return the height of bars: their minimum first, then a line for each text, then what is recommended."""
    x_mm = x_dots / label.per_mm
    most = room - lines * label.line(TEXT_MIN_PT)
    if most < label.mm(_BARS_FLOOR_MM):
        return None
    # Modules narrower than GS1's minimum make the symbol another one anyway: its bars need not push the text aside.
    kept_mm = rule.height_min_mm if x_mm >= (rule.x_gs1_min_mm or 0) else 0
    least = min(most, ceil(max(kept_mm, _BARS_FLOOR_MM) * label.per_mm))
    wanted = round(rule.height_mm * x_mm / rule.x_nominal_mm * label.per_mm)
    return min(wanted, room - min(room - least, lines * label.line(TEXT_MAX_PT)))


def _hri_points(rule: Rule, x_dots: int, label: Label) -> tuple[float, ...]:
    """Digits between guard bars are sized by the modules above them (9X: 5.7X a digit of 7X), others by the eye."""
    return (9 * x_dots * 72 / label.dpi,) if rule.guards else _HRI_PT


def _hri_gap(rule: Rule, x_dots: int, label: Label) -> int:
    return x_dots if rule.guards else label.mm(0.5)


def _room_below(rule: Rule, x_dots: int, hri_size: int, label: Label) -> int:
    if not hri_size:
        return 0
    descent = 0 if rule.guards else ceil(hri_size * _DESCENT)  # digits have none
    return _hri_gap(rule, x_dots, label) + ceil(hri_size * _CAP) + descent


def _below_gs1_size(rule: Rule, x_mm: float, bars_mm: float) -> str | None:
    if rule.x_gs1_min_mm is None:
        return None
    if x_mm < rule.x_gs1_min_mm - 1e-6:
        return f"a module is {x_mm:.3f} mm wide, GS1 asks for {rule.x_gs1_min_mm:g} mm at least"
    if bars_mm < rule.height_min_mm - 0.05:
        return f"the bars are {bars_mm:.1f} mm high, GS1 asks for {rule.height_min_mm:g} mm at least"
    return None
