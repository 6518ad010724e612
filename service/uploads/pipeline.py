"""A job from its file to its end: the stages as durable steps, and what each of them means for the job's state."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from observability import events
from observability.logs import get_logger
from observability.tracing import continued
from service.jobs.model import Job
from service.jobs.runner import CANCELLED, Outcome, Reason, Step
from service.jobs.store import JobStore
from service.uploads.check import check
from service.uploads.draw import draw
from service.uploads.options import parse_options
from service.uploads.outcomes import Checked, Drawn, Published, Read, Verified
from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.publish import publish
from service.uploads.read import read
from service.uploads.verify import verify
from service.uploads.work import Shop, problem_of
from service.uploads.workspace import DRAWN, PDF, TABLE

UPLOAD_ROUTE: Final = "POST /api/barcodes/upload-excel"
Clock = Callable[[], datetime]
_INTERNAL: Final = {
    "type": "about:blank",
    "title": "Internal error",
    "status": 500,
    "code": "internal_error",
    "detail": "Something failed on our side and has been recorded. Upload again later; name the request id if you report it.",
}
_NONE_READ_BACK: Final = {"code": "all_rows_invalid", "detail": "No label read back", "fields": {}}
_NEEDED_NO_MORE: Final = (
    TABLE,
    DRAWN,
    PDF,
)  # upload and verdicts are: errors.xlsx and labels.zip are made when asked for
T = TypeVar("T", Read, Checked, Drawn, Verified, Published)


class _Ended(Exception):
    """The job goes no further. `problem` says why; None: it was cancelled."""

    def __init__(self, problem: Mapping[str, Any] | None) -> None:
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Runs jobs through the stages."""

    store: JobStore
    shop: Shop
    clock: Clock

    async def process(self, job: Job, step: Step) -> None:
        """Bring a job to its end. What a stage found is in its step: after a death nothing that was done is done again."""
        with _ids(job):
            try:
                await self._stages(job, step)
            except _Ended as ended:
                if ended.problem is not None:
                    await self._end(job, "failed", problem=ended.problem)

    async def _stages(self, job: Job, step: Step) -> None:
        run = _Run(self.store, job, step)
        found = await run.stage("read", Read, 0, lambda: read(job, self.shop))
        checked = await run.stage("check", Checked, found.rows, lambda: check(job, found, self.shop))
        await self.store.change(job.id, table=checked.table, counts={**checked.counts, "pages": 0})
        if checked.problem is not None:
            raise _Ended(problem_json(problem_of(checked.problem)))
        if checked.labels == 0:
            await self._end(
                job,
                _state(checked.counts),
                counts={**checked.counts, "pages": 0},
                verified=_verified(0, 0),
                next_start=parse_options(job.upload.options).start,  # the sheet is as it was
                done=0,
                total=0,
            )
            return
        drawn = await run.stage("draw", Drawn, checked.labels, lambda: draw(job, checked, self.shop))
        verified = await run.stage("verify", Verified, drawn.labels, lambda: verify(job, drawn, self.shop))
        counts = {**verified.counts, "pages": verified.pages}
        if verified.problem is not None or verified.labels == 0:
            await self.store.change(job.id, counts=counts)
            raise _Ended(problem_json(problem_of(verified.problem or _NONE_READ_BACK)))
        await run.stage("publish", Published, verified.labels, lambda: publish(job, verified, self.shop))
        await self._end(
            job,
            _state(counts),
            counts=counts,
            verified=_verified(verified.checked, verified.decoded),
            next_start=verified.next_start,
            done=verified.labels,
            total=verified.labels,
        )

    async def give_up(self, job: Job, reason: Reason) -> None:
        """End a job that cannot go on: its process died too often while it ran, or something failed outside of its stages."""
        with _ids(job):
            if reason == "internal_error":
                await self._end(job, "failed", problem=_INTERNAL)
                return
            get_logger().error(f"upload.{events.JOB_INTERRUPTED}", attempts=job.attempts, stage=job.stage)
            detail = f"The process ended {job.attempts} times while this job was at stage {job.stage}. "
            await self._end(
                job, "failed", problem=_described("interrupted", detail + PROBLEMS["interrupted"].remedy, {})
            )

    async def _end(self, job: Job, state: str, **values: Any) -> None:
        await self.store.change(job.id, state=state, stage=None, finished=self.clock(), **values)
        await self.shop.files.discard(job.id, _NEEDED_NO_MORE)


@dataclass(frozen=True, slots=True)
class _Run:
    store: JobStore
    job: Job
    step: Step

    async def stage(self, name: str, kind: type[T], total: int, work: Callable[[], Awaitable[T]]) -> T:
        """Run one stage of `total` rows or labels (0: not known yet), or take what it gave before the last death."""

        async def outcome() -> Outcome:
            if not await self.store.change(self.job.id, stage=name, done=0, total=total):
                return CANCELLED
            return await _told(work)

        result = await self.step(name, outcome)
        if result == CANCELLED:
            raise _Ended(None)
        if "failed" in result:
            raise _Ended(result["failed"])
        return kind(**result)


async def _told(work: Callable[[], Awaitable[Any]]) -> Outcome:
    """Return what a stage gave or why it failed, as JSON: an exception would be pickled and come back as another."""
    try:
        return asdict(await work())
    except ReadProblem as problem:
        return {"failed": problem_json(problem)}
    except Exception:  # noqa: BLE001 — the edge of a stage, which has logged it already
        return {"failed": _INTERNAL}


def problem_json(problem: ReadProblem) -> dict[str, Any]:
    """Return a problem as it stands in a job. `detail` holds the remedy."""
    return _described(problem.code, problem.detail, problem.fields)


def _described(code: str, detail: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "about:blank", "title": PROBLEMS[code].title, "code": code, "detail": detail, **fields}


def _state(counts: Mapping[str, int]) -> str:
    return "succeeded_with_errors" if counts["error"] else "succeeded"


def _verified(checked: int, decoded: int) -> dict[str, int]:
    return {"checked": checked, "decoded": decoded}


def _ids(job: Job) -> AbstractContextManager[None]:
    return continued(traceparent=job.traceparent, request_id=job.request_id, job_id=job.id, route=UPLOAD_ROUTE)
