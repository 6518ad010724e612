"""What nginx, backend and supervisor write while things break, as lines of three files in the order of time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

START = 1_795_528_800.0  # 2026-11-24 14:00:00 UTC
UPLOAD = "POST /api/barcodes/upload-excel"
UPSTREAM = "127.0.0.1:8034"


@dataclass(frozen=True, slots=True)
class Written:
    """One line: when, to which file."""

    at: float  # seconds after START
    file: str  # access.log | error.log | backend.log
    text: str


def access(at: float, status: int, request: str, *, number: int, cid: int = 0) -> Written:
    """Return the line of request `number`, as the log format of deploy/nginx writes it."""
    upstream = status if status >= 200 else "-"
    text = (
        f'{{"msec":{START + at:.3f},"pid":28,"connection":{cid or number},"connection_requests":1,"request_id":"{number:032x}",'
        f'"request":"{request} HTTP/1.1","status":{status},"client":"10.0.0.{number % 250}","upstream_addr":"{UPSTREAM}",'
        f'"upstream_status":"{upstream}","upstream_response_time":"0.004","upstream_header_time":"0.004",'
        f'"upstream_bytes_received":"512","request_time":0.004,"request_length":777,"bytes_sent":512,"host":"localhost",'
        f'"traceparent":"00-{number:032x}-{number:016x}-01"}}'
    )
    return Written(at, "access.log", text)


def error(at: float, message: str, request: str, *, cid: int) -> Written:
    stamp = datetime.fromtimestamp(START + at, UTC).strftime("%Y/%m/%d %H:%M:%S")
    text = (
        f"{stamp} [error] 28#28: *{cid} {message}, client: 10.0.0.{cid % 250}, server: localhost, "
        f'request: "{request} HTTP/1.1", upstream: "http://{UPSTREAM}{request.split(" ")[1]}", host: "localhost"'
    )
    return Written(at, "error.log", text)


def event(at: float, name: str, level: str = "info", **fields: object) -> Written:
    ts = datetime.fromtimestamp(START + at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    said = {"ts": ts, "level": level, "event": name, "service": "labels", "version": "1", "instance": "a", "pid": 77}
    return Written(at, "backend.log", json.dumps({**said, **fields}, separators=(",", ":")))


def raised(kind: str, message: str) -> dict[str, object]:
    frames = f'Traceback (most recent call last):\n  File "/srv/labels/{kind.lower()}.py", line 4, in draw\n    go()\n'
    return {
        "exception.type": kind,
        "exception.message": message,
        "exception.stacktrace": f"{frames}{kind}: {message}\n",
    }


def killed(at: float, number: int, route: str = UPLOAD) -> Iterator[Written]:
    """The backend dies with one request in flight, and comes back."""
    yield event(at - 0.02, "upload.stage.started", stage="draw", route=route, request_id=f"{number:032x}")
    yield error(
        at, "upstream prematurely closed connection while reading response header from upstream", route, cid=number
    )
    yield access(at + 0.001, 502, route, number=number)
    yield event(at + 0.01, "upload.stage.interrupted", stage="draw", route=route, request_id=f"{number:032x}")
    yield event(
        at + 0.02, "process.exited", "error", role="backend", signal="SIGKILL", expected=False, address=UPSTREAM
    )
    yield event(at + 0.5, "process.started", role="backend", address=UPSTREAM)


def failed(at: float, number: int, route: str = UPLOAD, kind: str = "KeyError") -> Iterator[Written]:
    """An exception in a handler: 500, and no word of nginx."""
    ids = {"request_id": f"{number:032x}", "route": route}
    yield event(at, "http.request.failed", "error", **ids, **raised(kind, "'ean'"))
    yield access(at + 0.002, 500, route, number=number)


def broke_off(at: float, number: int, route: str = UPLOAD) -> Iterator[Written]:
    """Killed after the headers went out: the status stays 200."""
    yield error(at, "upstream prematurely closed connection while reading upstream", route, cid=number)
    yield access(at + 0.001, 200, route, number=number)
    yield event(
        at + 0.01, "process.exited", "error", role="backend", signal="SIGSEGV", expected=False, address=UPSTREAM
    )
    yield event(at + 0.4, "process.started", role="backend", address=UPSTREAM)


def failed_later(at: float, number: int, route: str = UPLOAD) -> Iterator[Written]:
    """The request was answered long before its job failed."""
    ids = {"request_id": f"{number:032x}", "job_id": f"j{number}", "route": route}
    yield access(at, 202, route, number=number)
    yield event(at + 2, "upload.stage.failed", "error", stage="publish", **ids, **raised("OSError", "disk"))


def timed_out(at: float, number: int, route: str = UPLOAD) -> Iterator[Written]:
    message = "upstream timed out (110: Connection timed out) while reading response header from upstream"
    yield error(at, message, route, cid=number)
    yield access(at + 0.001, 504, route, number=number)


def deployed(at: float, number: int, route: str = UPLOAD) -> Iterator[Written]:
    """Asked to stop: what is refused meanwhile is no crash."""
    yield event(at, "process.stopping", role="backend", signal="SIGTERM", address=UPSTREAM)
    yield event(at + 0.1, "process.exited", role="backend", signal="SIGTERM", expected=True, address=UPSTREAM)
    yield error(at + 0.2, "connect() failed (111: Connection refused) while connecting to upstream", route, cid=number)
    yield access(at + 0.201, 502, route, number=number)
    yield event(at + 0.6, "process.started", role="backend", address=UPSTREAM)


TROUBLES = (killed, failed, broke_off, failed_later, timed_out, deployed)
