"""draw: checked labels → one PDF. Stage 4 of 6; in a child, because C code may die there."""

from service.jobs.model import Job
from service.uploads.outcomes import Checked, Drawn
from service.uploads.stage import stage
from service.uploads.work import Shop
from service.uploads.workspace import CHECKED, DRAWN, PDF


async def draw(job: Job, checked: Checked, shop: Shop) -> Drawn:
    """Return how large the PDF of all labels became. Raises ReadProblem: it took too long, or killed its process."""
    async with stage("draw", labels=checked.labels) as s:
        await shop.files.have(job.id, CHECKED)
        result = await shop.draw_side("draw", job, s, checked.labels)
        for name in (DRAWN, PDF):
            await shop.files.keep(job.id, name)
        s.set(pages=result["pages"], bytes=result["bytes"])
        return Drawn(checked.labels, result["pages"])
