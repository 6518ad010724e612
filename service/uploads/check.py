"""check: a table → a verdict on each row, and the labels to be drawn. Stage 3 of 6; in a child, as the values are a stranger's."""

from service.jobs.model import Job
from service.uploads.outcomes import Checked, Read
from service.uploads.stage import stage
from service.uploads.work import Shop
from service.uploads.workspace import CHECKED, ROWS, TABLE


async def check(job: Job, found: Read, shop: Shop) -> Checked:
    """Return the verdicts in short; the rows are kept. `problem` says why nothing may be drawn, if so."""
    async with stage("check", rows=found.rows) as s:
        await shop.files.have(job.id, TABLE)
        result = await shop.read_side("check", job, s)
        for name in (CHECKED, ROWS):
            await shop.files.keep(job.id, name)
        s.set(errors=result["counts"]["error"], labels=result["labels"])
        return Checked(result["table"], result["counts"], result["labels"], result.get("problem"))
