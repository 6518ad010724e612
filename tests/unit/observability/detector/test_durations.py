"""Durations as people write them."""

from datetime import timedelta

import pytest

from observability.detector.durations import duration_of

CASES = {
    "90s": timedelta(seconds=90),
    "30m": timedelta(minutes=30),
    " 2 H ": timedelta(hours=2),
    "1d": timedelta(days=1),
    "0h": None,
    "2": None,
    "-1h": None,
    "1h30m": None,
    "9999999h": None,
    "٣h": None,
    "": None,
}


@pytest.mark.parametrize(("text", "want"), CASES.items())
def test_duration(text: str, want: timedelta | None) -> None:
    assert duration_of(text) == want
