"""publish: a verified PDF → where people fetch it. Stage 6 of 6: whole or not at all, and the same when it is done twice."""

from service.jobs.model import Job
from service.uploads.outcomes import Published, Verified
from service.uploads.stage import stage
from service.uploads.work import Shop
from service.uploads.workspace import PDF


async def publish(job: Job, verified: Verified, shop: Shop) -> Published:
    """Return what was published. Raises OSError with the path: a PermissionError, a full disk."""
    async with stage("publish", labels=verified.labels) as s:
        path = await shop.files.have(job.id, PDF)
        if path is None:
            raise FileNotFoundError(f"{PDF} of job {job.id} is gone from its workspace")
        size_bytes = path.stat().st_size
        await shop.files.publish(job.id, PDF, path)
        s.set(bytes=size_bytes)
        return Published(size_bytes)
