"""How a symbol and its text stand on a label: sizes in, whole printer dots out, or why it does not fit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from service.sheets.layout import LAYOUTS, Layout
from service.symbology import Rule, Symbol

_POINT_MM: Final = 25.4 / 72
_BARS_FLOOR_MM: Final = 5.0  # lower bars are missed by a hand scanner held a little askew
_PAD_MM: Final = 0.7  # between the edge of the label and what is printed; nothing is die-cut exactly
_TEXT_PAD_MM: Final = 1.5
_LINE_MIN_PT: Final = 5.0
_LINE_MAX_PT: Final = 9.0
_LINE_HEIGHT: Final = 1.25  # of the size
_HRI_MIN_PT: Final = 5.0
_HRI_MAX_PT: Final = 8.0
_CAP: Final = 0.73  # height of digits and capitals, of the size
_DESCENT: Final = 0.24


@dataclass(frozen=True, slots=True)
class Fit:
    """Where everything stands, in printer dots from the bottom left corner of the label; text sizes in dots too."""

    dpi: int
    x_dots: int  # width of a module
    symbol_x: int  # left edge of the first module
    symbol_y: int  # bottom of the bars, or of the matrix
    bars_height: int  # of a linear symbol; of a matrix its whole height
    guard_dots: int  # how far guard bars reach below symbol_y
    box: tuple[int, int, int, int]  # x, y, width, height with quiet zones
    hri_baseline: int
    hri_size: int  # 0: no text below the symbol
    line_baselines: tuple[int, ...]
    line_size: int
    line_middle: int  # lines are centred around it
    text_width: int  # no line may be wider
    below_gs1_size: str | None  # the detail of that warning

    @property
    def x_mm(self) -> float:
        return self.x_dots * 25.4 / self.dpi


@dataclass(frozen=True, slots=True)
class DoesNotFit:
    """Why not, and the names of the layouts on which it would."""

    detail: str
    layouts: tuple[str, ...]


def fits(
    symbol: Symbol,
    layout: Layout,
    *,
    dpi: int = 300,
    lines: int = 1,
    hri: bool = True,
    others: Mapping[str, Layout] = LAYOUTS,
) -> Fit | DoesNotFit:
    """Return where `symbol` stands on a label of `layout` with `lines` lines of text above it.

    The nominal X, or a smaller one where the label asks for it, always in whole dots; first one that keeps GS1's sizes,
    otherwise the largest possible, with the warning `below_gs1_size`.
    """
    if (fit := _fit(symbol, layout, dpi, lines, hri)) is not None:
        return fit
    would_do = tuple(name for name, other in others.items() if _fit(symbol, other, dpi, lines, hri) is not None)
    rule = symbol.rule
    need_mm = (rule.quiet_left + symbol.width + rule.quiet_right) * _smallest_x(rule, dpi) * 25.4 / dpi
    detail = (
        f"the smallest {symbol.symbology} that scans is {need_mm:.1f} mm wide with its quiet zones, "
        f"the label is {layout.label_width_mm:g} × {layout.label_height_mm:g} mm; "
        + (f"it fits on {', '.join(would_do)}" if would_do else "shorten the code, or use qr or datamatrix")
    )
    return DoesNotFit(detail, would_do)


def _fit(symbol: Symbol, layout: Layout, dpi: int, lines: int, hri: bool) -> Fit | None:
    tried = list(_candidates(symbol, layout, dpi, lines, hri))
    return next((fit for fit in tried if fit.below_gs1_size is None), tried[0] if tried else None)


def _candidates(symbol: Symbol, layout: Layout, dpi: int, lines: int, hri: bool) -> Iterator[Fit]:
    """Yield a Fit for each X that the label has room for, the widest first."""
    rule = symbol.rule
    largest = max(round(rule.x_nominal_mm * dpi / 25.4), _smallest_x(rule, dpi))
    for x_dots in range(largest, _smallest_x(rule, dpi) - 1, -1):
        if (fit := _stack(symbol, layout, dpi, x_dots, lines, hri)) is not None:
            yield fit


def _smallest_x(rule: Rule, dpi: int) -> int:
    return max(1, ceil(rule.x_floor_mm * dpi / 25.4 - 1e-6))


def _stack(symbol: Symbol, layout: Layout, dpi: int, x_dots: int, lines: int, hri: bool) -> Fit | None:
    """From top to bottom: lines, bars, digits, centred. Bars get their minimum first, then the lines, then all the rest."""
    rule = symbol.rule
    per_mm = dpi / 25.4
    width, height = floor(layout.label_width_mm * per_mm), floor(layout.label_height_mm * per_mm)
    quiet_left, quiet_right = rule.quiet_left * x_dots, rule.quiet_right * x_dots
    bars_width = symbol.width * x_dots
    if quiet_left + bars_width + quiet_right > width:
        return None
    hri_size = _hri_size(rule, x_dots, dpi) if hri else 0
    below = _room_below(rule, x_dots, hri_size, dpi)
    pad = round(_PAD_MM * per_mm)
    room = height - 2 * pad - below  # for lines and bars
    line_min = _dots(_LINE_MIN_PT, dpi)
    bars_most = room - lines * ceil(line_min * _LINE_HEIGHT)
    if bars_most < _BARS_FLOOR_MM * per_mm:
        return None
    bars_wanted = round(rule.height_mm * max(1.0, x_dots / per_mm / rule.x_nominal_mm) * per_mm)
    bars_least = min(bars_most, ceil(max(rule.height_min_mm, _BARS_FLOOR_MM) * per_mm))
    line_size = _line_size(room - bars_least, lines, dpi)
    line_height = ceil(line_size * _LINE_HEIGHT)
    bars = min(bars_wanted, room - lines * line_height)
    spare = (room - bars - lines * line_height) // 2
    symbol_y = pad + spare + below
    symbol_x = (width - quiet_left - bars_width - quiet_right) // 2 + quiet_left
    top = symbol_y + bars
    return Fit(
        dpi=dpi,
        x_dots=x_dots,
        symbol_x=symbol_x,
        symbol_y=symbol_y,
        bars_height=bars,
        guard_dots=rule.guard_modules * x_dots if hri else 0,
        box=(symbol_x - quiet_left, symbol_y, quiet_left + bars_width + quiet_right, bars),
        hri_baseline=symbol_y - _hri_gap(rule, x_dots, dpi) - ceil(hri_size * _CAP),
        hri_size=hri_size,
        line_baselines=tuple(
            top + (lines - 1 - number) * line_height + ceil(line_size * (_DESCENT + 0.08)) for number in range(lines)
        ),
        line_size=line_size,
        line_middle=width // 2,
        text_width=width - 2 * round(_TEXT_PAD_MM * per_mm),
        below_gs1_size=_below_gs1_size(rule, x_dots / per_mm, bars / per_mm),
    )


def _dots(points: float, dpi: int) -> int:
    return round(points * dpi / 72)


def _hri_size(rule: Rule, x_dots: int, dpi: int) -> int:
    """Digits between guard bars are sized by the modules above them (9X: 5.7X a digit of 7X), others by the eye."""
    return 9 * x_dots if rule.guards else _dots(_HRI_MAX_PT, dpi)


def _hri_gap(rule: Rule, x_dots: int, dpi: int) -> int:
    return x_dots if rule.guards else round(0.5 * dpi / 25.4)


def _room_below(rule: Rule, x_dots: int, hri_size: int, dpi: int) -> int:
    if not hri_size:
        return 0
    descent = 0 if rule.guards else ceil(hri_size * _DESCENT)  # digits have none
    return _hri_gap(rule, x_dots, dpi) + ceil(hri_size * _CAP) + descent


def _line_size(room: int, lines: int, dpi: int) -> int:
    if not lines:
        return 0
    return max(_dots(_LINE_MIN_PT, dpi), min(_dots(_LINE_MAX_PT, dpi), floor(room / lines / _LINE_HEIGHT)))


def _below_gs1_size(rule: Rule, x_mm: float, bars_mm: float) -> str | None:
    if rule.x_gs1_min_mm is None:
        return None
    if x_mm < rule.x_gs1_min_mm - 1e-6:
        return f"a module is {x_mm:.3f} mm wide, GS1 asks for {rule.x_gs1_min_mm:g} mm at least"
    if bars_mm < rule.height_min_mm - 0.05:
        return f"the bars are {bars_mm:.1f} mm high, GS1 asks for {rule.height_min_mm:g} mm at least"
    return None
