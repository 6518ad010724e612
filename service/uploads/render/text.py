"""A line of text as it is printed: any script in, runs and a size that fit the label out, shrunk, then cut."""

from bisect import bisect_right
from functools import cache
from math import ceil
from typing import Final, NamedTuple

from bidi import get_display

from service.uploads.render.fonts import MISSING, Run, faces, printable, runs

MIN_POINTS: Final = 5.0
_ELLIPSIS: Final = "…"


class Line(NamedTuple):
    """Runs from left to right, the size at which they fit, their width at that size, and what was lost ("": nothing)."""

    runs: tuple[Run, ...]
    size: int
    width: int
    lost: str


def fit_line(text: str, size: int, smallest: int, room: int) -> Line:
    """Return `text` at `size`, or smaller down to `smallest`, or cut with an ellipsis, so that it is no wider than `room`."""
    shown, lost = shape(text)
    width = _width(shown)
    if width * size <= room * 1000:
        return Line(shown, size, round(width * size / 1000), lost)
    shrunk = int(room * 1000 / width)
    if shrunk >= smallest:
        return Line(shown, shrunk, round(width * shrunk / 1000), lost)
    return _cut(text, smallest, room)


def shape(text: str) -> tuple[tuple[Run, ...], str]:
    """Return the runs of a line in printing order, and what can't be shown: no face has it, a box stands for it."""
    if text.isascii() and text.isprintable():
        return (Run(faces()[0], text, sum(map(_ascii_widths().__getitem__, text.encode()))),), ""
    missing = "".join(dict.fromkeys(character for character in text if not _shown(character)))
    shown = "".join(character if _shown(character) else MISSING for character in text)
    detail = f"no font of ours has {' '.join(f'U+{ord(character):04X}' for character in missing)}" if missing else ""
    return tuple(runs(_display(shown))), detail


def _shown(character: str) -> bool:
    return character.isprintable() and printable(character)


def _display(text: str) -> str:
    shown = get_display(text)
    return shown if isinstance(shown, str) else shown.decode()


def _cut(text: str, size: int, room: int) -> Line:
    """Keep as many characters as fit before the ellipsis."""
    kept = bisect_right(range(1, len(text)), room, key=lambda keep: _printed_width(_shortened(text, keep), size))
    if not kept:
        return Line((), size, 0, "no room for it")
    shown, _ = shape(_shortened(text, kept))
    return Line(shown, size, round(_width(shown) * size / 1000), f"cut after {text[:kept].rstrip()!r}")


def _printed_width(text: str, size: int) -> int:
    return ceil(_width(shape(text)[0]) * size / 1000)


def _shortened(text: str, keep: int) -> str:
    return text[:keep].rstrip() + _ELLIPSIS


def _width(shown: tuple[Run, ...]) -> float:
    return sum(run.width for run in shown)


@cache
def _ascii_widths() -> tuple[float, ...]:
    widths = faces()[0].widths
    return tuple(widths.get(code, 0.0) for code in range(128))
