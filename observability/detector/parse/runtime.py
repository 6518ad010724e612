"""Rows → alerts: what a Python runtime complains of without a traceback, and that is worth an incident of its own."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from observability.detector.parse.placing import origin_of, time_of
from observability.detector.parse.rows import Row
from observability.detector.signals import Alert

_LOOK: Final = 2_048
_WORDS: Final = (("Task was destroyed but it is pending!", "asyncio_task_destroyed"),)  # asyncio/tasks.py Task.__del__


def runtime_alerts(rows: Sequence[Row], tz: tzinfo) -> list[tuple[int, Alert]]:
    """Return one alert a kind, at its first row: the same words repeat for each task of a shutdown."""
    first: dict[str, int] = {}
    for at, row in enumerate(rows):
        for words, name in _WORDS:
            if words in row.text[:_LOOK]:
                first.setdefault(name, at)
    return [
        (at, Alert(at=time_of([rows[at]], tz), origin=origin_of([rows[at]]), name=name)) for name, at in first.items()
    ]
