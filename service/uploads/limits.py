"""The published limits of an upload (`GET /api/limits`). A leaf."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults of UPLOADS.md section 5; every field is published under its own name."""

    file_bytes: int = 20_000_000
    inflated_bytes: int = 200_000_000  # all parts of an archive together, counted while they are inflated
    rows: int = 50_000
    labels: int = 100_000
    code_characters: int = 1_000
    text_characters: int = 1_000
    quantity: int = 10_000
    read_seconds: float = 60.0
    child_bytes: int = 1 << 30

    @property
    def filled_rows(self) -> int:
        """Rows that may hold anything at all, blank in what counts or not: beyond them no sheet is read to its end."""
        return 4 * self.rows + 1_000
