"""The fault matrix: what ends the backend's process while an upload is under way."""

import signal

from tests.e2e.fault_actions import (
    failing,
    kill_after_the_headers,
    kill_in_the_middle_of_a_body,
    kill_the_supervisor,
    kill_with_five_in_flight,
    killing,
)
from tests.e2e.fault_case import Expected, Fault, Surroundings
from tests.e2e.fault_surroundings import small_memory
from tests.e2e.faulty_backend import STAGES

_SILENT = "upstream_closed_early access process_exit stage_mark"
_DUMPED = f"{_SILENT} fatal_dump"

_BY_STAGE: dict[str, Fault] = {
    f"SIGKILL in stage {stage}": Fault(
        killing(signal.SIGKILL, stage), Expected("killed", 0.85, _SILENT, stage=stage), 502
    )
    for stage in STAGES
}
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
_BY_SIGNAL: dict[str, Fault] = {
    f"{number.name}, of which faulthandler writes a dump": Fault(
        killing(number), Expected("segfault", 0.85, _DUMPED), 502
    )
    for number in _CRASHES
} | {
    f"{number.name}, which leaves nothing": Fault(killing(number), Expected("killed", 0.7, _SILENT), 502)
    for number in (signal.SIGXCPU, signal.SIGUSR1)
}

PROCESSES: dict[str, Fault] = {
    **_BY_STAGE,
    **_BY_SIGNAL,
    "os._exit, which leaves nothing in the log": Fault(failing("leave"), Expected("other", 0.2, _SILENT), 502),
    "a segmentation fault of its own": Fault(failing("segfault"), Expected("segfault", 0.9, _DUMPED), 502),
    "an abort in native code": Fault(failing("abort"), Expected("segfault", 0.85, _DUMPED), 502),
    "SIGKILL with five requests in flight": Fault(
        kill_with_five_in_flight, Expected("killed", 0.85, _SILENT, stage="publish"), 502
    ),
    "SIGKILL after the headers were sent": Fault(
        kill_after_the_headers,
        Expected("killed", 0.85, _SILENT, stage="publish", route="GET /api/jobs/{id}/labels.pdf"),
        200,
    ),
    "SIGKILL in the middle of a large body": Fault(
        kill_in_the_middle_of_a_body,
        Expected("killed", 0.85, "upstream_reset|upstream_closed_early|other_upstream access process_exit", stage=None),
        502,
    ),
    "SIGKILL of the supervisor, which takes the backend along": Fault(
        kill_the_supervisor, Expected("other", 0.3, _SILENT), 502, Surroundings(read_timeout_s=10)
    ),
    "the kernel that kills for want of memory": Fault(
        failing("eat_memory"),
        Expected("out_of_memory", 0.95, _SILENT),
        502,
        Surroundings(around=small_memory),
    ),
}
