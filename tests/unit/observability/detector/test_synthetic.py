"""The crash that never was, as it stands in its log."""

import json
from pathlib import Path

import pytest

from observability.detector.synthetic import PROOF, SELFTEST, Stage, append, crash
from tests.unit.observability.detector.incident_examples import T0


@pytest.mark.parametrize("who", [SELFTEST, PROOF], ids=lambda who: who.service)
def test_every_line_is_marked(who: Stage) -> None:
    assert all(line["selftest"] is True and line["service"] == who.service for line in crash(T0, "r1", who))


def test_a_person_and_the_schedule_never_make_the_same_incident() -> None:
    for name in ("service", "instance", "pid", "stage", "address"):
        mine, other = ({line.get(name) for line in crash(T0, "r1", who)} - {None} for who in (SELFTEST, PROOF))
        assert mine.isdisjoint(other)


def test_lines_are_added(tmp_path: Path) -> None:
    log = tmp_path / "selftest.log"
    for number in range(2):
        append(log, crash(T0, f"r{number}"))
    assert [json.loads(line)["request_id"] for line in log.read_text().splitlines()] == ["r0", "r0", "r1", "r1"]


def test_a_log_that_has_grown_for_years_is_set_aside_once(tmp_path: Path) -> None:
    log = tmp_path / "selftest.log"
    for letter in "ab":
        log.write_text(letter * 1_000_001)
        append(log, crash(T0, "r1"))
    assert log.read_text().count("\n") == 2
    assert (tmp_path / "selftest.log.1").read_text().startswith("b")
    assert len(list(tmp_path.iterdir())) == 2
