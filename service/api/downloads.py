"""What a job made: labels.pdf, and labels.zip and errors.xlsx, which are made when somebody asks for them first."""

from typing import Final

from aiohttp import web

from service.api.answers import refusal
from service.api.jobs import known_job
from service.api.keys import FILES, SHOP, TURNS
from service.jobs.files import Result
from service.jobs.model import Job
from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.workspace import CHECKED, ERRORS, PDF, UPLOAD, ZIP

_SAFE: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}
_TYPES: Final = {
    PDF: ("application/pdf", "inline"),
    ZIP: ("application/zip", "attachment"),
    ERRORS: ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"),
}


async def labels_pdf(request: web.Request) -> web.StreamResponse:
    """Stream the PDF. 409 while there is none, with what stands in the way."""
    job = await known_job(request)
    if (refused := _no_labels(request, job)) is not None:
        return refused
    return await _stream(request, PDF, await _published(request, job, PDF))


async def labels_zip(request: web.Request) -> web.StreamResponse:
    """Stream one SVG a label."""
    job = await known_job(request)
    if (refused := _no_labels(request, job)) is not None:
        return refused
    async with request.app[TURNS].of(job.id):
        if (result := await request.app[FILES].published(job.id, ZIP)) is None:
            await known_job(request)  # it may have been removed while we waited
            await request.app[FILES].have(job.id, CHECKED)
            await request.app[SHOP].zip_labels(job)
            result = await _publish(request, job, ZIP)
    return await _stream(request, ZIP, result)


async def errors_xlsx(request: web.Request) -> web.StreamResponse:
    """Stream the person's workbook with its verdicts; where nothing could be read, one that says why."""
    job = await known_job(request)
    if not job.ended:
        raise ReadProblem("not_ready", f"The job is {job.state}. {PROBLEMS['not_ready'].remedy}")
    async with request.app[TURNS].of(job.id):
        if (result := await request.app[FILES].published(job.id, ERRORS)) is None:
            await known_job(request)
            result = await _marked(request, job)
    return await _stream(request, ERRORS, result)


async def _marked(request: web.Request, job: Job) -> Result:
    checked = await request.app[FILES].have(job.id, CHECKED)
    await request.app[FILES].have(job.id, UPLOAD)
    code, detail = _reason(job)
    if checked is None and code not in PROBLEMS:
        raise ReadProblem("not_ready", f"No row was read. {detail}")
    await request.app[SHOP].mark_errors(job, code, detail)
    return await _publish(request, job, ERRORS)


def _reason(job: Job) -> tuple[str, str]:
    if job.problem is not None:
        return job.problem["code"], job.problem["detail"]
    return "cancelled", "The job was cancelled. Upload the file again."


async def _publish(request: web.Request, job: Job, name: str) -> Result:
    files = request.app[FILES]
    await files.publish(job.id, name, files.workspace(job.id) / name)
    await files.discard(job.id, (name,))
    return await _published(request, job, name)


async def _published(request: web.Request, job: Job, name: str) -> Result:
    if (result := await request.app[FILES].published(job.id, name)) is None:
        await known_job(request)  # removed since we looked: `expired`
        raise FileNotFoundError(f"{name} of the finished job {job.id} is not where it was published")
    return result


async def _stream(request: web.Request, name: str, result: Result) -> web.StreamResponse:
    content_type, disposition = _TYPES[name]
    tag = f"{request.match_info['id']}-{name}"  # a result never changes once it is published
    headers = {**_SAFE, "ETag": f'"{tag}"'}
    if any(known.value in ("*", tag) for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    response = web.StreamResponse(
        headers={
            **headers,
            "Content-Type": content_type,
            "Content-Length": str(result.size_bytes),
            "Content-Disposition": f'{disposition}; filename="{name}"',
        }
    )
    await response.prepare(request)
    if request.method != "HEAD":
        async for chunk in result.chunks:
            await response.write(bytes(chunk))
    await response.write_eof()
    return response


def _no_labels(request: web.Request, job: Job) -> web.Response | None:
    """Return the refusal of a job that has no labels: not yet, or never."""
    if not job.ended:
        raise ReadProblem("not_ready", f"The job is {job.state}. {PROBLEMS['not_ready'].remedy}")
    if job.problem is not None:
        code = job.problem["code"] if job.problem["code"] in PROBLEMS else "not_ready"
        return refusal(request, code, f"The job failed, there are no labels. {job.problem['detail']}", status=409)
    if job.state == "cancelled":
        raise ReadProblem("not_ready", "The job was cancelled, there are no labels. Upload the file again.")
    if job.counts.get("pages", 0) == 0:
        raise ReadProblem("nothing_to_draw", PROBLEMS["nothing_to_draw"].remedy)
    return None
