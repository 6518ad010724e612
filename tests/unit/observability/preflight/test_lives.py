"""What happened to the backend's processes within the hour, from its own log."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from observability.preflight.lives import Lives, counted, lives, told

NOW = datetime(2026, 11, 7, 19, 0, tzinfo=UTC)


def line(event: str, minutes_ago: float, version: str = "1.4.0", **fields: object) -> str:
    at = (NOW - timedelta(minutes=minutes_ago)).isoformat().replace("+00:00", "Z")
    entry = {"ts": at, "level": "info", "event": event, "version": version, "role": "backend", **fields}
    return json.dumps(entry, separators=(",", ":"))


LOGS: dict[str, tuple[tuple[str, ...], Lives]] = {
    "a deploy of a new release": (
        (
            line("process.started", 50, "1.4.0"),
            line("process.stopping", 5, "1.4.0"),
            line("process.exited", 5, "1.4.0", expected=True),
            line("process.started", 4, "1.5.0"),
        ),
        Lives(2, 1, 0, ("1.4.0", "1.5.0"), NOW - timedelta(minutes=4)),
    ),
    "a crash and a restart": (
        (line("process.exited", 1, expected=False), line("process.started", 1)),
        Lives(1, 0, 1, ("1.4.0",), NOW - timedelta(minutes=1)),
    ),
    "nothing for hours": ((line("process.started", 300),), Lives(last_start=NOW - timedelta(minutes=300))),
    "workers are no deploys": ((line("process.exited", 1, role="worker", expected=False),), Lives()),
    "a path that imitates it, half a line, a stamp that is none": (
        (
            line("http.request.finished", 1, path='"event":"process.started"'),
            line("process.started", 1)[:-9],
            '{"event":"process.x","ts":7}',
        ),
        Lives(),
    ),
}


@pytest.mark.parametrize(("lines", "wanted"), LOGS.values(), ids=LOGS)
def test_only_the_backends_own_lines_of_the_last_hour_count(lines: tuple[str, ...], wanted: Lives) -> None:
    assert counted(lines, NOW) == wanted


def test_it_reads_as_a_person_would_say_it() -> None:
    seen = Lives(2, 1, 0, ("1.4.0", "1.5.0"), NOW - timedelta(minutes=4))
    wanted = (
        "in the last hour 2 starts of 1.4.0 → 1.5.0, 1 stops that were asked for, 0 deaths, the last start 4 min ago"
    )
    assert told(seen, NOW) == wanted


def test_a_log_that_is_not_there_is_no_failure(tmp_path: Path) -> None:
    check = lives("recent starts", tmp_path / "backend.log", NOW)
    assert check.ok
    assert "No such file" in check.found


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    log = tmp_path / "backend.log"
    log.write_text(line("process.started", 1) + "\n" + "x" * 2_000_000 + "\n" + line("process.started", 0.5) + "\n")
    assert "1 starts of 1.4.0" in lives("recent starts", log, NOW).found
