"""Twenty seconds of the soak, with a seed of its own: `make soak` runs it for ten minutes."""

from pathlib import Path

import pytest

from tests.e2e.soak import soak

pytestmark = pytest.mark.e2e


async def test_each_fault_is_one_incident_of_the_right_cause_and_nothing_grows(tmp_path: Path) -> None:
    tally = await soak(tmp_path, seconds=20, seed=4)
    assert tally.wrong == [], "\n".join(tally.lines())
    assert tally.done.total() >= 5
