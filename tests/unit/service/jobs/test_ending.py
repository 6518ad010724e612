"""How a child ended: what is raised for its job, and what the log says of it."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from service.jobs.ending import Ending, Exit, log_ending, result_of
from service.jobs.exceptions import TaskFailed, WorkerDied, WorkerError, WorkerOutOfMemory, WorkerTimedOut
from service.jobs.limits import ChildLimits


def ending(code: int = 0, **more: Any) -> Ending:
    known: dict[str, Any] = {"reply": None, "rows_done": None, "asked_by": None, "oom_kills": 0} | more
    return Ending("draw", 77, Exit(code, 9 << 20), ChildLimits(), uptime_s=1.23456, **known)


def error(type_: str) -> dict[str, Any]:
    return {"error": {"type": type_, "message": "", "stack": ""}}


ENDINGS: dict[str, tuple[Ending, type[WorkerError] | None, dict[str, Any]]] = {
    "well": (ending(reply={"result": {}}), None, {}),
    "the task raised": (ending(reply=error("KeyError")), TaskFailed, {}),
    "left without a word": (ending(7), WorkerDied, {"exit_code": 7}),
    "left well without a word": (ending(0), WorkerDied, {}),
    "native code": (ending(-11, rows_done=812), WorkerDied, {"signal": "SIGSEGV", "rows_done": 812}),
    "killed, memory was short": (ending(-9, oom_kills=1), WorkerDied, {"signal": "SIGKILL", "oom_kill": 1}),
    "killed, memory was not": (ending(-9), WorkerDied, {"signal": "SIGKILL", "oom_kill": 0}),
    "killed where nobody counts": (ending(-9, oom_kills=None), WorkerDied, {"signal": "SIGKILL"}),
    "native code, while another child was killed for memory": (ending(-11, oom_kills=1), WorkerDied, {"signal": "SIGSEGV"}),
    "its limit of memory": (ending(reply=error("MemoryError")), WorkerOutOfMemory, {"exit_code": 0, "limit": "memory"}),
    "its limit of processor time": (ending(-24), WorkerTimedOut, {"signal": "SIGXCPU", "limit": "cpu"}),
    "its limit of time on the clock": (
        ending(-9, asked_by="timeout", rows_done=3),
        WorkerTimedOut,
        {"signal": "SIGKILL", "limit": "wall", "asked_by": "timeout", "rows_done": 3},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("ended", "raised", "said"), ENDINGS.values(), ids=ENDINGS)
def test_an_end_that_is_no_normal_one_is_told(
    ended: Ending, raised: type[WorkerError] | None, said: dict[str, Any]
) -> None:
    with capture_logs() as logged:
        log_ending(ended)
    common = {"event": "process.exited", "log_level": "error", "role": "worker", "pid": 77, "task": "draw"}
    more = {"max_rss_bytes": 9 << 20, "uptime_s": 1.235, "expected": False}
    assert logged == ([common | more | said] if said else [])
    if raised is None:
        assert result_of(ended) == {}
        return
    with pytest.raises(raised):
        result_of(ended)


def test_one_that_was_cancelled_is_no_news() -> None:
    with capture_logs() as logged:
        log_ending(ending(-9, asked_by="cancelled"))
    (line,) = logged
    assert (line["log_level"], line["expected"], line["asked_by"]) == ("info", True, "cancelled")
    assert "oom_kill" not in line
