"""An incident with everything that a notification can say, and messages about it."""

from dataclasses import replace
from typing import Any

from observability.detector.incidents import Evidence, Incident
from observability.detector.notify import Message, Places
from observability.detector.presentation import LinkTemplates, present
from observability.detector.store import document_of
from tests.unit.observability.detector.incident_examples import T0, incident

PLACES = Places("https://labels.example")
NGINX = (
    "2025/11/07 19:00:19 [error] 28#28: *9 upstream prematurely closed connection while reading response header from upstream, "
    'client: 102.86.10.23, server: localhost, request: "POST /api/barcodes/upload-excel HTTP/1.1", '
    'upstream: "http://10.0.7.2:8034/api/barcodes/upload-excel"'
)
TRACEBACK = """Traceback (most recent call last):
  File "/app/service/uploads/run.py", line 40, in run
    await publish(drawn)
  File "/app/service/uploads/publish.py", line 31, in publish
    await put(path, data)
  File "/usr/lib/python3.11/asyncio/threads.py", line 25, in to_thread
    return await loop.run_in_executor(None, func_call)
  File "/app/service/files.py", line 12, in put
    path.write_bytes(data)
  File "/usr/lib/python3.11/pathlib.py", line 1066, in write_bytes
    with self.open(mode='wb') as f:
PermissionError: [Errno 13] Permission denied: '/srv/downloads/a.pdf'"""
LINKS = LinkTemplates("https://logs.example/{request_id}", "https://traces.example/{trace_id}")


def full(identity: str = "inc-1", **changes: object) -> Incident:
    """Return an incident of nginx's line and a traceback."""
    raised = {"type": "PermissionError", "message": "[Errno 13] Permission denied: '/srv/downloads/a.pdf'", "frames": 5}
    plain = incident(identity)
    evidence = (
        Evidence("upstream_closed_early", T0, "error.log", 12, NGINX, {"pid": 28}, "opened_it", 1.0),
        Evidence("traceback", T0, "backend.log", 7, TRACEBACK, {"exceptions": [raised]}, "request_id", 1.0),
    )
    return replace(plain, evidence=evidence, request_ids=("req1",), suspect_request_id="req1", **changes)  # type: ignore[arg-type]


def shown(told: Incident) -> dict[str, Any]:
    """Return the document as channels get it."""
    return present(document_of(told), LINKS, ())


def message(change: str, told: Incident, previous: dict[str, Any] | None = None, *, number: int = 1) -> Message:
    """Return what the outbox would hand to a channel."""
    return Message(change, shown(told), told.id, number, told.synthetic, T0, T0, previous)
