"""Values to responses: problem documents of our codes, and the JSON of a job."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from observability.middleware import request_id_of
from observability.problems import problem
from service.api.admission import ClientBusy
from service.jobs.model import IdempotencyMismatch, Job, QueueFull
from service.uploads.options import InvalidOptions
from service.uploads.problems import PROBLEMS, ReadProblem

RETRY_AFTER_S: Final = 5
_EMPTY_COUNTS: Final = {"rows": 0, "ok": 0, "warning": 0, "error": 0, "labels": 0, "pages": 0, "hidden": 0}


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a JSON response."""
    return web.Response(
        body=orjson.dumps(value), status=status, content_type="application/json", headers=dict(headers or {})
    )


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what handlers raise because of the request, each with its code."""
    try:
        return await handler(request)
    except ReadProblem as error:
        return refusal(request, error.code, error.detail, error.fields)
    except InvalidOptions as error:
        found = [{"member": p.member, "found": p.found, "expected": p.expected} for p in error.problems]
        expected = "; ".join(p.expected for p in error.problems)
        return refusal(request, "invalid_options", f"{error}.", {"expected": expected, "problems": found})
    except IdempotencyMismatch as error:
        return refusal(request, "idempotency_mismatch", f"{error}. Use a new key for a new upload.")
    except QueueFull as error:
        return _later(request, str(error), error.limit, RETRY_AFTER_S)
    except ClientBusy as error:
        return _later(request, str(error), error.limit, error.retry_after_s)


def _later(request: web.Request, what: str, limit: int, after_s: int) -> web.Response:
    detail = f"{what}. Try again in {after_s} seconds."
    return refusal(request, "queue_full", detail, {"limit": limit}, {"Retry-After": str(after_s)})


def refusal(
    request: web.Request,
    code: str,
    detail: str | None = None,
    members: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
) -> web.Response:
    """Return the problem document of a code of the upload contract, with its own status where none is given."""
    kind = PROBLEMS[code]
    return problem(
        status or kind.status or 409,
        code=code,
        title=kind.title,
        detail=detail or kind.remedy,
        request_id=request_id_of(request),
        members=members,
        headers=headers,
    )


def job_json(job: Job) -> dict[str, Any]:
    """Return a job as the API shows it."""
    address = f"/api/jobs/{job.id}"
    return {
        "id": job.id,
        "state": job.state,
        "stage": job.stage,
        "progress": {"done": job.done, "total": job.total},
        "file": {"name": job.upload.name, "sha256": job.upload.sha256, "bytes": job.upload.size_bytes},
        "format": job.table.get("format"),
        "sheet": job.table.get("sheet"),
        "header_row": job.table.get("header_row"),
        "columns": job.table.get("columns", {}),
        "counts": {**_EMPTY_COUNTS, **job.counts},
        "verified": job.verified,
        "next_start": job.next_start,
        "problem": None if job.problem is None else {**job.problem, "request_id": job.request_id},
        "created": _time(job.created),
        "finished": None if job.finished is None else _time(job.finished),
        "links": {
            "self": address,
            "rows": f"{address}/rows",
            "events": f"{address}/events",
            "labels_pdf": f"{address}/labels.pdf",
            "labels_zip": f"{address}/labels.zip",
            "errors_xlsx": f"{address}/errors.xlsx",
        },
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
