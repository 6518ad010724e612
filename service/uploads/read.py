"""read: a received file → the table in it. Stage 2 of 6; in a child, because files of strangers kill their readers."""

from service.jobs.model import Job
from service.uploads.outcomes import Read
from service.uploads.problems import ReadProblem
from service.uploads.stage import stage
from service.uploads.work import Shop
from service.uploads.workspace import TABLE, UPLOAD


async def read(job: Job, shop: Shop) -> Read:
    """Return how many rows the table has. Raises ReadProblem where there is none."""
    async with stage("read", bytes=job.upload.size_bytes) as s:
        if await shop.files.have(job.id, UPLOAD) is None:
            raise ReadProblem("upload_incomplete", "The file is not there any more. Upload it again.")
        result = await shop.read_side("read", job, s)
        await shop.files.keep(job.id, TABLE)
        s.set(rows=result["rows"])
        return Read(rows=result["rows"])
