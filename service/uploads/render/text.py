"""A line of text as it is printed: any script in, runs of glyphs from left to right and their width out."""

from bisect import bisect_right
from functools import cache
from math import ceil
from typing import Final, NamedTuple

from bidi import get_display

from service.uploads.render.arabic import joined
from service.uploads.render.fonts import MISSING, Run, plain_face, printable, runs
from service.uploads.render.indic import visual

_ELLIPSIS: Final = "…"


class Line(NamedTuple):
    """A text as it is shown; its runs from left to right, their size and width in dots; what was lost ("": nothing)."""

    text: str
    runs: tuple[Run, ...]
    size: int
    width: int
    lost: str


def fit_line(text: str, size: int, smallest: int, room: int) -> Line:
    """Return `text` at `size`, or smaller down to `smallest`, or cut with an ellipsis, so that it is no wider than `room`."""
    line = whole_line(text, size)
    if line.width <= room:
        return line
    shrunk = int(size * room / line.width)
    return whole_line(text, shrunk) if shrunk >= smallest else cut(text, smallest, room)


def whole_line(text: str, size: int) -> Line:
    """Return `text` at `size`, however wide it is."""
    shown, pieces, lost = shape(text)
    return Line(shown, pieces, size, ceil(sum(run.width for run in pieces) * size / 1000), lost)


def plain_width(text: str) -> float | None:
    """Return the width of printable ASCII, in thousandths of the size; None for any other text."""
    if not (text.isascii() and text.isprintable()):
        return None
    high, low, unit = _ascii_widths()
    codes = text.encode()
    return (256 * sum(codes.translate(high)) + sum(codes.translate(low))) * unit


def shape(text: str) -> tuple[str, tuple[Run, ...], str]:
    """Return a text as it is shown, its runs in printing order, and what no face of ours has: a box stands for it."""
    if (width := plain_width(text)) is not None:
        return text, (Run(plain_face(), text, width),), ""
    missing = "".join(dict.fromkeys(character for character in text if not _shown(character)))
    shown = "".join(character if _shown(character) else MISSING for character in text)
    detail = f"no font of ours has {' '.join(f'U+{ord(character):04X}' for character in missing)}" if missing else ""
    return shown, tuple(runs(_display(shown))), detail


def cut(text: str, size: int, room: int) -> Line:
    """Keep as many characters as fit before the ellipsis."""
    kept = bisect_right(range(1, len(text)), room, key=lambda keep: width_of(_shortened(text, keep), size))
    if not kept:
        return Line("", (), size, 0, "no room for it")
    return whole_line(_shortened(text, kept), size)._replace(lost=f"cut after {text[:kept].rstrip()!r}")


def width_of(text: str, size: int) -> int:
    """Return the width of a line at a size, in the unit of the size, rounded up."""
    return whole_line(text, size).width


def _shortened(text: str, keep: int) -> str:
    return text[:keep].rstrip() + _ELLIPSIS


def _shown(character: str) -> bool:
    return character.isprintable() and printable(character)


def _display(text: str) -> str:
    """Return a line in the order in which it stands on paper (Unicode annex 9), Arabic letters joined."""
    shown = get_display(visual(joined(text)))
    return shown if isinstance(shown, str) else shown.decode()


@cache
def _ascii_widths() -> tuple[bytes, bytes, float]:
    """Return the widths of ASCII in the font's own units, in two tables of bytes, and that unit in thousandths.

    Sums of bytes are taken without a step of the interpreter for each: half the time of looking widths up.
    """
    face = plain_face()
    unit = 1000 / face.font.face.unitsPerEm
    widths = [round(face.widths.get(code, 0.0) / unit) for code in range(128)] + 128 * [0]
    return bytes(width >> 8 for width in widths), bytes(width & 0xFF for width in widths), unit
