"""Names of log events and fields: the contract between those who log and those who parse (DESIGN section 5)."""

from typing import Final, Literal

# -- processes (supervisor and worker pool) ------------------------------------------------------------------------
PROCESS_STARTED: Final = "process.started"  # role, pid, instance, address
PROCESS_STOPPING: Final = "process.stopping"  # role, pid, signal, asked_by ("supervisor", "operator", "pid 123 uid 0")
PROCESS_EXITED: Final = (
    "process.exited"  # role, pid, exit_code | signal, oom_kill, max_rss_bytes, uptime_s, expected, address
    # of a worker also task, limit ("memory" | "cpu" | "wall": which of its limits ended it), stage, rows_done
)
PROCESS_OUTPUT: Final = "process.output"  # text: a stderr line of the child that was not JSON
PROCESS_GAVE_UP: Final = "process.gave_up"  # role, restarts
PREFLIGHT_CHECKED: Final = (
    "preflight.checked"  # ok, when ("start" | "death" | "ready" | "failure"), checks: [{name, ok, what, found, remedy}]
)

# -- requests and pipelines ----------------------------------------------------------------------------------------
REQUEST_FINISHED: Final = "http.request.finished"  # method, route, path, status, duration_s
REQUEST_FAILED: Final = "http.request.failed"  # the same and exception.*: an exception that no handler caught (500)
STAGE_STARTED: Final = "stage.started"  # with the domain in front: "upload.stage.started"
STAGE_FINISHED: Final = "stage.finished"  # duration_s and what the stage set
STAGE_FAILED: Final = "stage.failed"  # duration_s, exception.*
STAGE_INTERRUPTED: Final = (
    "stage.interrupted"  # read from the stage journal after a death: rows_done, rss_bytes, moved_at
)
LOG_RECORDED: Final = "log.recorded"  # logger, message: a line of a library's own
JOB_FAILED: Final = "job.failed"  # exception.*: something failed between the stages of a job
JOB_INTERRUPTED: Final = "job.interrupted"  # with the domain in front: attempts
SELFTEST_MARK: Final = "selftest"  # field, true on every line of a synthetic crash

# -- fields --------------------------------------------------------------------------------------------------------
TS: Final = "ts"
LEVEL: Final = "level"
EVENT: Final = "event"
REQUEST_ID: Final = "request_id"
TRACE_ID: Final = "trace_id"
SPAN_ID: Final = "span_id"
JOB_ID: Final = "job_id"
STAGE: Final = "stage"
ROUTE: Final = "route"
EXCEPTION_TYPE: Final = "exception.type"
EXCEPTION_MESSAGE: Final = "exception.message"
EXCEPTION_STACKTRACE: Final = "exception.stacktrace"
FINGERPRINT: Final = "fingerprint"
SENTRY_EVENT_ID: Final = "sentry_event_id"

Role = Literal["backend", "worker", "supervisor", "detector", "nginx"]
REQUEST_ID_HEADER: Final = "X-Request-ID"
