"""Lines to PDF text operators, in the subset fonts of one document."""

from typing import Final

from reportlab.pdfbase.pdfdoc import PDFDocument

from service.uploads.render.fonts import Run, plain_face
from service.uploads.render.text import Line

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})


def escaped(text: str) -> str:
    """Return ASCII text as it stands between the brackets of a PDF string."""
    if "(" in text or ")" in text or "\\" in text:  # a look takes a quarter of the time of a translation
        return text.translate(_ESCAPES)
    return text


class Words:
    """Text operators for one document, whose fonts collect the characters that they must hold."""

    def __init__(self, document: PDFDocument) -> None:
        self._document: Final = document
        self._plain_face: Final = plain_face()
        self.plain_font: Final = str(self._plain_face.font.getSubsetInternalName(0, document))

    def show(self, line: Line) -> str:
        """Return the operators of a line from where the text object stands."""
        return "".join([self._run(run, line.size) for run in line.runs])

    def _run(self, run: Run, size: int) -> str:
        if run.face is self._plain_face and run.text.isascii():
            # Subset 0 keeps ASCII as it is (`asciiReadable`): no look-up a character.
            return f"{self.plain_font} {size} Tf ({escaped(run.text)}) Tj\n"
        return "".join(
            f"{run.face.font.getSubsetInternalName(subset, self._document)} {size} Tf <{codes.hex()}> Tj\n"
            for subset, codes in run.face.font.splitString(run.text, self._document)
        )
