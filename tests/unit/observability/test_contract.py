"""What our processes write is what the detector reads: real lines of both sides, held against each other."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from observability.detector.parse import parse_text
from observability.detector.signals import (
    FatalDump,
    PreflightChecked,
    ProcessExit,
    ProcessStart,
    ProcessStop,
    Signal,
    StageMark,
    Traceback,
)
from observability.failures import fingerprint_of
from observability.fingerprint import fingerprint
from observability.stage import stages
from tests.unit.observability.conftest import Lines
from tests.unit.observability.supervisor.supervised import Supervised, supervise_python
from tests.unit.observability.supervisor.test_supervise import JOURNAL, ONCE, SLEEP

READ_AT = datetime(2025, 11, 7, 19, 0, 20, tzinfo=UTC)


def signals_of(log: Path) -> list[Signal]:
    _, signals = parse_text(log.read_text("utf-8"), "backend.log", READ_AT)
    return list(signals)


def died(run: Supervised) -> list[Signal]:
    run.ended()
    return signals_of(run.log)


def test_a_death_with_work_in_flight(tmp_path: Path) -> None:
    options = (*ONCE, "--journal", str(tmp_path / "stages.journal"))
    with supervise_python(tmp_path, JOURNAL, options) as run:
        started, mark, ended = died(run)[:3]
    assert isinstance(started, ProcessStart)
    assert isinstance(mark, StageMark)
    assert isinstance(ended, ProcessExit)
    assert (started.address, started.instance, started.role) == ("127.0.0.1:8034", "a-1", "backend")
    assert (mark.domain, mark.stage, mark.edge, mark.rows_done) == ("upload", "draw", "interrupted", 4)
    assert (mark.ids.request_id, mark.ids.job_id, mark.ids.trace_id) == ("r1", "j1", f"{5:032x}")
    assert mark.moved_at is not None
    assert mark.pid == started.pid == ended.pid
    assert (ended.code, ended.signal, ended.expected, ended.oom_killed) == (9, None, False, False)
    assert ended.max_rss_bytes is not None
    assert ended.uptime_s is not None


def test_a_segfault(tmp_path: Path) -> None:
    with supervise_python(tmp_path, "import ctypes; ctypes.string_at(0)", ONCE) as run:
        signals = died(run)
    (dump,) = [signal for signal in signals if isinstance(signal, FatalDump)]
    (ended,) = [signal for signal in signals if isinstance(signal, ProcessExit)]
    assert (dump.signal, dump.pid, ended.signal) == ("SIGSEGV", ended.pid, "SIGSEGV")
    assert [frame.function for frame in dump.frames] == ["string_at", "<module>"]


def test_an_exception_that_ended_the_process(tmp_path: Path) -> None:
    with supervise_python(tmp_path, "def f(): raise ValueError('no')\nf()", ONCE) as run:
        signals = died(run)
    (found,) = [signal for signal in signals if isinstance(signal, Traceback)]
    assert [(exc.type, exc.message) for exc in found.exceptions] == [("ValueError", "no")]
    assert found.pid is not None


def test_a_stop_that_was_asked_for(tmp_path: Path) -> None:
    with supervise_python(tmp_path, SLEEP, ONCE) as run:
        run.wait_for_text(b"up\n")
        run.stop()
        signals = signals_of(run.log)
    (stop,) = [signal for signal in signals if isinstance(signal, ProcessStop)]
    (ended,) = [signal for signal in signals if isinstance(signal, ProcessExit)]
    assert (stop.signal, stop.address, stop.pid) == ("SIGTERM", "127.0.0.1:8034", ended.pid)
    assert stop.asked_by == ended.asked_by
    assert ended.expected


def test_checks_after_a_death(tmp_path: Path) -> None:
    options = (*ONCE, "--preflight", "tests.unit.observability.preflight.test_probes:bad_settings")
    with supervise_python(tmp_path, "import os; os._exit(1)", options) as run:
        signals = died(run)
    (checked,) = [signal for signal in signals if isinstance(signal, PreflightChecked)]
    assert (checked.when, checked.ok) == ("death", False)
    (check,) = checked.checks
    assert (check.name, check.what, check.found) == ("LOG_LEVEL", "LOG_LEVEL=loud", "no such level")


def test_a_stage_that_failed_has_the_same_fingerprint_on_both_sides(tmp_path: Path, lines: Lines) -> None:
    stage = stages("upload", ("publish",))
    stage.connect(registry=CollectorRegistry(), tracer_provider=TracerProvider())
    with pytest.raises(PermissionError) as raised, stage("publish"):
        raise PermissionError(13, "Permission denied", "/srv/downloads")
    started, failed, found = signals_of(tmp_path / "log")
    assert isinstance(started, StageMark)
    assert isinstance(failed, StageMark)
    assert isinstance(found, Traceback)
    assert (started.edge, failed.edge) == ("started", "failed")
    assert (found.stage, found.handled, found.ids.trace_id) == ("publish", False, lines()[0]["trace_id"])
    assert found.fingerprint == fingerprint_of(raised.value) == fingerprint(found.exceptions)
