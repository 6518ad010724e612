"""verify: a PDF → the same, of labels that a decoder reads. Stage 5 of 6; in a child, as C code renders and decodes."""

from service.jobs.model import Job
from service.uploads.outcomes import Drawn, Verified
from service.uploads.stage import stage
from service.uploads.work import Shop
from service.uploads.workspace import CHECKED, DRAWN, PDF, ROWS


async def verify(job: Job, drawn: Drawn, shop: Shop) -> Verified:
    """Return what is delivered: labels that do not read back are taken out, and their rows are in error."""
    async with stage("verify", labels=drawn.labels) as s:
        for name in (CHECKED, DRAWN, PDF):
            await shop.files.have(job.id, name)
        result = await shop.draw_side("verify", job, s, drawn.labels)
        for name in (PDF, ROWS):
            await shop.files.keep(job.id, name)
        s.set(checked=result["checked"], decoded=result["decoded"])
        return Verified(
            result["checked"],
            result["decoded"],
            result["counts"],
            result["labels"],
            result["pages"],
            result["next_start"],
            result.get("problem"),
        )
