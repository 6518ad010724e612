"""What explain shows of each type of signal: only what was said, as JSON."""

import json
from typing import get_args

import pytest

from observability.detector.parse import fields_of
from observability.detector.signals import (
    Access,
    Alert,
    Check,
    FatalDump,
    Ids,
    PreflightChecked,
    ProcessExit,
    ProcessStart,
    ProcessStop,
    Signal,
    StageMark,
    Traceback,
    UpstreamError,
)
from observability.fingerprint import ChainedException, Frame
from observability.ids import RequestId
from tests.unit.observability.detector.parse.nginx_lines import ORIGIN, READ_AT

INNER = Frame("/app/app.py", 7, "publish")
CHAIN = (
    ChainedException("ValueError", "x", (Frame("/app/main.py", 1, "main"), INNER)),
    ChainedException("KeyError", "'a'", None),
)
IDS = Ids(request_id=RequestId("4f1c"))
SAID: dict[str, tuple[Signal, dict[str, object]]] = {
    "nginx": (
        UpstreamError(kind="upstream_reset", at=READ_AT, origin=ORIGIN, written="2025/11/07 19:00:19", pid=28, tid=0, errno=104),
        {"time": "2025/11/07 19:00:19", "pid": 28, "tid": 0, "errno": 104},
    ),
    "a worker of nginx": (
        UpstreamError(kind="nginx_worker_exit", at=None, origin=ORIGIN, exit_signal=11),
        {"signal": "SIGSEGV"},
    ),
    "access": (
        Access(at=READ_AT, origin=ORIGIN, ids=IDS, status=502, request_time=0.0, upstream_status="502"),
        {"status": 502, "request_time": 0.0, "upstream_status": "502", "request_id": "4f1c"},
    ),
    "a traceback counts its frames, null where they are mixed up beyond repair": (
        Traceback(at=None, origin=ORIGIN, exceptions=CHAIN, stage="publish"),
        {
            "exceptions": [
                {
                    "type": "ValueError",
                    "message": "x",
                    "frames": 2,
                    "innermost": {"file": "/app/app.py", "line": 7, "function": "publish"},
                },
                {"type": "KeyError", "message": "'a'", "frames": None, "innermost": None},
            ],
            "stage": "publish",
        },
    ),
    "a dump's innermost frame comes first": (
        FatalDump(at=None, origin=ORIGIN, reason="Segmentation fault", signal="SIGSEGV", frames=(INNER,)),
        {
            "reason": "Segmentation fault",
            "signal": "SIGSEGV",
            "frames": 1,
            "innermost": {"file": "/app/app.py", "line": 7, "function": "publish"},
        },
    ),
    "an exit": (
        ProcessExit(kind="process_exit", at=None, origin=ORIGIN, pid=1, role="backend", code=137, signal="SIGKILL"),
        {"pid": 1, "role": "backend", "code": 137, "signal": "SIGKILL", "expected": False},
    ),
    "a stop": (
        ProcessStop(at=None, origin=ORIGIN, signal="SIGTERM", asked_by="docker"),
        {"signal": "SIGTERM", "asked_by": "docker"},
    ),
    "a start": (ProcessStart(at=None, origin=ORIGIN, pid=2, address="127.0.0.1:8034"), {"pid": 2, "address": "127.0.0.1:8034"}),
    "a stage": (
        StageMark(at=None, origin=ORIGIN, domain="upload", stage="draw", edge="interrupted", rows_done=3, moved_at=READ_AT),
        {"domain": "upload", "stage": "draw", "edge": "interrupted", "rows_done": 3, "moved_at": "2026-11-07T19:00:20+00:00"},
    ),
    "checks": (
        PreflightChecked(at=None, origin=ORIGIN, when="death", ok=False, checks=(Check("port", False, "8034", "in use", "kill"),)),
        {
            "when": "death",
            "ok": False,
            "checks": [{"name": "port", "ok": False, "what": "8034", "found": "in use", "remedy": "kill"}],
        },
    ),
    "an alert": (
        Alert(at=None, origin=ORIGIN, name="HighLatency", fields={"since": READ_AT}),
        {"name": "HighLatency", "since": "2026-11-07T19:00:20+00:00"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("signal", "fields"), SAID.values(), ids=SAID)
def test_fields(signal: Signal, fields: dict[str, object]) -> None:
    assert fields_of(signal) == fields
    assert json.loads(json.dumps(fields)) == fields


def test_every_type_of_signal_has_fields() -> None:
    assert {type(signal) for signal, _ in SAID.values()} == set(get_args(Signal))
