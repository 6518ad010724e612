"""The fault matrix: what is wrong around the backend: addresses, directories, disks, settings, code."""

from tests.e2e.fault_actions import failing, fill_the_logs_and_leave, nothing, well
from tests.e2e.fault_case import Expected, Fault, Surroundings
from tests.e2e.fault_surroundings import (
    PRODUCT,
    WITH_CHECKS,
    broken_program,
    closed_downloads,
    full_downloads,
    powerless,
    small_logs,
    taken_port,
)

_ONCE = ("--max-quick-deaths", "1")  # each further start would be an occurrence

SURROUNDINGS: dict[str, Fault] = {
    "nginx looks at the wrong port": Fault(
        well,
        Expected("other", 0.2, "upstream_refused access", stage=None, candidate="config_error"),
        502,
        Surroundings(upstream="127.0.0.1:1"),
    ),
    "nginx has no way to the upstream": Fault(
        well,
        Expected("other", 0.2, "upstream_unreachable access", stage=None, candidate="network"),
        502,
        Surroundings(upstream="127.255.255.255:8034"),  # to TCP a broadcast address is unreachable: tcp_v4_connect
    ),
    "DOWNLOAD_DIR can't be written": Fault(
        failing("write_to_downloads", "publish"),
        Expected("permission_denied", 0.85, "access traceback stage_mark", stage="publish", says="/downloads"),
        500,
        Surroundings(powerless(), WITH_CHECKS, around=closed_downloads),
    ),
    "the disk under DOWNLOAD_DIR is full": Fault(
        failing("fill_the_downloads", "publish"),
        Expected("disk_full", 0.9, "access traceback stage_mark", stage="publish"),
        500,
        Surroundings(around=full_downloads),
    ),
    "the disk under LOGS_DIR is full": Fault(
        fill_the_logs_and_leave,
        Expected("disk_full", 0.8, "preflight process_exit stage_mark process_exit|access|upstream_closed_early"),
        502,
        Surroundings(options=WITH_CHECKS, around=small_logs),
    ),
    "a directory that is not set": Fault(
        nothing,
        Expected(
            "missing_env", 0.9, "preflight process_exit", stage=None, route=None, suspect=False, says="UPLOAD_DIR"
        ),
        surroundings=Surroundings(PRODUCT, (*WITH_CHECKS, *_ONCE), wait_for_backend=False, env={"UPLOAD_DIR": ""}),
    ),
    "a directory that is not there": Fault(
        nothing,
        Expected(
            "path_not_found", 0.9, "preflight process_exit", stage=None, route=None, suspect=False, says="/nowhere"
        ),
        surroundings=Surroundings(
            PRODUCT, (*WITH_CHECKS, *_ONCE), wait_for_backend=False, env={"DOWNLOAD_DIR": "/proc/nowhere"}
        ),
    ),
    "a setting that is no number": Fault(
        nothing,
        Expected("config_error", 0.8, "preflight process_exit", stage=None, route=None, suspect=False, says="WORKERS"),
        surroundings=Surroundings(PRODUCT, (*WITH_CHECKS, *_ONCE), wait_for_backend=False, env={"WORKERS": "many"}),
    ),
    "a database server that can't be reached": Fault(
        nothing,
        Expected("db_connection", 0.9, "preflight process_exit", stage=None, route=None, suspect=False),
        surroundings=Surroundings(
            PRODUCT,
            (*WITH_CHECKS, *_ONCE),
            wait_for_backend=False,
            env={"DATABASE_URL": "postgresql://labels@127.0.0.1:1/labels"},
        ),
    ),
    "a database file that can't be made": Fault(
        nothing,
        Expected("db_connection", 0.9, "preflight process_exit", stage=None, route=None, suspect=False, says="/proc/"),
        surroundings=Surroundings(
            PRODUCT,
            (*WITH_CHECKS, *_ONCE),
            wait_for_backend=False,
            env={"DATABASE_URL": "sqlite:////proc/barwatch/jobs.sqlite"},
        ),
    ),
    "a module that is missing at start": Fault(
        nothing,
        Expected(
            "import_error",
            0.9,
            "traceback process_exit",
            stage=None,
            route=None,
            suspect=False,
            says="labelfonts_of_nobody",
        ),
        surroundings=Surroundings(broken_program("import labelfonts_of_nobody"), _ONCE, wait_for_backend=False),
    ),
    "a variable that is missing at start": Fault(
        nothing,
        Expected("missing_env", 0.8, "traceback process_exit", stage=None, route=None, suspect=False, says="LABEL_KEY"),
        surroundings=Surroundings(broken_program("import os; os.environ['LABEL_KEY']"), _ONCE, wait_for_backend=False),
    ),
    "a program that can't be parsed": Fault(
        nothing,
        Expected("programming_error", 0.7, "traceback process_exit", stage=None, route=None, suspect=False),
        surroundings=Surroundings(broken_program("def upload(:"), _ONCE, wait_for_backend=False),
    ),
    "a port that is taken": Fault(
        nothing,
        Expected("config_error", 0.9, "traceback process_exit", stage=None, route=None, suspect=False),
        surroundings=Surroundings(options=_ONCE, wait_for_backend=False, around=taken_port),
    ),
}
