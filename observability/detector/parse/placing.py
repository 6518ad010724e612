"""Where rows stood and when: what every signal says about its origin."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from observability.detector.parse.rows import Row
from observability.detector.parse.stamps import stamp_of
from observability.detector.signals import Origin

MAX_ORIGIN_TEXT: Final = 16_384  # characters


def origin_of(rows: Sequence[Row]) -> Origin:
    """Return where these rows came from, with their text."""
    first = rows[0].line
    text = "\n".join(row.text for row in rows)
    position = first.position
    return Origin(
        first.source, position.number, text[:MAX_ORIGIN_TEXT], first.read_at, position.offset, position.file_id
    )


def time_of(rows: Sequence[Row], tz: tzinfo) -> datetime | None:
    """Return the time of the last row that has one."""
    stamps = (stamp_of(row.text, read_at=row.line.read_at, tz=tz) for row in reversed(rows))
    return next((stamp for stamp in stamps if stamp is not None), None)
