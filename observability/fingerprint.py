"""What makes two crashes the same crash: a neutral exception chain, from `exc_info` or from text, to one value. A leaf."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """One stack frame, outermost first in a traceback. Line numbers are kept for people, never for the fingerprint."""

    file: str
    line: int | None
    function: str | None
    source: str | None = None  # the source line, stripped
    module: str | None = None  # dotted, where it could be told


@dataclass(frozen=True, slots=True)
class ChainedException:
    """One exception of a chain. `frames` is None where writers were interleaved beyond repair."""

    type: str  # qualified as printed: "sqlalchemy.exc.OperationalError"
    message: str
    frames: tuple[Frame, ...] | None = ()
