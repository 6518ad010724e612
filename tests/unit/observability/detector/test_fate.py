"""Whether an upload that got no answer was kept: told from its stage marks alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from observability.detector.correlate import State
from observability.detector.fate import Fate, fate_of
from observability.detector.signals import Ids, Origin, StageMark
from observability.ids import JobId, RequestId

ASKED = "7b1e0c6a4d2f4f0e9a3b5c6d7e8f9a0b"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def mark(stage: str, *, request: str = ASKED, job: str | None = None) -> StageMark:
    ids = Ids(request_id=RequestId(request), job_id=JobId(job) if job else None)
    return StageMark(at=NOW, origin=Origin("backend.log", 1, "", NOW), ids=ids, stage=stage, edge="started")


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        pytest.param(State(), Fate("lost"), id="no line speaks of it: it never reached the backend"),
        pytest.param(State(marks=(mark("receive"),)), Fate("lost", stage="receive"), id="it was still being received"),
        pytest.param(State(marks=(mark("draw", job="j1"),)), Fate("kept", "j1", "draw"), id="a job had taken it over"),
        pytest.param(
            State(marks=(mark("draw", request="0" * 32, job="j1"),)), Fate("lost"), id="the job of another request"
        ),
        pytest.param(
            State(marks=(mark("receive"),), recent=(replace(mark("draw", job="j1"), edge="interrupted"),)),
            Fate("kept", "j1", "draw"),
            id="the supervisor found the job in the stage journal",
        ),
    ],
)
def test_fate(state: State, fate: Fate) -> None:
    assert fate_of(state, ASKED) == fate
