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
    """Runs from left to right, their size and width in dots, and what was lost ("": nothing)."""

    runs: tuple[Run, ...]
    size: int
    width: int
    lost: str


def fit_line(text: str, size: int, smallest: int, room: int) -> Line:
    """Return `text` at `size`, or smaller down to `smallest`, or cut with an ellipsis, so that it is no wider than `room`."""
    shown, lost = shape(text)
    width = sum(run.width for run in shown)
    if width * size <= room * 1000:
        return Line(shown, size, round(width * size / 1000), lost)
    shrunk = int(room * 1000 / width)
    if shrunk >= smallest:
        return Line(shown, shrunk, round(width * shrunk / 1000), lost)
    return cut(text, smallest, room)


def shape(text: str) -> tuple[tuple[Run, ...], str]:
    """Return the runs of a line in printing order, and what can't be shown: no face has it, a box stands for it."""
    if text.isascii() and text.isprintable():
        return (Run(plain_face(), text, sum(map(_ascii_widths().__getitem__, text.encode()))),), ""
    missing = "".join(dict.fromkeys(character for character in text if not _shown(character)))
    shown = "".join(character if _shown(character) else MISSING for character in text)
    detail = f"no font of ours has {' '.join(f'U+{ord(character):04X}' for character in missing)}" if missing else ""
    return tuple(runs(_display(shown))), detail


def cut(text: str, size: int, room: int) -> Line:
    """Keep as many characters as fit before the ellipsis."""
    kept = bisect_right(range(1, len(text)), room, key=lambda keep: width_of(_shortened(text, keep), size))
    if not kept:
        return Line((), size, 0, "no room for it")
    shown, _ = shape(_shortened(text, kept))
    width = round(sum(run.width for run in shown) * size / 1000)
    return Line(shown, size, width, f"cut after {text[:kept].rstrip()!r}")


def width_of(text: str, size: int) -> int:
    """Return the width of a line at a size, in the unit of the size, rounded up."""
    return ceil(sum(run.width for run in shape(text)[0]) * size / 1000)


def _shortened(text: str, keep: int) -> str:
    return text[:keep].rstrip() + _ELLIPSIS


def _shown(character: str) -> bool:
    return character.isprintable() and printable(character)


def _display(text: str) -> str:
    """Return a line in the order in which it stands on paper (Unicode annex 9), Arabic letters joined."""
    shown = get_display(visual(joined(text)))
    return shown if isinstance(shown, str) else shown.decode()


@cache
def _ascii_widths() -> tuple[float, ...]:
    widths = plain_face().widths
    return tuple(widths.get(code, 0.0) for code in range(128))
