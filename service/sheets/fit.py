"""How a symbol and its text stand on a label: sizes in, whole printer dots out, or why it does not fit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from service.sheets.arrange import Fit, Label, beside, stack
from service.sheets.layout import LAYOUTS, Layout
from service.symbology import Rule, Symbol

_WIDE = 1.5  # times as wide as high: text stands beside a matrix symbol, not above it


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
    """Return where `symbol` stands on a label of `layout` with `lines` texts (name, price) and, with `hri`, its code.

    The nominal X, or a smaller one where the label asks for it, always in whole dots; first one that keeps GS1's sizes,
    otherwise the largest possible, with the warning `below_gs1_size`. Texts for which there is no room are left out, at
    last the code of a matrix symbol too: `lines` and `shows_code` of the Fit say what is left.
    """
    for count in range(lines, -1, -1):
        if (fit := _best(symbol, layout, dpi, count, hri)) is not None:
            return fit
    if symbol.rule.kind == "matrix" and (fit := _best(symbol, layout, dpi, 0, False)) is not None:
        return fit
    would_do = tuple(name for name, other in others.items() if _best(symbol, other, dpi, 0, hri) is not None)
    return DoesNotFit(_detail(symbol, layout, dpi, would_do), would_do)


def _best(symbol: Symbol, layout: Layout, dpi: int, lines: int, hri: bool) -> Fit | None:
    first: Fit | None = None
    for fit in _candidates(symbol, Label.of(layout, dpi), lines, hri):
        if fit.below_gs1_size is None:
            return fit
        first = first or fit
    return first


def _candidates(symbol: Symbol, label: Label, lines: int, hri: bool) -> Iterator[Fit]:
    """Yield a Fit for each X that the label has room for, the widest first, the easier to read first."""
    least = _least_x(symbol.rule, label.dpi)
    for x_dots in range(max(round(symbol.rule.x_nominal_mm * label.per_mm), least), least - 1, -1):
        if symbol.rule.kind == "matrix" and lines + hri and label.width >= _WIDE * label.height:
            yield from beside(symbol, label, x_dots, lines, hri)
        yield from stack(symbol, label, x_dots, lines, hri)


def _least_x(rule: Rule, dpi: int) -> int:
    return max(1, ceil(rule.x_floor_mm * dpi / 25.4 - 1e-6))


def _detail(symbol: Symbol, layout: Layout, dpi: int, would_do: tuple[str, ...]) -> str:
    rule = symbol.rule
    x_mm = _least_x(rule, dpi) * 25.4 / dpi
    width = (rule.quiet_left + symbol.width + rule.quiet_right) * x_mm
    size = f"{layout.name} is {layout.label_width_mm:g} × {layout.label_height_mm:g} mm"
    need = f"the smallest {symbol.symbology} of this code that scans is {width:.1f} mm wide"
    if rule.kind == "matrix":
        need += f" and {(symbol.height + 2 * rule.quiet_vertical) * x_mm:.1f} mm high"
    if width > layout.label_width_mm or rule.kind == "matrix":
        why = f"{need} with its quiet zones, {size}"
    else:
        why = f"bars and their digits do not both have room: {size}"
    return f"{why}; " + (
        f"it fits on {', '.join(would_do)}" if would_do else "shorten the code, or use qr or datamatrix"
    )
