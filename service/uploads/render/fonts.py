"""Our own fonts and their measures: a character in, the face that has it and its width out."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby
from typing import Final, NamedTuple

from reportlab.pdfbase.ttfonts import TTFont

# In the order in which they are asked for a character; shipped with us, so that every machine draws the same.
_FILES: Final = ("DejaVuSans.ttf",)
MISSING: Final = "\u25a1"  # a box that people see: something could not be printed here


class Face(NamedTuple):
    """A font file. `widths` are those of its characters, in thousandths of the size."""

    font: TTFont
    widths: dict[int, float]


class Run(NamedTuple):
    """A piece of a line that one face can print."""

    face: Face
    text: str
    width: float  # thousandths of the size


@cache
def faces() -> tuple[Face, ...]:
    """Return all faces. Reads their files once a process; a preloading parent does so for its children."""
    return tuple(_load(name) for name in _FILES)


def runs(text: str) -> Iterator[Run]:
    """Split a line, in printing order from left to right, into runs of one face each."""
    for face, characters in groupby(text, _face_of):
        piece = "".join(characters)
        yield Run(face, piece, sum(face.widths[ord(character)] for character in piece))


def printable(character: str) -> bool:
    """Tell whether some face has the character."""
    return any(ord(character) in face.widths for face in faces())


def _face_of(character: str) -> Face:
    return next(face for face in faces() if ord(character) in face.widths)


def _load(name: str) -> Face:
    with as_file(files(__package__) / "fonts" / name) as path:
        font = TTFont(f"barwatch-{name.removesuffix('.ttf')}", str(path), asciiReadable=1)
    return Face(font, {code: font.face.charWidths.get(code, font.face.defaultWidth) for code in font.face.charToGlyph})
