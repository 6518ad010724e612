"""POST /api/barcodes/upload-excel and /validate."""

import asyncio
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import web

from service.api.accept import accept, checked_options, received_form, refuse_other_files
from service.api.answers import job_json, json_answer
from service.api.body import Form
from service.api.keys import ADMISSION, SHOP, STOPPING, STORE
from service.jobs.model import Job
from service.uploads.pipeline import problem_json
from service.uploads.problems import ReadProblem
from service.uploads.work import problem_of
from service.uploads.workspace import ROWS, UPLOAD

LONGEST_WAIT_S: Final = 60.0  # nginx gives up after READ_TIMEOUT_S
VALIDATE_ROWS: Final = 1_000
# RFC 7240 section 4.3; the value may be quoted, blanks may stand around "=". A quoted text of another preference says nothing.
_PREFERENCE: Final = re.compile(r'([\w!#$%&\x27*+.^`|~-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,;"]*))?', re.ASCII)


async def upload(request: web.Request) -> web.Response:
    """Take a list. 202 and the job; 200 when it ended within the time of `Prefer: wait=N`."""
    async with request.app[ADMISSION].of(request) as counted:
        form = await received_form(request)
        job = await accept(request, form, form.fields.get("options"))
        counted.add(job.id)
    headers = {"Location": f"/api/jobs/{job.id}"}
    if (wait_s := preferred_wait(request)) is not None:
        headers["Preference-Applied"] = f"wait={wait_s:g}"
        job = await ended(request.app, job, wait_s)
    return json_answer(job_json(job), 200 if job.ended and wait_s is not None else 202, headers)


def preferred_wait(request: web.Request) -> float | None:
    """Return the seconds of `Prefer: wait=N`, at most 60; None without it. The first that is a whole number counts."""
    given = ",".join(request.headers.getall("Prefer", []))
    for name, value in _PREFERENCE.findall(given):
        seconds = value.strip('"')
        if name.lower() == "wait" and seconds.isascii() and seconds.isdigit():
            return min(float(seconds), LONGEST_WAIT_S)
    return None


async def ended(app: web.Application, job: Job, within_s: float) -> Job:
    """Return the job as soon as it has ended, or as it is after that time, or when the process is asked to stop."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + within_s
    with app[STORE].watches.open(job.id) as watch:
        job = await app[STORE].get(job.id) or job
        while not job.ended and clock() < deadline and not app[STOPPING].is_set():
            await watch.changed(deadline - clock())
            job = await app[STORE].get(job.id) or job
    return job


async def validate_list(request: web.Request) -> web.Response:
    """Judge a list without drawing or keeping anything."""
    async with request.app[ADMISSION].of(request):
        return await _judged(request)


async def _judged(request: web.Request) -> web.Response:
    form = await received_form(request)
    workspace = Path(tempfile.mkdtemp(dir=form.file.path.parent))
    try:
        checked_options(form.fields.get("options"))
        await refuse_other_files(request, form)
        await asyncio.to_thread(form.file.path.rename, workspace / UPLOAD)
        return json_answer(await _verdicts(request, form, workspace))
    finally:
        form.file.path.unlink(missing_ok=True)
        await asyncio.to_thread(shutil.rmtree, workspace, ignore_errors=True)


async def _verdicts(request: web.Request, form: Form, workspace: Path) -> dict[str, Any]:
    try:
        result = await request.app[SHOP].judge(workspace, form.fields.get("options") or "{}", form.file.size_bytes)
    except ReadProblem as problem:
        return _shown({}, {}, problem_json(problem), [], False)
    lines = await asyncio.to_thread((workspace / ROWS).read_bytes)
    rows = lines.splitlines()
    shown = [orjson.loads(line) for line in rows[:VALIDATE_ROWS]]
    found = problem_json(problem_of(result["problem"])) if "problem" in result else None
    return _shown(result["table"], {**result["counts"], "pages": 0}, found, shown, len(rows) > VALIDATE_ROWS)


def _shown(
    table: dict[str, Any], counts: dict[str, int], problem: dict[str, Any] | None, rows: list[Any], truncated: bool
) -> dict[str, Any]:
    return {
        "format": table.get("format"),
        "sheet": table.get("sheet"),
        "header_row": table.get("header_row"),
        "columns": table.get("columns", {}),
        "counts": counts or {"rows": 0, "ok": 0, "warning": 0, "error": 0, "labels": 0, "pages": 0, "hidden": 0},
        "problem": problem,
        "rows": rows,
        "rows_truncated": truncated,
    }
