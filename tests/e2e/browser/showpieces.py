"""Incidents that have everything a page can show: long lines, hostile names, several causes, a storm."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from observability.detector.incidents import Candidate, Cause, Evidence, Incident, JoinedBy, RuledOut

NOON: Final = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=12)
ROUTE: Final = "POST /api/barcodes/upload-excel"
REQUEST: Final = "7a1c2d90f3b84c7e9d21aa0b5c6e7f80"
TRACE: Final = "0af7651916cd43dd8448eb211c80319c"
STORM: Final = "storm-20260301T120000-inc-s0"
HOSTILE: Final = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\"'`${7*7}{{7*7}}"
)
_ERROR = (
    "2026/03/01 12:00:19 [error] 28#28: *9 upstream prematurely closed connection while reading response header from "
    'upstream, client: 102.86.10.23, server: labels.example, request: "POST /api/barcodes/upload-excel HTTP/1.1", '
    'upstream: "http://127.0.0.1:8034/api/barcodes/upload-excel", host: "labels.example"'
)
_TRACEBACK = """Traceback (most recent call last):
  File "/srv/barwatch/service/uploads/run.py", line 88, in publish
    published = await publish(verified, downloads)
  File "/usr/lib/python3.11/asyncio/threads.py", line 25, in to_thread
    return await loop.run_in_executor(None, func_call)
  File "/usr/lib/python3.11/concurrent/futures/thread.py", line 58, in run
    result = self.fn(*self.args, **self.kwargs)
  File "/srv/barwatch/service/uploads/publish.py", line 41, in write
    with (directory / "labels.pdf").open("xb") as file:
  File "/usr/lib/python3.11/pathlib.py", line 1044, in open
    return io.open(self, mode, buffering, encoding, errors, newline)
PermissionError: [Errno 13] Permission denied: '/srv/downloads/3f2a/labels.pdf'"""


def evidence(
    kind: str, after_s: float, line: int, text: str, source: str = "backend.log", joined: JoinedBy = "request_id",
    sure: float = 1.0, **fields: Any,
) -> Evidence:  # fmt: skip
    """Return a piece, so many seconds after noon."""
    return Evidence(kind, NOON + timedelta(seconds=after_s), source, line, text, fields, joined, sure)


def mark(stage: str, edge: str, after_s: float, line: int, **fields: Any) -> Evidence:
    """Return a stage mark of the request."""
    said = {"event": f"upload.stage.{edge}", "stage": stage, "request_id": REQUEST, **fields}
    return evidence("stage_mark", after_s, line, json.dumps(said), stage=stage, edge=edge, request_id=REQUEST, **fields)


def check(name: str, ok: bool, what: str, found: str, remedy: str = "") -> dict[str, Any]:
    return {"name": name, "ok": ok, "what": what, "found": found, "remedy": remedy}


_CHECKS = [
    check("DOWNLOAD_DIR", False, "DOWNLOAD_DIR=/srv/downloads", "uid 1000 may not write (owner root:root, mode 0755)", "chown 1000 /srv/downloads"),
    check("room in DOWNLOAD_DIR", True, "room in /srv/downloads", "41 GiB free of 80 GiB, 3,100,000 inodes"),
    check("memory", True, "memory", "212 MiB of 1 GiB (cgroup limit), peak 480 MiB"),
    check("recent starts", True, "starts within the last hour", "1: backend 1.2.4 at 11:41:07, replacing 1.2.3"),
    check("DATABASE_URL", True, "DATABASE_URL=sqlite:////var/lib/barwatch/jobs.db", "answers in 2 ms"),
    check("imports", True, "imports", "all there"),
]  # fmt: skip
_CRASH = (
    evidence("upstream_closed_early", 19, 4211, _ERROR, "error.log", "opened_it", upstream="127.0.0.1:8034", client="102.86.10.23", method="POST", path="/api/barcodes/upload-excel"),
    evidence("access", 19.2, 90233, json.dumps({"request_id": REQUEST, "request": "POST /api/barcodes/upload-excel HTTP/1.1", "status": "502", "request_time": "6.812"}), "access.log", "connection", 0.98, status=502, method="POST", path="/api/barcodes/upload-excel", request_time=6.812),
    mark("receive", "started", 12.1, 801), mark("receive", "finished", 12.4, 802, rss_bytes=131 << 20),
    mark("read", "started", 12.4, 803), mark("read", "finished", 13.9, 804, rows_done=4000, rss_bytes=188 << 20),
    mark("check", "started", 13.9, 805), mark("check", "finished", 14.2, 806, rows_done=4000, rss_bytes=190 << 20),
    mark("draw", "started", 14.2, 807), mark("draw", "finished", 17.9, 808, rows_done=4000, rss_bytes=402 << 20),
    mark("verify", "started", 17.9, 809), mark("verify", "finished", 18.8, 810, rows_done=4000, rss_bytes=480 << 20),
    mark("publish", "started", 18.8, 811), mark("publish", "failed", 18.9, 812, rows_done=0, rss_bytes=212 << 20),
    evidence("traceback", 18.9, 813, json.dumps({"event": "upload.stage.failed", "exception.stacktrace": _TRACEBACK}), exceptions=[{"type": "PermissionError", "message": "[Errno 13] Permission denied: '/srv/downloads/3f2a/labels.pdf'"}]),
    evidence("process_exit", 19.0, 814, json.dumps({"event": "process.exited", "pid": 28, "signal": "SIGKILL", "note": "x" * 900}), joined="death_window", sure=0.9, role="backend", pid=28, signal="SIGKILL", uptime_s=1132.0, max_rss_bytes=480 << 20),
    evidence("preflight", 19.4, 815, json.dumps({"event": "preflight.checked", "when": "death"}), joined="pid", sure=0.9, when="death", ok=False, checks=_CHECKS),
    evidence("process_start", 19.9, 816, json.dumps({"event": "process.started", "pid": 57}), joined="death_window", sure=0.8, role="backend", pid=57),
)  # fmt: skip
CRASH: Final = Incident(
    id="inc-crash",
    fingerprint="v1:0123456789abcdef0123456789abcdef",
    state="open",
    severity="page",
    title="Upload died in stage publish: may not write /srv/downloads",
    service="barwatch",
    route=ROUTE,
    stage="publish",
    release="1.2.4",
    cause=Cause(
        "permission_denied",
        "Stage publish may not write /srv/downloads: it belongs to root, and the backend runs as uid 1000",
        0.97,
        (14, 16),
        ("ls -ld /srv/downloads", "chown 1000 /srv/downloads", "barwatch check"),
        "alerts/runbooks/permission_denied.md",
    ),
    candidates=(Candidate("killed", 0.2, "journalctl -k | grep -i 'killed process'"),),
    ruled_out=(
        RuledOut("out_of_memory", "480 MiB of 1 GiB at most, and the kernel counted no kill"),
        RuledOut("deploy", "nobody asked for a stop"),
    ),
    first_seen=NOON + timedelta(seconds=19),
    last_seen=NOON + timedelta(seconds=312),
    occurrences=6,
    suspect_request_id=REQUEST,
    request_ids=(REQUEST, *(f"{number:032x}" for number in range(1, 12))),
    trace_ids=(TRACE,),
    sentry_event_ids=(),
    evidence=_CRASH,
)
_BEFORE = replace(
    CRASH, id="inc-over", state="resolved", severity="ticket", release="1.2.2", first_seen=NOON - timedelta(days=9),
    last_seen=NOON - timedelta(days=9), occurrences=1, request_ids=(REQUEST,),
)  # fmt: skip
_UNSURE = replace(
    CRASH,
    id="inc-unsure",
    fingerprint="v1:nginx",
    severity="ticket",
    title="nginx lost the backend, and nothing says why",
    stage=None,
    cause=Cause("other", "nginx alone tells of it: the backend closed the connection", 0.3, (0,), (), ""),
    candidates=(
        Candidate("out_of_memory", 0.4, "journalctl -k --since '12:00' | grep -i 'killed process'"),
        Candidate("segfault", 0.3, "coredumpctl list --since '12:00'"),
        Candidate("killed", 0.2, "journalctl -u barwatch-backend --since '12:00'"),
    ),
    first_seen=NOON + timedelta(seconds=100),
    last_seen=NOON + timedelta(seconds=100),
    suspect_request_id=None,
    request_ids=(),
    occurrences=1,
    evidence=_CRASH[:2],
)
_ACKNOWLEDGED = replace(
    CRASH, id="inc-ack", fingerprint="v1:oom", state="acknowledged", title="Backend 28 was killed for memory in stage draw, at row 3,812 of 4,000",
    stage="draw", cause=replace(CRASH.cause, code="out_of_memory", summary="The kernel killed backend 28: 1 GiB of 1 GiB", confidence=0.92, runbook="alerts/runbooks/out_of_memory.md"),
    first_seen=NOON + timedelta(seconds=60), last_seen=NOON + timedelta(seconds=90),
)  # fmt: skip
_HOSTILE = replace(
    CRASH, id="inc-hostile", fingerprint=HOSTILE, title=f"Upload of {HOSTILE}.xlsx died", route=f"POST /{HOSTILE}", stage=HOSTILE[:60],
    service=HOSTILE, release=HOSTILE, severity="info",
    cause=Cause("bad_input", HOSTILE, 0.8, (0,), (f"echo {HOSTILE}",), "../../etc/passwd"),
    candidates=(Candidate("network", 0.1, HOSTILE),), ruled_out=(RuledOut("deploy", HOSTILE),),
    suspect_request_id=HOSTILE, request_ids=(HOSTILE,), trace_ids=(HOSTILE,), first_seen=NOON + timedelta(seconds=130),
    evidence=(
        evidence("traceback", 19, 1, f'Traceback (most recent call last):\n  File "/srv/{HOSTILE}.py", line 1, in <module>\n{HOSTILE}', HOSTILE, exceptions=[{"type": HOSTILE, "message": HOSTILE}]),
        evidence("access", 19, 2, HOSTILE * 20, status=HOSTILE, method=HOSTILE, path=HOSTILE, upstream=HOSTILE, client=HOSTILE),
        evidence("stage_mark", 19, 3, HOSTILE, stage=HOSTILE, edge=HOSTILE, rows_done=1, rss_bytes=1, request_id=HOSTILE),
        evidence("preflight", 19, 4, HOSTILE, when=HOSTILE, checks=[check(HOSTILE, False, HOSTILE, HOSTILE, HOSTILE)]),
    ),
)  # fmt: skip
_SHORT = tuple(
    replace(
        CRASH, id=f"inc-s{number}", fingerprint=f"v1:s{number}", title=title, stage=None, evidence=_CRASH[:1], occurrences=1,
        first_seen=NOON + timedelta(seconds=200 + number), last_seen=NOON + timedelta(seconds=200 + number),
    )
    for number, title in enumerate(("Database does not answer", "Upload failed in stage read", "Health check times out"))
)  # fmt: skip
_STORM = replace(
    CRASH, id=STORM, fingerprint=f"storm|{STORM}", title="Storm: 3 new incidents within a minute", route=None, stage=None, service=None,
    release=None, evidence=(), request_ids=(), suspect_request_id=None, trace_ids=(), candidates=(), ruled_out=(), occurrences=3,
    cause=Cause("other", "Storm: 3 new incidents within a minute:\n" + "\n".join(f"- {one.title} ({one.id})" for one in _SHORT), 1.0,
                next_steps=("Read the list at /incidents: what broke first usually broke the others",)),
)  # fmt: skip
PIECES: Final = (_BEFORE, CRASH, _UNSURE, _ACKNOWLEDGED, _HOSTILE, *_SHORT, _STORM)
