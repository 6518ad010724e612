"""Our own JSON lines, Docker's, and nothing else."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability import events
from observability.detector.parse.json_log import parse_json_line
from observability.detector.signals import (
    Check,
    FatalDump,
    PreflightChecked,
    ProcessExit,
    ProcessStart,
    ProcessStop,
    Signal,
    StageMark,
    Traceback,
)
from observability.fingerprint import fingerprint

from .lines import lines_of
from .test_traceback import CHAIN, PLAIN

COMMON = {
    "ts": "2026-11-07T19:00:19.123456Z",
    "level": "error",
    "service": "barwatch",
    "version": "1.4.0",
    "instance": "web-1",
    "pid": 42,
    "request_id": "r1",
    "trace_id": "0" * 31 + "1",
    "job_id": "j1",
}
AT = datetime(2026, 11, 7, 19, 0, 19, 123456, tzinfo=UTC)


def read(**fields: Any) -> tuple[Signal, ...] | None:
    return parse_json_line(lines_of(json.dumps(COMMON | fields))[0])


def only(signals: tuple[Signal, ...] | None) -> Signal:
    assert signals is not None
    (signal,) = signals
    assert signal.at == AT
    assert signal.ids.request_id == "r1"
    assert signal.ids.trace_id == "0" * 31 + "1"
    assert signal.ids.job_id == "j1"
    return signal


@pytest.mark.parametrize("edge", ["started", "finished", "failed", "interrupted"])
def test_a_stage_event_is_a_mark(edge: str) -> None:
    mark = only(read(event=f"upload.stage.{edge}", stage="draw", rows_done=812, rss_bytes=5_000, route="POST /x"))
    assert isinstance(mark, StageMark)
    assert (mark.domain, mark.stage, mark.edge, mark.rows_done, mark.rss_bytes) == ("upload", "draw", edge, 812, 5_000)
    assert (mark.route, mark.pid, mark.instance) == ("POST /x", 42, "web-1")


def test_an_interrupted_stage_says_when_it_last_moved() -> None:
    mark = only(read(event="upload.stage.interrupted", stage="draw", moved_at="2026-11-07T19:00:18.5Z"))
    assert isinstance(mark, StageMark)
    assert mark.moved_at == datetime(2026, 11, 7, 19, 0, 18, 500_000, tzinfo=UTC)


def test_a_failed_request_is_a_traceback() -> None:
    fields = {"exception.type": "PermissionError", "exception.message": "[Errno 13] …", "exception.stacktrace": PLAIN}
    tb = only(read(event=events.REQUEST_FAILED, route="POST /api/x", stage="publish", fingerprint="v1:ab", **fields))
    assert isinstance(tb, Traceback)
    assert [exc.type for exc in tb.exceptions] == ["PermissionError"]
    assert (tb.fingerprint, tb.service, tb.release, tb.instance, tb.pid) == ("v1:ab", "barwatch", "1.4.0", "web-1", 42)
    assert (tb.route, tb.stage, tb.event, tb.handled) == ("POST /api/x", "publish", "http.request.failed", False)


def test_a_failed_stage_is_a_mark_and_a_traceback() -> None:
    fields = {"exception.type": "OSError", "exception.stacktrace": CHAIN}
    signals = read(event="upload.stage.failed", stage="publish", **fields)
    assert signals is not None
    assert [signal.kind for signal in signals] == ["stage_mark", "traceback"]


def test_a_job_that_ends_with_a_problem_is_handled() -> None:
    tb = only(
        read(event="upload.job.failed", handled=True, **{"exception.type": "ValueError", "exception.message": "a\nb"})
    )
    assert isinstance(tb, Traceback)
    assert tb.handled
    assert [(exc.type, exc.message) for exc in tb.exceptions] == [("ValueError", "a")]


def test_the_fingerprint_is_computed_where_none_was_logged() -> None:
    tb = only(read(event=events.REQUEST_FAILED, **{"exception.type": "E", "exception.stacktrace": PLAIN}))
    assert isinstance(tb, Traceback)
    assert tb.fingerprint == fingerprint(tb.exceptions)


def test_a_death() -> None:
    gone = only(
        read(
            event=events.PROCESS_EXITED,
            role="backend",
            signal="SIGKILL",
            oom_kill=1,
            max_rss_bytes=9,
            uptime_s=3.5,
            address="127.0.0.1:8034",
        )
    )
    assert isinstance(gone, ProcessExit)
    assert (gone.kind, gone.role, gone.pid, gone.signal, gone.code) == ("process_exit", "backend", 42, "SIGKILL", None)
    assert (gone.oom_killed, gone.expected, gone.max_rss_bytes, gone.uptime_s) == (True, False, 9, 3.5)
    assert (gone.address, gone.instance, gone.release, gone.service) == ("127.0.0.1:8034", "web-1", "1.4.0", "barwatch")


def test_the_death_of_a_worker_says_what_it_worked_at() -> None:
    said = {"role": "worker", "signal": "SIGXCPU", "limit": "cpu", "stage": "draw", "rows_done": 812}
    gone = only(read(event=events.PROCESS_EXITED, **said))
    assert isinstance(gone, ProcessExit)
    assert (gone.role, gone.limit, gone.stage, gone.rows_done) == ("worker", "cpu", "draw", 812)
    other = only(read(event=events.PROCESS_EXITED, limit="patience"))
    assert isinstance(other, ProcessExit)
    assert other.limit is None


def test_an_exit_that_was_asked_for() -> None:
    gone = only(
        read(event=events.PROCESS_EXITED, role="backend", exit_code=0, oom_kill=0, expected=True, asked_by="pid 1")
    )
    assert isinstance(gone, ProcessExit)
    assert (gone.code, gone.oom_killed, gone.expected, gone.asked_by) == (0, False, True, "pid 1")


def test_a_stop_and_a_start() -> None:
    stop = only(read(event=events.PROCESS_STOPPING, role="backend", signal="SIGTERM", asked_by="operator"))
    start = only(read(event=events.PROCESS_STARTED, role="backend", address="127.0.0.1:8034"))
    assert isinstance(stop, ProcessStop)
    assert isinstance(start, ProcessStart)
    assert (stop.signal, stop.asked_by, stop.pid) == ("SIGTERM", "operator", 42)
    assert (start.address, start.release, start.pid) == ("127.0.0.1:8034", "1.4.0", 42)


def test_preflight_results() -> None:
    check = {"name": "UPLOAD_DIR", "ok": False, "what": "/srv/u", "found": "missing", "remedy": "mkdir /srv/u"}
    result = only(read(event=events.PREFLIGHT_CHECKED, ok=False, when="death", checks=[check, "odd"]))
    assert isinstance(result, PreflightChecked)
    assert result.checks == (Check("UPLOAD_DIR", False, "/srv/u", "missing", "mkdir /srv/u"),)
    assert (result.ok, result.when) == (False, "death")


def test_output_of_a_process_holds_whole_tracebacks_and_dumps() -> None:
    dump = 'Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n  File "a.py", line 3 in draw'
    signals = read(event=events.PROCESS_OUTPUT, role="worker", text=f"noise\n{PLAIN}\n{dump}\n")
    assert signals is not None
    tb, fatal = signals
    assert isinstance(tb, Traceback)
    assert isinstance(fatal, FatalDump)
    assert (tb.at, tb.release, tb.pid, tb.exceptions[0].type) == (AT, "1.4.0", 42, "PermissionError")
    assert (fatal.at, fatal.signal, fatal.pid, fatal.role) == (AT, "SIGSEGV", 42, "worker")
    assert fatal.frames[0].function == "draw"


SILENT: dict[str, str] = {
    "no JSON": "plain text",
    "a list": "[1]",
    "broken": '{"event": ',
    "an event that tells nothing": '{"event": "http.request.finished", "status": 200}',
    "a stage without a name": '{"event": "upload.stage.started"}',
    "an event of another type": '{"event": 7}',
    "output that says nothing": '{"event": "process.output", "text": "hello"}',
    "deep": '{"a":' * 5_000 + "1" + "}" * 5_000,
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_other_lines_are_left_to_others(text: str) -> None:
    assert parse_json_line(lines_of(text)[0]) is None


IMITATIONS: dict[str, dict[str, Any]] = {
    "the kernel, in a path": {
        "event": "http.request.finished",
        "path": "/x\nOut of memory: Killed process 28 (python3)",
    },
    "a traceback, in a name": {
        "event": "upload.stage.finished",
        "name": "Traceback (most recent call last):\nValueError: x",
    },
    "gunicorn, in a message": {"event": "log.recorded", "message": "[CRITICAL] WORKER TIMEOUT (pid:28)"},
}


@pytest.mark.parametrize("fields", IMITATIONS.values(), ids=IMITATIONS)
def test_what_stands_in_a_field_of_our_own_line_is_data(fields: dict[str, Any]) -> None:
    assert read(**fields) == ()


def test_what_a_client_wrote_into_other_peoples_json_is_data() -> None:
    told = {"message": "GET /x", "request": {"user_agent": "Out of memory: Killed process 28 (python3)"}}
    assert parse_json_line(lines_of(json.dumps(told))[0]) is None


DOCKER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "memory ran out": ({"Action": "oom"}, {"kind": "oom_kill", "oom_killed": True}),
    "killed": (
        {"Action": "die", "Actor": {"Attributes": {"exitCode": "137", "name": "web"}}},
        {"kind": "process_exit", "code": 137, "signal": "SIGKILL", "expected": False, "service": "web"},
    ),
    "ended well": (
        {"Action": "die", "Actor": {"Attributes": {"exitCode": "0"}}},
        {"kind": "process_exit", "code": 0, "expected": True},
    ),
    "somebody asked": (
        {"Action": "kill", "Actor": {"Attributes": {"signal": "15"}}},
        {"kind": "process_stop", "signal": "SIGTERM", "asked_by": "docker"},
    ),
    "started": (
        {"Action": "start", "Actor": {"Attributes": {"name": "web"}}},
        {"kind": "process_start", "instance": "web"},
    ),
}


@pytest.mark.parametrize(("fields", "wanted"), DOCKER.values(), ids=DOCKER)
def test_events_of_docker(fields: dict[str, Any], wanted: dict[str, Any]) -> None:
    event = {
        "Type": "container",
        "Actor": {"Attributes": {}},
        "time": 1795517704,
        "timeNano": 1795517704823173751,
    } | fields
    signals = parse_json_line(lines_of(json.dumps(event))[0])
    assert signals is not None
    (signal,) = signals
    assert {name: getattr(signal, name) for name in wanted} == wanted
    assert signal.at == datetime(2026, 11, 24, 10, 55, 4, 823173, tzinfo=UTC)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.sampled_from(
    [
        "ts",
        "event",
        "stage",
        "pid",
        "ok",
        "checks",
        "text",
        "oom_kill",
        "exit_code",
        "exception.type",
        "exception.stacktrace",
        "Type",
        "Actor",
        "Action",
        "State",
        "ExitCode",
        "OOMKilled",
        "timeNano",
    ]
)
EVENTS = st.sampled_from(
    [events.PROCESS_EXITED, events.PROCESS_OUTPUT, events.PREFLIGHT_CHECKED, "a.stage.failed", "container"]
)


@given(st.dictionaries(NAMES, JSON | EVENTS))
def test_fields_of_any_type_never_raise(fields: dict[str, Any]) -> None:
    parse_json_line(lines_of(json.dumps(fields))[0])
