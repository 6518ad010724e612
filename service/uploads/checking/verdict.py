"""What is concluded about one code: a symbol that can be drawn, or faults that say why not. A leaf."""

from dataclasses import dataclass, replace

from service.symbology import SymbologyName
from service.uploads.model import Fault


@dataclass(frozen=True, slots=True)
class Verdict:
    """`encoded` is what the symbol holds; None: there is an error in `faults`."""

    symbology: SymbologyName | None = None
    encoded: str | None = None
    faults: tuple[Fault, ...] = ()

    def after(self, faults: tuple[Fault, ...]) -> "Verdict":
        """Return the verdict with the faults that were met on the way to it."""
        return replace(self, faults=(*faults, *self.faults)) if faults else self
