"""Lines to PDF text operators, in the subset fonts of one document."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from reportlab.pdfbase.pdfdoc import PDFDocument

from service.uploads.render.fonts import Run, plain_face

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})


class Word(NamedTuple):
    """Runs that stand one behind another from a point on the label, in dots."""

    x: int
    y: int
    size: int
    runs: tuple[Run, ...]


class Words:
    """Text operators for one document: it collects which characters each font must hold."""

    def __init__(self, document: PDFDocument) -> None:
        self._document: Final = document
        self._plain_face: Final = plain_face()
        self._plain_font: Final = self._plain_face.font.getSubsetInternalName(0, document)

    def show(self, words: Iterable[Word]) -> str:
        """Return one text object with all words of a label."""
        x = y = 0
        parts = ["BT\n"]
        for word in words:
            parts.append(f"{word.x - x} {word.y - y} Td\n")
            parts += [self._run(run, word.size) for run in word.runs]
            x, y = word.x, word.y
        parts.append("ET\n")
        return "".join(parts)

    def _run(self, run: Run, size: int) -> str:
        if run.face is self._plain_face and run.text.isascii():
            # Subset 0 keeps ASCII as it is (`asciiReadable`): no look-up a character.
            return f"{self._plain_font} {size} Tf ({run.text.translate(_ESCAPES)}) Tj\n"
        return "".join(
            f"{run.face.font.getSubsetInternalName(subset, self._document)} {size} Tf <{codes.hex()}> Tj\n"
            for subset, codes in run.face.font.splitString(run.text, self._document)
        )
