"""From a form to a job: checked, put in its place, kept in the store and started."""

import asyncio
import hashlib
import json
import uuid
from dataclasses import asdict
from typing import Final

from aiohttp import web

from observability.ids import JobId
from observability.middleware import request_id_of
from observability.tracing import traceparent
from service.api.body import Form, read_form
from service.api.keys import CLOCK, EXECUTOR, FILES, QUEUE_LIMIT, RUNNER, SHOP, STORE
from service.jobs.model import Idempotency, Job, Upload
from service.uploads.options import UploadOptions, parse_options
from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.sheet import sheet_options
from service.uploads.workspace import UPLOAD

_KEY_CHARACTERS: Final = 255


async def received_form(request: web.Request) -> Form:
    """Return what was sent, the file on disk, the part `options` checked. Raises ReadProblem, InvalidOptions."""
    directory = await asyncio.to_thread(request.app[FILES].incoming, request.app[EXECUTOR])
    return await read_form(request, directory, request.app[SHOP].limits.file_bytes, checked_options)


def checked_options(text: str | None) -> UploadOptions:
    """Return the options. Raises InvalidOptions, also for values that only the sheets know."""
    options = parse_options(text)
    sheet_options(options)
    return options


async def refuse_other_files(request: web.Request, form: Form) -> None:
    """Raise ReadProblem for a file that is no spreadsheet, or locked: worth no job. A damaged one gets a job that says so."""
    try:
        await request.app[SHOP].sniff(form.file.path)
    except ReadProblem as problem:
        if PROBLEMS[problem.code].status is not None:
            raise


async def accept(request: web.Request, form: Form, options_text: str | None) -> Job:
    """Return the job of the form, new or the one that its Idempotency-Key stands for. The form's file is taken or gone."""
    app = request.app
    try:
        options = checked_options(options_text)
        idempotency = _idempotency(request, form, options)
        if idempotency is not None and (known := await app[STORE].find(idempotency)) is not None:
            return known
        await refuse_other_files(request, form)
        job = _new_job(request, form, options_text)
        await asyncio.to_thread(form.file.path.rename, app[FILES].workspace(job.id) / UPLOAD)
        added = await _add(app, job, idempotency)
    finally:
        form.file.path.unlink(missing_ok=True)
    return added


async def _add(app: web.Application, job: Job, idempotency: Idempotency | None) -> Job:
    try:
        await app[FILES].keep(job.id, UPLOAD)
        added = await app[STORE].add(job, idempotency=idempotency, queue_limit=app[QUEUE_LIMIT])
    except BaseException:
        await app[FILES].remove(job.id)
        raise
    if added.new:
        await app[RUNNER].start(job.id)
    else:
        await app[FILES].remove(job.id)
    return added.job


def _new_job(request: web.Request, form: Form, options_text: str | None) -> Job:
    return Job(
        id=JobId(uuid.uuid4().hex),
        state="queued",
        upload=Upload(form.name, form.file.sha256, form.file.size_bytes, options_text or "{}"),
        request_id=request_id_of(request),
        traceparent=traceparent() or "",
        executor=request.app[EXECUTOR],
        created=request.app[CLOCK](),
    )


def _idempotency(request: web.Request, form: Form, options: UploadOptions) -> Idempotency | None:
    if (key := request.headers.get("Idempotency-Key", "").strip()) == "":
        return None
    if len(key) > _KEY_CHARACTERS:
        raise ReadProblem("invalid_options", f"The Idempotency-Key is longer than {_KEY_CHARACTERS} characters.")
    if not key.isprintable():  # also what is no UTF-8: no database would keep it
        raise ReadProblem("invalid_options", "The Idempotency-Key holds characters that cannot be printed.")
    body = json.dumps([form.file.sha256, asdict(options)], sort_keys=True)
    return Idempotency(key, hashlib.sha256(body.encode()).hexdigest())
