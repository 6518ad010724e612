"""Name and price above or beside the symbol: texts in, text operators out."""

from typing import Final

from service.sheets import Fit
from service.uploads.render.flow import flow, layout_of
from service.uploads.render.text import plain_width
from service.uploads.render.words import Words, escaped


class Names:
    """Draws the texts of labels of one size."""

    def __init__(self, count: int, fit: Fit, words: Words) -> None:
        self._fit: Final = fit
        self._words: Final = words
        layout = layout_of(count, fit)
        self._half: Final = layout.size / 2000  # of a width in thousandths of the size
        self._font: Final = f"{words.plain_font} {layout.size} Tf\n"
        self._baselines: Final = layout.baselines if layout.fits else ()
        self._room: Final = fit.text_box[2] * 1000 / max(layout.size, 1)
        self._middle: Final = fit.text_box[0] + fit.text_box[2] / 2

    def operators(self, texts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """Return what goes into a text object, and what was lost of which text."""
        if not texts:
            return "", ()
        return self._plain(texts) or self._flowed(texts)

    def _plain(self, texts: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        """Most labels: ASCII that fits at full size, a line each. Measured: a fifth of the time of the general way."""
        operators = self._font
        for text, baseline in zip(texts, self._baselines, strict=False):
            if (width := plain_width(text)) is None or width > self._room:
                return None
            x = int(self._middle - width * self._half)
            operators += f"1 0 0 1 {x} {baseline} Tm ({escaped(text)}) Tj\n"
        return (operators, ()) if self._baselines else None

    def _flowed(self, texts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        flowed = flow(texts, self._fit)
        middle = int(self._middle)
        parts = [
            f"1 0 0 1 {middle - line.width // 2} {baseline} Tm\n{self._words.show(line)}"
            for line, baseline in flowed.lines
        ]
        return "".join(parts), flowed.lost
