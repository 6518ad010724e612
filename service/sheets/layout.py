"""Geometry of label sheets in millimetres, from the top left corner of the page: a name in, a Layout out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

_INCH: Final = 25.4
_A4: Final = (210.0, 297.0)
_LETTER: Final = (215.9, 279.4)
LogoBox = tuple[float, float, float, float]  # x and y from the top left corner of the label, width, height


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet of equal labels. Millimetres; `origin` is the corner of the first label, `pitch` the step to the next."""

    name: str
    title: str
    page_width_mm: float
    page_height_mm: float
    columns: int
    rows: int
    label_width_mm: float
    label_height_mm: float
    origin_x_mm: float
    origin_y_mm: float
    pitch_x_mm: float
    pitch_y_mm: float
    logo_mm: LogoBox | None = None  # where a logo may stand on each label

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    def corner(self, slot: int) -> tuple[float, float]:
        """Return the top left corner of the label in slot 0, 1, 2 … counted row by row, in mm from the page's."""
        row, column = divmod(slot, self.columns)
        return self.origin_x_mm + column * self.pitch_x_mm, self.origin_y_mm + row * self.pitch_y_mm


def _a4(name: str, grid: str, label: str, origin: str, pitch: str) -> Layout:
    """Return a sheet whose measures are given in mm, as "width height"."""
    columns, rows = map(int, grid.split())
    title = f"Avery {name}, A4, {columns * rows} labels of {label.replace(' ', ' × ')} mm"
    return Layout(name, title, *_A4, columns, rows, *_mm(label, 1), *_mm(origin, 1), *_mm(pitch, 1))


def _letter(name: str, grid: str, label: str, origin: str, pitch: str) -> Layout:
    """Return a sheet whose measures are given in inches."""
    columns, rows = map(int, grid.split())
    title = f"Avery {name}, Letter, {columns * rows} labels of {label.replace(' ', ' × ')} in"
    return Layout(name, title, *_LETTER, columns, rows, *_mm(label, _INCH), *_mm(origin, _INCH), *_mm(pitch, _INCH))


def _mm(pair: str, unit_mm: float) -> tuple[float, float]:
    across, down = pair.split()
    return float(across) * unit_mm, float(down) * unit_mm


def _with_logo(layout: Layout, *logo_mm: float) -> Layout:
    """Return the layout with a box for a logo: beside an EAN-13 of full size, below two lines of text."""
    x, y, width, height = logo_mm
    return replace(layout, logo_mm=(x, y, width, height))


def _roll(width: int, height: int) -> Layout:
    """Return a label printer's roll: each label is a page of its own."""
    size = float(width), float(height)
    return Layout(f"roll-{width}x{height}", f"Roll, {width} × {height} mm", *size, 1, 1, *size, 0.0, 0.0, *size)


# The common sizes of thermal rolls, in mm: 57 × 32 and 62 × 29 are Dymo's and Brother's, 100 × 150 a parcel label.
_ROLLS: Final = ((40, 30), (50, 25), (57, 32), (62, 29), (70, 50), (100, 50), (100, 150))
_ROLL_LOGOS: Final = {(70, 50): (2, 22, 12, 12), (100, 50): (3, 22, 24, 16), (100, 150): (5, 5, 40, 30)}

# Margins and pitches of Avery's own word-processor templates, which print them rounded to 0.1 mm; each is symmetrical on
# its page, and that is what the second decimal is taken from. gLabels' figures differ by up to 0.4 mm.
_SHEETS: Final = (
    _a4("L7160", grid="3 7", label="63.5 38.1", origin="7.21 15.15", pitch="66.04 38.1"),
    _with_logo(_a4("L7163", grid="2 7", label="99.1 38.1", origin="4.65 15.15", pitch="101.6 38.1"), 3, 14, 24, 14),
    _a4("L7651", grid="5 13", label="38.1 21.2", origin="4.75 10.7", pitch="40.6 21.2"),
    _letter("5160", grid="3 10", label="2.625 1", origin="0.1875 0.5", pitch="2.75 1"),
    _with_logo(_letter("5163", grid="2 5", label="4 2", origin="0.15625 0.5", pitch="4.1875 2"), 3, 22, 24, 16),
    _letter("5167", grid="4 20", label="1.75 0.5", origin="0.28125 0.5", pitch="2.0625 0.5"),
    _a4("4731", grid="7 27", label="25.4 10", origin="8.6 13.5", pitch="27.9 10"),
    *(_with_logo(_roll(*size), *_ROLL_LOGOS[size]) if size in _ROLL_LOGOS else _roll(*size) for size in _ROLLS),
)

LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType({layout.name: layout for layout in _SHEETS})


def layout_named(name: str) -> Layout | None:
    """Return the layout that people call so: "l7160", "L4731", "Avery 5160", "roll 100x50"."""
    wanted = _bare(name)
    return next((layout for layout in _SHEETS if _bare(layout.name) == wanted), None)


def _bare(name: str) -> str:
    """Strip what differs from shop to shop: the maker, and the L of sheets in A4."""
    return re.sub(r"^(avery)?l?(?=\d)", "", re.sub(r"[\s_×-]+", lambda m: "x" if m[0] == "×" else "", name).lower())
