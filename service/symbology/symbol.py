"""What a symbol is: its modules, its rules of size, and the error of a text that has none. A leaf."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

SymbologyName = Literal[
    "ean13",
    "ean8",
    "upca",
    "upce",
    "itf14",
    "code128",
    "gs1_128",
    "code39",
    "codabar",
    "qr",
    "datamatrix",
    "gs1_datamatrix",
]
ErrorCode = Literal["bad_characters", "wrong_length", "bad_check_digit", "too_long", "gs1_bad_ai", "gs1_bad_value"]


class SymbologyError(ValueError):
    """A text that a symbology cannot hold. `suggestion` is the text that was probably meant, or None."""

    def __init__(self, code: ErrorCode, detail: str, suggestion: str | None = None) -> None:
        self.code: ErrorCode = code
        self.detail = detail
        self.suggestion = suggestion
        super().__init__(f"{code}: {detail}")

    def __reduce__(self) -> tuple[type["SymbologyError"], tuple[ErrorCode, str, str | None]]:
        """Keep the fields on the way out of a child process."""
        return (type(self), (self.code, self.detail, self.suggestion))


@dataclass(frozen=True, slots=True)
class Rule:
    """Sizes of a symbology. Quiet zones are in modules (X), the rest in mm.

    `x_gs1_min_mm` and `height_min_mm` are what GS1 asks for (None, 0: no such rule); below them a symbol is drawn with
    a warning. Below `x_floor_mm` it is not drawn.
    """

    kind: Literal["linear", "matrix"]
    quiet_left: int
    quiet_right: int
    quiet_vertical: int
    x_nominal_mm: float
    x_floor_mm: float
    x_max_mm: float
    x_gs1_min_mm: float | None = None
    height_mm: float = 0.0  # recommended height of the bars at the nominal X
    height_min_mm: float = 0.0
    guards: tuple[int, ...] = ()  # indexes of the pieces whose bars reach down into the digits
    guard_modules: int = 0  # how far they reach (GS1 General Specifications 5.2.1: 5X)
    bearer_modules: int = 0  # thickness of the bars above and below (ITF-14)


class Symbol(NamedTuple):
    """An encoded text. Linear: `pieces` are its characters from left to right, matrix: its rows from top to bottom.

    A piece is a text of "1" (dark) and "0" (light), one a module; no bar of a linear symbol crosses from a piece into
    the next. `encoded` is what a reader returns (GS1 with brackets), `hri` what people read below the bars. A tuple,
    because there are 100,000 of them: a frozen dataclass takes three times as long to make.
    """

    symbology: SymbologyName
    encoded: str
    hri: str
    pieces: tuple[str, ...]
    rule: Rule

    @property
    def modules(self) -> str:
        """All modules of a linear symbol, or the rows of a matrix one behind another."""
        return "".join(self.pieces)

    @property
    def width(self) -> int:
        """Modules from left to right, without quiet zones."""
        return len(self.pieces[0]) if self.rule.kind == "matrix" else sum(map(len, self.pieces))

    @property
    def height(self) -> int:
        """Rows of a matrix symbol; 1 for a linear one."""
        return len(self.pieces) if self.rule.kind == "matrix" else 1
