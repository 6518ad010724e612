"""For each cause: evidence that must give it, and look-alikes for which its rule must not win."""

from observability.detector.incidents import CauseCode
from observability.detector.signals import Signal
from tests.unit.observability.detector.crash import access, checked, dump, error, exited, raised, stopping

READING = "reading response header from upstream"
Cases = dict[str, tuple[Signal, ...]]


def _says(type_: str, message: str) -> tuple[Signal, ...]:
    return (raised(type_, message, 0),)


FIRES: dict[CauseCode, Cases] = {
    "missing_env": {
        "a preflight check found it unset": (checked(0, when="start", name="UPLOAD_DIR", found="not set"),),
        "a key that can only be a variable": _says("KeyError", "'LABEL_PRINTER_URL'"),
        "django's words": _says(
            "django.core.exceptions.ImproperlyConfigured", "Set the SECRET_KEY environment variable"
        ),
        "pydantic-settings": _says(
            "pydantic_core._pydantic_core.ValidationError",
            "1 validation error for Settings\nAPI_ID\n  Field required [type=missing, input_value={}, input_type=dict]",
        ),
        "decouple": _says(
            "decouple.UndefinedValueError", "DB_URL not found. Declare it as envvar or define a default value."
        ),
    },
    "permission_denied": {
        "EACCES": _says("PermissionError", "[Errno 13] Permission denied: '/srv/downloads/a.pdf'"),
        "Python 2": _says("IOError", "[Errno 13] Permission denied: '/srv/downloads/a.pdf'"),
        "the shell's exit code 126": (exited(0, signal=None, code=126),),
        "a read-only mount": _says("OSError", "[Errno 30] Read-only file system: '/srv/downloads/a.pdf'"),
        "preflight alone": (
            checked(0, when="start", found="uid 1000 may not write (owner root:root, mode 0755, mounted rw)"),
        ),
    },
    "path_not_found": {
        "systemd finds no such program": (exited(0, signal=None, code=203, detail="code=exited, status=203/EXEC"),),
        "ENOENT": _says("FileNotFoundError", "[Errno 2] No such file or directory: './config/labels.json'"),
        "a missing program": _says("FileNotFoundError", "[Errno 2] No such file or directory: 'wkhtmltopdf'"),
        "the shell's exit code 127": (exited(0, signal=None, code=127),),
        "preflight alone": (checked(0, when="start", found="does not exist (the path ends at /srv)"),),
    },
    "disk_full": {
        "ENOSPC": _says("OSError", "[Errno 28] No space left on device: '/srv/uploads/x'"),
        "quota": _says("OSError", "[Errno 122] Disk quota exceeded"),
        "sqlite": _says("sqlite3.OperationalError", "database or disk is full"),
        "postgres": _says("psycopg2.errors.DiskFull", 'could not extend file "base/1/2": No space left on device'),
        "nginx's own disk": (error("nginx_exhausted", 0, errno=28),),
        "preflight alone": (checked(0, found="3 MiB and 12 inodes free; at least 200 MiB and 100 inodes are needed"),),
    },
    "import_error": {
        "a module": _says("ModuleNotFoundError", "No module named 'labelfonts'"),
        "a shared library": _says(
            "ImportError", "libGL.so.1: cannot open shared object file: No such file or directory"
        ),
        "by ctypes": _says("OSError", "libzint.so.2: cannot open shared object file: No such file or directory"),
        "preflight alone": (
            checked(0, when="start", found="reportlab: ModuleNotFoundError: No module named 'reportlab'"),
        ),
    },
    "db_connection": {
        "postgres refuses": _says(
            "psycopg2.OperationalError", 'connection to server at "db" (::1), port 5432 failed: Connection refused'
        ),
        "redis refuses": _says(
            "redis.exceptions.ConnectionError", "Error 111 connecting to localhost:6379. Connection refused."
        ),
        "mongo": _says("pymongo.errors.ServerSelectionTimeoutError", "localhost:27017: [Errno 111] Connection refused"),
        "the pool is empty": _says(
            "sqlalchemy.exc.TimeoutError", "QueuePool limit of size 5 overflow 10 reached, connection timed out"
        ),
        "login refused": _says(
            "asyncpg.exceptions.InvalidPasswordError", 'password authentication failed for user "labels"'
        ),
        "sqlite's file": _says("sqlite3.OperationalError", "unable to open database file"),
    },
    "out_of_memory": {
        "the cgroup's counter": (exited(0, oom_killed=True),),
        "a worker's own limit": (exited(0, role="worker", signal=None, code=0, limit="memory", stage="draw"),),
        "MemoryError": _says("MemoryError", ""),
        "ENOMEM": _says("OSError", "[Errno 12] Cannot allocate memory"),
        "numpy": _says("numpy.core._exceptions._ArrayMemoryError", "Unable to allocate 7.45 GiB for an array"),
        "gunicorn's guess without a time-out": (
            exited(0, oom_killed=None, detail="was sent SIGKILL! Perhaps out of memory?"),
        ),
    },
    "segfault": {
        "a program that was started": _says(
            "subprocess.CalledProcessError", "Command '['gs', '-q']' died with <Signals.SIGSEGV: 11>."
        ),
        "systemd kept a core": (exited(0, signal=None, code=None, detail="Process 7 (python3) of user 9 dumped core"),),
        "faulthandler and exit": (dump(0), exited(0.02, signal="SIGSEGV")),
        "139 alone": (exited(0, signal=None, code=139),),
        "glibc's heap check": (dump(0, signal="SIGABRT", reason="double free or corruption (!prev)"),),
        "SIGBUS": (exited(0, signal="SIGBUS"),),
    },
    "killed": {
        "SIGKILL": (exited(0, oom_killed=None),),
        "a signal that no fault of its own raises": (exited(0, signal="SIGUSR1"),),
        "a worker's limit of processor time": (exited(0, role="worker", signal="SIGXCPU", limit="cpu"),),
        "a worker's limit of time on the clock": (exited(0, role="worker", limit="wall", asked_by="timeout"),),
        "137": (exited(0, signal=None, code=137, oom_killed=None),),
        "uvicorn ends what does not answer it, and says only that it died": (
            exited(0, signal=None, code=None, detail="Child process [8] died"),
        ),
        "uwsgi's harakiri": (exited(0, signal=None, code=None, detail="HARAKIRI ON WORKER 1 (pid: 108"),),
        "celery's hard limit": (exited(0, signal=None, code=None, detail="Hard time limit (300s) exceeded for a.b"),),
        "gunicorn's time-out": (exited(0, signal=None, code=1, detail="WORKER TIMEOUT"),),
        "time-out first, then the guess": (
            exited(0, signal=None, code=None, detail="WORKER TIMEOUT"),
            exited(1, oom_killed=None, detail="was sent SIGKILL! Perhaps out of memory?"),
        ),
        "a child program": _says("subprocess.CalledProcessError", "Command '['zint']' died with <Signals.SIGKILL: 9>."),
    },
    "bad_input": {
        "no workbook": _says("zipfile.BadZipFile", "File is not a zip file"),
        "an illegal character": _says(
            "openpyxl.utils.exceptions.IllegalCharacterError", "x cannot be used in worksheets."
        ),
        "a constraint": _says(
            "sqlalchemy.exc.IntegrityError", "(sqlite3.IntegrityError) FOREIGN KEY constraint failed"
        ),
        "a date": _says("ValueError", "Invalid isoformat string: '20/07/2025'"),
    },
    "dependency_timeout": {
        "requests": _says("requests.exceptions.ReadTimeout", "HTTPConnectionPool(host='x', port=80): Read timed out."),
        "bare": _says("TimeoutError", ""),
        "asyncio": _says("asyncio.exceptions.TimeoutError", ""),
    },
    "network": {
        "a name": _says("socket.gaierror", "[Errno -3] Temporary failure in name resolution"),
        "refused": _says("ConnectionRefusedError", "[Errno 111] Connection refused"),
        "aiohttp": _says("aiohttp.client_exceptions.ServerDisconnectedError", "Server disconnected"),
    },
    "programming_error": {
        "a type": _says("TypeError", "'NoneType' object is not callable"),
        "a key of request data": _says("KeyError", "'list'"),
        "a type of one's own": _says("app.errors.LabelPrinterOnFire", "row 17"),
        "a template": _says("jinja2.exceptions.UndefinedError", "'r' is undefined"),
    },
    "asyncio_cancel": {
        "cancelled": _says("asyncio.exceptions.CancelledError", ""),
    },
    "config_error": {
        "systemd finds no such user": (exited(0, signal=None, code=217, detail="code=exited, status=217/USER"),),
        "the port is taken": _says("OSError", "[Errno 98] Address already in use"),
        "a wrong value": _says(
            "pydantic_core.ValidationError", "1 validation error for Settings\nX\n  Input should be a valid boolean"
        ),
        "preflight alone": (
            checked(0, when="start", name="BACKEND_ADDR", found="port 8034 is taken by pid 7 (nginx)"),
        ),
        "preflight found a value that can't be used": (
            checked(0, when="start", name="settings", found="WORKERS is not a whole number"),
        ),
    },
    "slow_upstream": {
        "nginx gave up": (error("upstream_timeout", 0, phase=READING), access(504, 0)),
    },
    "deploy": {
        "a stop, and refused connections": (stopping(0), error("upstream_refused", 0.2)),
        "a table that is not there": _says("psycopg2.errors.UndefinedTable", 'relation "topic" does not exist'),
        "sqlite's words": _says("sqlite3.OperationalError", "no such table: jobs"),
    },
    "other": {
        "an nginx line alone": (error("upstream_closed_early", 0),),
        "an exit code without a reason": (exited(0, signal=None, code=3),),
        "somebody pressed Ctrl-C": _says("KeyboardInterrupt", ""),
        "a remote 4xx": _says("requests.exceptions.HTTPError", "400 Client Error: Bad Request for url: https://x/"),
    },
}

SILENT: dict[CauseCode, Cases] = {
    "missing_env": {
        "a key of request data": _says("KeyError", "'list'"),
        "a variable that is there but wrong": _says(
            "pydantic_core.ValidationError", "1 validation error for Settings\nX\n  Input should be a valid boolean"
        ),
        "a model of request data": _says(
            "pydantic_core.ValidationError", "1 validation error for Upload\nname\n  Field required [type=missing]"
        ),
    },
    "permission_denied": {
        "the path itself is missing": _says("FileNotFoundError", "[Errno 2] No such file or directory: '/srv/denied'"),
        "a check that passed": (checked(0),),
    },
    "path_not_found": {
        "a missing library": _says(
            "ImportError", "libGL.so.1: cannot open shared object file: No such file or directory"
        ),
        "a missing table": _says("psycopg2.errors.UndefinedTable", 'relation "topic" does not exist'),
    },
    "disk_full": {
        "another errno of the same family": _says("OSError", "[Errno 27] File too large"),
        "a directory that may not be written": (
            checked(0, found="uid 1000 may not write (owner root:root, mode 0755)"),
        ),
    },
    "import_error": {
        "a missing file": _says("FileNotFoundError", "[Errno 2] No such file or directory: '/srv/module.json'")
    },
    "db_connection": {
        "another service refuses": _says("ConnectionRefusedError", "[Errno 111] Connection refused"),
        "a full disk": _says("sqlite3.OperationalError", "database or disk is full"),
        "a missing table": _says("sqlite3.OperationalError", "no such table: jobs"),
    },
    "out_of_memory": {
        "SIGKILL with the counter at rest": (exited(0, oom_killed=False),),
        "gunicorn's guess after a requested stop": (
            stopping(0),
            exited(1, oom_killed=None, detail="Perhaps out of memory?"),
        ),
    },
    "segfault": {
        "gunicorn aborts a worker that is late": (
            dump(0, signal="SIGABRT", reason="Aborted"),
            exited(1, signal="SIGABRT", detail="WORKER TIMEOUT"),
        ),
        "C++ ran out of memory": (dump(0, signal="SIGABRT", reason="std::bad_alloc"),),
    },
    "killed": {
        "the kernel killed for memory": (exited(0, oom_killed=True),),
        "a worker's limit of memory": (exited(0, role="worker", signal=None, code=0, limit="memory"),),
        "a stop": (exited(0, expected=True), error("upstream_refused", 0)),
    },
    "bad_input": {"KeyError on request data": _says("KeyError", "'body'")},
    "dependency_timeout": {
        "the database timed out": _says("redis.exceptions.TimeoutError", "Timeout reading from socket")
    },
    "network": {
        "a database refuses": _says(
            "redis.exceptions.ConnectionError", "Error 111 connecting to localhost:6379. Connection refused."
        )
    },
    "programming_error": {
        "Ctrl-C": _says("KeyboardInterrupt", ""),
        "a wrong file": _says("zipfile.BadZipFile", "File is not a zip file"),
    },
    "asyncio_cancel": {"it became a time-out": _says("asyncio.exceptions.TimeoutError", "")},
    "config_error": {"a variable that is absent": (checked(0, when="start", name="UPLOAD_DIR", found="not set"),)},
    "slow_upstream": {
        "connect() timed out": (error("upstream_timeout", 0, phase="connecting to upstream"),),
        "the backend died": (error("upstream_closed_early", 0, phase=READING),),
    },
    "deploy": {
        "refused, and nobody had asked for a stop": (error("upstream_refused", 0),),
        "a crash": (exited(0), error("upstream_refused", 0)),
    },
    "other": {"a kill": (exited(0, oom_killed=None),)},
}
