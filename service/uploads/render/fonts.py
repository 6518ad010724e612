"""Our own fonts and their measures: a character in, the face that has it and its width out."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby
from typing import Final, NamedTuple

from reportlab.pdfbase.ttfonts import TTFont

# In the order in which they are asked for a character; the last has 5 MB and is opened for what no other has.
_FILES: Final = (
    "DejaVuSans",
    "NotoSansThai-Regular",
    "NotoSansDevanagari-Regular",
    "NotoSansBengali-Regular",
    "NotoSansTamil-Regular",
    "NotoSansTelugu-Regular",
    "NotoSansGujarati-Regular",
    "NotoSansGurmukhi-Regular",
    "NotoSansKannada-Regular",
    "NotoSansMalayalam-Regular",
    "NotoSansSinhala-Regular",
    "NotoSansKhmer-Regular",
    "NotoSansMyanmar-Regular",
    "NotoSansEthiopic-Regular",
    "WenQuanYiMicroHei",
)
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


def plain_face() -> Face:
    """Return the face of codes and of most names."""
    return _load(_FILES[0])


def runs(text: str) -> Iterator[Run]:
    """Split a line, in printing order from left to right, into runs of one face each; every character is printable."""
    for face, characters in groupby(text, _face_of):
        if face is not None:
            piece = "".join(characters)
            yield Run(face, piece, sum(face.widths[ord(character)] for character in piece))


def printable(character: str) -> bool:
    """Tell whether some face has the character."""
    return _face_of(character) is not None


@cache
def _face_of(character: str) -> Face | None:
    return next((face for face in map(_load, _FILES) if ord(character) in face.widths), None)


@cache
def _load(name: str) -> Face:
    with as_file(files(__package__) / "fonts" / f"{name}.ttf") as path:
        font = TTFont(f"barwatch-{name}", str(path), asciiReadable=name == _FILES[0])
    return Face(font, {code: font.face.charWidths.get(code, font.face.defaultWidth) for code in font.face.charToGlyph})
