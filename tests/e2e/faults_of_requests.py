"""The fault matrix: what goes wrong in one request while the backend lives on."""

from tests.e2e.fault_actions import fail_third_of_four_on_one_connection, failing, freeze
from tests.e2e.fault_case import Expected, Fault, Surroundings

_SEEN = "access stage_mark"
_RAISED = f"traceback {_SEEN}"

REQUESTS: dict[str, Fault] = {
    "an exception that no handler caught": Fault(failing("bug"), Expected("programming_error", 0.5, _RAISED), 500),
    "an exception with a cause": Fault(failing("chain_of_errors"), Expected("programming_error", 0.6, _RAISED), 500),
    "a group of exceptions": Fault(failing("group_of_errors"), Expected("programming_error", 0.4, _RAISED), 500),
    "a recursion without end": Fault(failing("recurse"), Expected("programming_error", 0.7, _RAISED), 500),
    "a file that is not there": Fault(
        failing("read_a_missing_file"), Expected("path_not_found", 0.8, _RAISED, says="/srv/barwatch/fonts"), 500
    ),
    "a module that is not there": Fault(
        failing("import_a_missing_module"), Expected("import_error", 0.9, _RAISED, says="labelfonts_of_nobody"), 500
    ),
    "a variable that is not set": Fault(
        failing("use_a_missing_variable"), Expected("missing_env", 0.8, _RAISED, says="LABEL_PRINTER_URL"), 500
    ),
    "a database that refuses": Fault(
        failing("connect_to_a_dead_database"), Expected("db_connection", 0.9, _RAISED), 500
    ),
    "a database that can only be read": Fault(
        failing("write_to_a_database_that_is_read_only"), Expected("db_connection", 0.9, _RAISED), 500
    ),
    "a database in a directory that is not there": Fault(
        failing("open_a_database_in_a_missing_directory"), Expected("db_connection", 0.8, _RAISED), 500
    ),
    "a service that refuses": Fault(failing("ask_a_service_that_refuses"), Expected("network", 0.7, _RAISED), 500),
    "a service that does not answer in time": Fault(
        failing("wait_for_a_service_too_long"), Expected("dependency_timeout", 0.7, _RAISED), 500
    ),
    "memory that the process does not get": Fault(
        failing("take_more_memory_than_there_is"), Expected("out_of_memory", 0.9, _RAISED), 500
    ),
    "a device that is full": Fault(failing("fill_the_disk"), Expected("disk_full", 0.9, _RAISED), 500),
    "a worker of a process pool that died": Fault(
        failing("lose_a_worker"), Expected("killed", 0.7, _RAISED), 500, Surroundings(read_timeout_s=20)
    ),
    "a task that was cancelled by a bug": Fault(
        failing("await_a_cancelled_task"), Expected("asyncio_cancel", 0.7, _RAISED), 500
    ),
    "a hang until nginx gives up": Fault(
        failing("hang"), Expected("slow_upstream", 0.8, f"upstream_timeout {_SEEN}"), 504
    ),
    "a process that was stopped": Fault(
        freeze, Expected("slow_upstream", 0.8, f"upstream_timeout {_SEEN}", stage="publish"), 504
    ),
    "a header larger than nginx takes": Fault(
        failing("answer_with_a_header_too_big"),
        Expected("other", 0.2, f"upstream_too_big_header {_SEEN}", candidate="config_error"),
        502,
    ),
    "a header that is none": Fault(
        failing("answer_with_a_broken_header"),
        Expected("other", 0.2, f"upstream_invalid_header {_SEEN}", candidate="programming_error"),
        502,
    ),
    "a connection that is dropped while the process lives on": Fault(
        failing("drop_the_connection"), Expected("other", 0.1, f"upstream_reset|upstream_closed_early {_SEEN}"), 502
    ),
    "the third of four requests on one connection": Fault(
        fail_third_of_four_on_one_connection,
        Expected("other", 0.2, f"upstream_invalid_header {_SEEN}", candidate="programming_error"),
        502,
    ),
}
