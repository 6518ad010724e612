"""GET and DELETE /api/jobs/{id}, and the verdicts of its rows."""

import asyncio
import re
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
from aiohttp import web

from service.api.answers import job_json, json_answer
from service.api.keys import CLOCK, FILES, RUNNER, STORE, TURNS
from service.jobs.model import Job
from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.workspace import ROWS

PAGE_ROWS: Final = 1_000
_JOB_ID: Final = re.compile("[0-9a-f]{32}")
_STATUSES: Final = ("ok", "warning", "error")


async def known_job(request: web.Request) -> Job:
    """Return the job of the address. Raises ReadProblem: no_such_job, expired."""
    given = request.match_info["id"]
    job = await request.app[STORE].get(given) if _JOB_ID.fullmatch(given) else None  # other texts, no database may like
    if job is None:
        raise ReadProblem("no_such_job", f"There is no such job. {PROBLEMS['no_such_job'].remedy}")
    if job.expired:
        raise ReadProblem("expired", f"The job and its files were removed. {PROBLEMS['expired'].remedy}")
    return job


async def show(request: web.Request) -> web.Response:
    """Return the job as it stands."""
    return json_answer(job_json(await known_job(request)), headers={"Cache-Control": "no-store"})


async def cancel(request: web.Request) -> web.Response:
    """Cancel a job that waits or runs. One that has ended is removed with its files: it is `expired` from then on."""
    job = await known_job(request)
    if await request.app[STORE].change(job.id, state="cancelled", stage=None, finished=request.app[CLOCK]()):
        request.app[RUNNER].cancel(job.id)
        return json_answer(job_json(await known_job(request)))
    async with request.app[TURNS].of(job.id):
        ended = await known_job(request)
        await request.app[STORE].expire_one(job.id)
        await request.app[FILES].remove(job.id)
    return json_answer(job_json(ended))


async def rows(request: web.Request) -> web.Response:
    """Return a page of verdicts in sheet order. The cursor is a place in the file of rows."""
    job = await known_job(request)
    status, offset = _status(request), _cursor(request)
    path = await request.app[FILES].have(job.id, ROWS)
    if path is None:
        if not job.ended:
            raise ReadProblem("not_ready", f"The rows have not been checked yet. {PROBLEMS['not_ready'].remedy}")
        return json_answer({"rows": [], "next_cursor": None})
    try:
        page, cursor = await asyncio.to_thread(_page, path, offset, status)
    except FileNotFoundError:
        await known_job(request)  # removed since we looked: `expired`
        raise
    return json_answer({"rows": page, "next_cursor": cursor})


def _status(request: web.Request) -> str | None:
    status = request.query.get("status", "")
    if status and status not in _STATUSES:
        raise ReadProblem("invalid_options", f"status must be one of {', '.join(_STATUSES)}.", expected=_STATUSES)
    return status or None


def _cursor(request: web.Request) -> int:
    cursor = request.query.get("cursor") or "0"  # empty is not given, as with status
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise ReadProblem("invalid_options", "cursor must be the next_cursor of the page before.")
    return int(cursor)


def _page(path: Path, offset: int, status: str | None) -> tuple[list[Any], str | None]:
    """Return the rows from there on, and the cursor of the next page."""
    page: list[Any] = []
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not _begins_a_row(file, offset, size):
            raise ReadProblem("invalid_options", "cursor must be the next_cursor of the page before.")
        file.seek(offset)
        while len(page) < PAGE_ROWS and (line := file.readline()):
            row = orjson.loads(line)
            if status is None or row["status"] == status:
                page.append(row)
        return page, str(file.tell()) if file.tell() < size else None


def _begins_a_row(file: BinaryIO, offset: int, size: int) -> bool:
    if offset == 0 or offset > size:
        return offset == 0  # no file system seeks beyond what a file of its could hold
    file.seek(offset - 1)
    return file.read(1) == b"\n"


async def first_rows(request: web.Request, job: Job, count: int) -> list[Any]:
    """Return the first verdicts for a page to show; none while there are none."""
    path = await request.app[FILES].have(job.id, ROWS)
    if path is None:
        return []
    page, _ = await asyncio.to_thread(_page, path, 0, None)
    return page[:count]
