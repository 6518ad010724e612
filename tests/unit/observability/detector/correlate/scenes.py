"""What may happen to a backend, as signals: each scene with the incidents that must stand in the end."""

from dataclasses import dataclass

from observability.detector.incidents import CauseCode, Severity
from observability.detector.signals import Signal
from tests.unit.observability.detector.crash import (
    access,
    checked,
    dump,
    error,
    exited,
    ids,
    mark,
    raised,
    started,
    stopping,
)

READING = "reading response header from upstream"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One incident of a scene."""

    cause: CauseCode
    stage: str | None = None
    severity: Severity = "page"
    occurrences: int = 1
    requests: tuple[str, ...] = ()
    suspect: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    signals: tuple[Signal, ...]
    wanted: tuple[Wanted, ...]


def _kill(at: float = 0.0, *, pid: int = 77, cid: int = 9, request: str = "r1") -> tuple[Signal, ...]:
    return (
        error("upstream_closed_early", at, cid=cid),
        access(502, at + 0.004, cid=cid, request=request, upstream_status="502"),
        mark("draw", at + 0.019, request=request, edge="interrupted", moved=at - 0.1, pid=pid),
        exited(at + 0.02, pid=pid),
        checked(at + 0.1),
    )


def _five() -> tuple[Signal, ...]:
    victims: list[Signal] = []
    for n in range(5):
        victims.append(error("upstream_closed_early", 0.1 + n / 1000, cid=n))
        victims.append(access(502, 0.1 + n / 1000, cid=n, request=f"r{n}", upstream_status="502"))
        victims.append(mark(("read", "draw")[n % 2], 0.15, request=f"r{n}", edge="interrupted", moved=-n / 10))
    more = (error("upstream_refused", 0.3, cid=99), access(502, 0.3, cid=99, request="r5", upstream_status="502"))
    return (started(-60, pid=77), *victims, exited(0.2), *more, started(1.3, pid=78))


SCENES: dict[str, Scene] = {
    "a kill in the middle of an upload": Scene(
        (started(-60, pid=77), *_kill()), (Wanted("killed", "draw", requests=("r1",), suspect="r1"),)
    ),
    "one kill with five requests in flight: six error lines, one incident, and the suspect moved last": Scene(
        _five(), (Wanted("killed", "read", requests=("r0", "r1", "r2", "r3", "r4", "r5"), suspect="r0"),)
    ),
    "a kill that nothing but nginx and the supervisor saw, its stage known from the marks before": Scene(
        (started(-60, pid=77), mark("draw", -3, request="r1"), *(_kill()[i] for i in (0, 1, 3))),
        (Wanted("killed", "draw", requests=("r1",), suspect="r1"),),
    ),
    "a kill after other answers to the same request line on the same connection, within the second of the error line": Scene(
        (
            started(-60, pid=77),
            access(415, 0.3, request="r-wrong", upstream_status="415"),
            access(200, 0.5, request="r-good", upstream_status="200"),
            error("upstream_closed_early", 0.95, phase=READING),
            *_kill(0.95)[1:],
        ),
        (Wanted("killed", "draw", requests=("r1",), suspect="r1"),),
    ),
    "an out-of-memory kill by the cgroup's counter": Scene(
        (started(-60, pid=77), error("upstream_reset", 0), exited(0.02, oom_killed=True)), (Wanted("out_of_memory"),)
    ),
    "a segfault with the dump of faulthandler": Scene(
        (started(-60, pid=77), error("upstream_closed_early", 0), dump(0.001), exited(0.02, signal="SIGSEGV")),
        (Wanted("segfault"),),
    ),
    "os._exit: an exit code and no word": Scene(
        (started(-60, pid=77), error("upstream_closed_early", 0), exited(0.02, signal=None, code=3)), (Wanted("other"),)
    ),
    "an exception in a handler is one incident with its 500": Scene(
        (raised("TypeError", "bad", 0, request="r1", stage="draw"), access(500, 0.01, request="r1")),
        (Wanted("programming_error", "draw", requests=("r1",), suspect="r1"),),
    ),
    "the exception is logged by the stage and by the middleware: still one": Scene(
        (
            raised(
                "PermissionError",
                "[Errno 13] Permission denied: '/srv/downloads/a.pdf'",
                0,
                request="r1",
                stage="publish",
            ),
            raised("PermissionError", "[Errno 13] Permission denied: '/srv/downloads/a.pdf'", 0.001, request="r1"),
            access(500, 0.01, request="r1"),
        ),
        (Wanted("permission_denied", "publish", requests=("r1",), suspect="r1"),),
    ),
    "an exception after the headers went out: the status stays 200, nginx says closed": Scene(
        (
            raised("TypeError", "bad", 0, request="r1"),
            error("upstream_closed_early", 0.001, phase="reading upstream"),
            access(200, 0.002, request="r1"),
        ),
        (Wanted("programming_error", requests=("r1",), suspect="r1"),),
    ),
    "a hang: nginx gives up and answers 504": Scene(
        (
            mark("draw", -5, request="r1"),
            error("upstream_timeout", 0, phase=READING),
            access(504, 0.001, request="r1", upstream_status="504"),
        ),
        (Wanted("slow_upstream", "draw", requests=("r1",), suspect="r1"),),
    ),
    "the same request over one connection again and again, and one of them meets a death": Scene(
        (
            access(200, 0.05, cid=2, request="r1", upstream_status="200"),
            access(200, 0.30, cid=2, request="r2", upstream_status="200"),
            exited(0.50),
            access(502, 0.62, cid=2, request="r3", upstream_status="502"),
            error("upstream_refused", 0, cid=2),
            access(502, 0.70, cid=2, request="r4", upstream_status="502"),
            error("upstream_refused", 0, cid=2),
            access(200, 1.80, cid=2, request="r5", upstream_status="200"),
        ),
        (Wanted("killed", requests=("r3", "r4")),),
    ),
    "a deploy refuses connections and is no crash": Scene(
        (
            stopping(0.0),
            exited(0.1, expected=True, signal="SIGTERM"),
            *(
                s
                for n in range(4)
                for s in (error("upstream_refused", 0.2 + n / 9, cid=n), access(502, 0.2 + n / 9, cid=n))
            ),
            started(1.0),
        ),
        (),
    ),
    "a new process that was started listens seconds later, when its libraries are loaded": Scene(
        (
            stopping(0.0),
            exited(0.1, expected=True, signal="SIGTERM"),
            started(0.6),
            *(s for n in range(4) for s in (error("upstream_refused", n + 1, cid=n), access(502, n + 1, cid=n))),
        ),
        (),
    ),
    "a new process that cuts off a request is no deploy any more": Scene(
        (
            stopping(0.0),
            exited(0.1, expected=True, signal="SIGTERM"),
            started(0.6),
            error("upstream_closed_early", 6),
            access(502, 6.01, request="r1"),
        ),
        (Wanted("other", requests=("r1",), suspect="r1"),),
    ),
    "a deploy cuts off a request that did not end in time": Scene(
        (stopping(0.0), error("upstream_closed_early", 3), exited(3.1, expected=True, signal="SIGKILL"), started(4)), ()
    ),
    "a backend that was stopped past its supervisor leaves with 0: no crash either": Scene(
        (
            started(-60, pid=77),
            exited(0.0, signal=None, code=0),
            error("upstream_refused", 0.2),
            access(502, 0.2, request="r1"),
            started(1.0),
        ),
        (),
    ),
    "a backend that leaves with 0 and cuts off a request has failed it": Scene(
        (
            error("upstream_closed_early", 0),
            access(502, 0.01, request="r1"),
            exited(0.02, signal=None, code=0),
            started(1.0),
        ),
        (Wanted("other", requests=("r1",), suspect="r1"),),
    ),
    "nobody listens, and nobody had asked for a stop": Scene(
        (error("upstream_refused", 0), access(502, 0, request="r1", upstream_status="502")),
        (Wanted("other", requests=("r1",), suspect="r1"),),
    ),
    "a worker dies, the backend lives on": Scene(
        (exited(0, pid=5, role="worker", ids=ids("r1", job="j1")),),
        (Wanted("killed", severity="ticket", requests=("r1",), suspect="r1"),),
    ),
    "a worker's death names its stage, whatever its job's last mark says": Scene(
        (
            mark("check", -1, request="r1", edge="finished"),
            exited(0, pid=5, role="worker", stage="draw", rows_done=812, ids=ids("r1", job="j1")),
        ),
        (Wanted("killed", stage="draw", severity="ticket", requests=("r1",), suspect="r1"),),
    ),
    "a worker that came to its limit of memory left with 0 and is a death all the same": Scene(
        (exited(0, pid=5, role="worker", signal=None, code=0, limit="memory", stage="draw", ids=ids("r1", job="j1")),),
        (Wanted("out_of_memory", stage="draw", severity="ticket", requests=("r1",), suspect="r1"),),
    ),
    "an import error at start, twice": Scene(
        (
            started(0, pid=77),
            raised("ModuleNotFoundError", "No module named 'x'", 0.1, route=None),
            exited(0.2, signal=None, code=1),
            started(1, pid=78),
            raised("ModuleNotFoundError", "No module named 'x'", 1.1, route=None, pid=78),
            exited(1.2, pid=78, signal=None, code=1),
        ),
        (Wanted("import_error", occurrences=2),),
    ),
    "a variable that preflight misses at start": Scene(
        (checked(0, when="start", name="UPLOAD_DIR", found="not set"),), (Wanted("missing_env"),)
    ),
    "a check that looked at the path which an exception names, with nobody dead": Scene(
        (
            raised("PermissionError", "[Errno 13] Permission denied: '/srv/downloads/a.pdf'", 0, request="r1"),
            access(500, 0.1, request="r1"),
            checked(5, when="ready", found="uid 1000 may not write (owner root:root, mode 0755)"),
        ),
        (Wanted("permission_denied", requests=("r1",), suspect="r1"),),
    ),
    "a check of another path has nothing to do with it": Scene(
        (
            raised("TypeError", "bad", 0, request="r1"),
            access(500, 0.1, request="r1"),
            checked(5, when="ready", found="uid 1000 may not write (owner root:root, mode 0755)"),
        ),
        (Wanted("programming_error", requests=("r1",), suspect="r1"),),
    ),
    "a variable that the check and the exception of the same start both miss": Scene(
        (
            checked(0, when="start", name="UPLOAD_DIR", found="not set"),
            raised("KeyError", "'UPLOAD_DIR'", 0.5, route=None),
            exited(0.6, signal=None, code=1),
        ),
        (Wanted("missing_env"),),
    ),
    "a handler that is cancelled because its client left": Scene(
        (raised("asyncio.exceptions.CancelledError", "", 0, request="r1"), access(499, 0.1, request="r1")), ()
    ),
    "a client that leaves": Scene((error("client_abort", 0), access(499, 0, request="r1")), ()),
    "a body that is too large": Scene((error("client_body_too_large", 0), access(413, 0, request="r1")), ()),
    "a file that the backend found wanting": Scene(
        (raised("BadZipFile", "File is not a zip file", 0, request="r1", handled=True), access(422, 0.1, request="r1")),
        (),
    ),
    "a handled stage that failed by a bug is still a bug": Scene(
        (raised("AttributeError", "'NoneType' object has no attribute 'x'", 0, request="r1", handled=True),),
        (Wanted("programming_error", requests=("r1",), suspect="r1"),),
    ),
    "two kills five seconds apart are one incident that happened twice": Scene(
        (started(-60, pid=77), *_kill(), started(1, pid=78), *_kill(6, pid=78, cid=10, request="r2")),
        (Wanted("killed", "draw", occurrences=2, requests=("r1", "r2"), suspect="r2"),),
    ),
    "two different exceptions at one moment have no key in common": Scene(
        (raised("TypeError", "bad", 0, request="r1", pid=1), raised("KeyError", "'list'", 0, request="r2", pid=1)),
        (
            Wanted("programming_error", requests=("r1",), suspect="r1"),
            Wanted("programming_error", requests=("r2",), suspect="r2"),
        ),
    ),
    "deaths behind two upstreams at one moment are two incidents": Scene(
        (error("upstream_closed_early", 0, cid=1), error("upstream_closed_early", 0, cid=2, upstream="127.0.0.1:9000")),
        (Wanted("other"), Wanted("other")),
    ),
    "requests that share a client's trace are not one request": Scene(
        (
            raised("TypeError", "bad", 0, ids=ids("r1", trace="t1")),
            raised("TypeError", "bad", 0.01, ids=ids(None, trace="t1")),
            raised("KeyError", "'list'", 0.1, ids=ids("r2", trace="t1")),
        ),
        (
            Wanted("programming_error", requests=("r1",), suspect="r1"),
            Wanted("programming_error", requests=("r2",), suspect="r2"),
        ),
    ),
}
