"""Whether each label has room for its symbol: checked rows and a sheet → faults by row. Pure."""

from typing import Final

from service.sheets import DoesNotFit, Fit, fits
from service.symbology import Symbol, encode
from service.uploads.model import Fault, Label
from service.uploads.render.model import DrawLabel, SheetOptions

# All symbols of these are equally large: one is enough, of 10,000 labels.
_ONE_SIZE: Final = frozenset({"ean13", "ean8", "upca", "upce", "itf14"})
Faults = dict[int, list[Fault]]


def fit_faults(labels: tuple[Label, ...], drawn: tuple[DrawLabel, ...], sheet: SheetOptions) -> Faults:
    """Return `does_not_fit` and `below_gs1_size` of the rows that have one. Symbols of the same size are fitted once."""
    known: dict[tuple[str, int, int, int], Fit | DoesNotFit] = {}
    faults: Faults = {}
    for label, draw in zip(labels, drawn, strict=True):
        symbol = None if draw.symbology in _ONE_SIZE else encode(draw.symbology, draw.encoded)
        size = (symbol.width, symbol.height) if symbol else (0, 0)
        key = (draw.symbology, *size, len(draw.lines))
        if key not in known:
            known[key] = _fit(symbol or encode(draw.symbology, draw.encoded), sheet, len(draw.lines))
        if (fault := _fault(known[key])) is not None:
            faults[label.row] = [fault]
    return faults


def _fit(symbol: Symbol, sheet: SheetOptions, lines: int) -> Fit | DoesNotFit:
    return fits(symbol, sheet.layout, dpi=sheet.dpi, lines=lines, hri=sheet.hri)


def _fault(fit: Fit | DoesNotFit) -> Fault | None:
    if isinstance(fit, DoesNotFit):
        layouts = ", ".join(fit.layouts)
        return Fault("does_not_fit", "error", fit.detail, f"layout: {layouts}" if layouts else None)
    if fit.below_gs1_size is not None:
        return Fault("below_gs1_size", "warning", fit.below_gs1_size)
    return None
