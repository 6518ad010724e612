"""Text → lines as the readers get them, and where the shared material lies."""

import os
from datetime import UTC, datetime
from pathlib import Path

from observability.detector.signals import Line, Position

READ_AT = datetime(2026, 11, 7, 19, 0, 20, tzinfo=UTC)
CHECKOUT = Path(__file__).parents[5]
CORPUS = CHECKOUT / "tests" / "corpus"
SHARED = Path(os.environ.get("BARWATCH_SHARED") or CHECKOUT.parent / "shared")


def lines_of(text: str, read_at: datetime = READ_AT) -> list[Line]:
    return [Line("backend.log", Position(0, 0, n), part, read_at) for n, part in enumerate(text.split("\n"), start=1)]
