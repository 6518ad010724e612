"""What nginx, backend and supervisor write in a busy night: ordinary requests, and now and then a killed backend. Generated."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

START = 1_795_528_800.0  # 2026-11-24 14:00:00 UTC
UPLOAD = "POST /api/barcodes/upload-excel"
REQUESTS = (UPLOAD, *("GET /api/jobs/{}", "GET /", "GET /healthz") * 6)  # one upload in 19


def access_line(at: float, number: int, request: str, status: int) -> str:
    """Return a line in the format of deploy/nginx, some 500 bytes."""
    name = f"{number * 2654435761 % 2**128:032x}"
    return (
        f'{{"msec":{at:.3f},"pid":28,"connection":{number},"connection_requests":1,"request_id":"{name}",'
        f'"request":"{request} HTTP/1.1","status":{status},"client":"10.0.{number % 250}.7","upstream_addr":"127.0.0.1:8034",'
        f'"upstream_status":"{status}","upstream_response_time":"0.012","upstream_header_time":"0.012",'
        f'"upstream_bytes_received":"1544","request_time":0.012,"request_length":845,"bytes_sent":1544,"host":"labels.example",'
        f'"traceparent":"00-{name}-{name[:16]}-01"}}\n'
    )


def error_line(at: float, number: int, level: str, message: str) -> str:
    """Return a line of nginx's error log in UTC."""
    return (
        f"{datetime.fromtimestamp(at, UTC):%Y/%m/%d %H:%M:%S} [{level}] 28#28: *{number} {message}, client: 10.0.{number % 250}.7, "
        f'server: localhost, request: "{UPLOAD} HTTP/1.1", upstream: "http://127.0.0.1:8034/api/barcodes/upload-excel", '
        f'host: "labels.example"\n'
    )


def event_line(at: float, name: str, **fields: object) -> str:
    """Return a line of backend.log."""
    ts = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    said = {"ts": ts, "level": "error", "event": name, "service": "labels", "version": "1", "instance": "a"}
    return json.dumps({**said, **fields}, separators=(",", ":")) + "\n"


Lines = tuple[str, str, str]  # of access.log, error.log, backend.log


def traffic(per_second: float, crash_each: int) -> Iterator[Lines]:
    """Yield what each request leaves in the three files, for ever; each `crash_each`-th kills the backend."""
    dice = random.Random(1)
    number, at = 0, START
    while True:
        number += 1
        at += 1 / per_second
        request = dice.choice(REQUESTS).format(number % 997)
        if number % crash_each:
            stored = f"a client request body is buffered to a temporary file /var/lib/nginx/body/{number:010d}"
            yield (
                access_line(at, number, request, 200),
                error_line(at, number, "warn", stored) * (request == UPLOAD),
                "",
            )
            continue
        closed = "upstream prematurely closed connection while reading response header from upstream"
        name = f"{number * 2654435761 % 2**128:032x}"
        left = event_line(at + 0.01, "upload.stage.interrupted", stage="draw", request_id=name, pid=77, route=UPLOAD)
        died = event_line(
            at + 0.01,
            "process.exited",
            role="backend",
            pid=77,
            signal="SIGKILL",
            expected=False,
            address="127.0.0.1:8034",
        )
        back = event_line(at + 0.4, "process.started", role="backend", pid=77, address="127.0.0.1:8034")
        yield access_line(at, number, UPLOAD, 502), error_line(at, number, "error", closed), left + died + back


def write_logs(directory: Path, total_bytes: int, per_second: float, crash_each: int) -> None:
    """Write so much traffic into access.log, error.log and backend.log."""
    names = ("access.log", "error.log", "backend.log")
    files = [(directory / name).open("w", encoding="ascii", buffering=1 << 20) for name in names]
    written = 0
    for lines in traffic(per_second, crash_each):
        written += sum(file.write(line) for file, line in zip(files, lines, strict=True) if line)
        if written >= total_bytes:
            break
    for file in files:
        file.close()
