"""What a job made: labels.pdf, labels.zip, errors.xlsx."""

from typing import Final

from aiohttp import web

from service.api.answers import not_built, refusal
from service.api.jobs import known_job
from service.api.keys import FILES
from service.jobs.model import Job
from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.workspace import PDF

_SAFE: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}


async def labels_pdf(request: web.Request) -> web.StreamResponse:
    """Stream the PDF. 409 while there is none, with what stands in the way."""
    job = await known_job(request)
    if (refused := _no_labels(request, job)) is not None:
        return refused
    result = await request.app[FILES].published(job.id, PDF)
    if result is None:
        raise FileNotFoundError(f"{PDF} of the finished job {job.id} is not where it was published")
    response = web.StreamResponse(
        headers={
            **_SAFE,
            "Content-Type": "application/pdf",
            "Content-Length": str(result.size_bytes),
            "Content-Disposition": 'inline; filename="labels.pdf"',
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


async def labels_zip(request: web.Request) -> web.Response:
    """Say that single drawings are not made yet."""
    await known_job(request)
    return not_built(request, "labels.zip", "Use labels.pdf.")


async def errors_xlsx(request: web.Request) -> web.Response:
    """Say that the marked workbook is not made yet."""
    await known_job(request)
    return not_built(request, "errors.xlsx", "Use /rows?status=error.")
