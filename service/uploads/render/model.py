"""What goes into a drawing and what comes out of it. A leaf: pickled to and from the child process."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from service.sheets import LAYOUTS, Layout
from service.symbology import SymbologyName

VerifyMode = Literal["auto", "all", "sample", "none"]
WarningCode = Literal["text_truncated"]


class DrawLabel(NamedTuple):
    """One checked label: `encoded` is what the symbol holds (GS1 with brackets), `lines` stand above it (name, price)."""

    row: int
    symbology: SymbologyName
    encoded: str
    lines: tuple[str, ...] = ()
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """Where labels stand. `offset_mm` moves the print right and down; `scale` mends a printer that prints too small."""

    layout: Layout = field(default_factory=lambda: LAYOUTS["L7160"])
    start: int = 1
    copies: int = 1
    offset_mm: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    dpi: int = 300
    hri: bool = True  # the code in digits below the bars


class Position(NamedTuple):
    """Where the symbol of one printed label stands, quiet zones included: points from the bottom left of its page."""

    row: int
    page: int
    symbology: SymbologyName
    encoded: str
    left: float
    bottom: float
    width: float
    height: float


class RowWarning(NamedTuple):
    row: int
    code: WarningCode
    detail: str


@dataclass(frozen=True, slots=True)
class DrawnPdf:
    pdf: bytes
    pages: int
    positions: tuple[Position, ...]
    warnings: tuple[RowWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """How many labels were looked at, how many read back as they should, and the rows of those that did not."""

    checked: int
    decoded: int
    unreadable: tuple[int, ...]


class NotDrawableError(ValueError):
    """A label that should never have come here: its text or size had not been checked."""

    def __init__(self, row: int, reason: str) -> None:
        self.row = row
        self.reason = reason
        super().__init__(f"row {row}: {reason}")

    def __reduce__(self) -> tuple[type["NotDrawableError"], tuple[int, str]]:
        return (type(self), (self.row, self.reason))
