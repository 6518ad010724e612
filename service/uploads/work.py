"""How a stage gets its work done: a request for a child in, its result out, each failure with the code that a person is told."""

from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from observability.stage import Stage
from service.jobs.exceptions import WorkerDied, WorkerOutOfMemory, WorkerTimedOut
from service.jobs.files import Files
from service.jobs.limits import ChildLimits
from service.jobs.model import Job
from service.jobs.progress import Progress, kept
from service.jobs.store import JobStore
from service.jobs.workers import Workers
from service.uploads.limits import Limits
from service.uploads.problems import PROBLEMS, ReadProblem

_CHILD: Final = "service.uploads.child"
PRELOAD: Final = (_CHILD, "service.uploads.reading", "service.uploads.checking")
_JUDGING: Final = frozenset({"check", "verify"})  # their problem stands beside other results
_LARGE_BYTES: Final = 100_000  # of a file: some 5,000 rows
_LARGE_LABELS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Shop:
    """What the stages work with."""

    files: Files
    workers: Workers
    limits: Limits
    store: JobStore
    logo: Path | None = None  # a PNG, drawn on each label that has room for it

    async def read_side(self, task: str, job: Job, s: Stage) -> dict[str, Any]:
        """Run a task that reads the person's file. Raises ReadProblem."""
        request = self._request(self.files.workspace(job.id), job.upload.options)
        large = job.upload.size_bytes > _LARGE_BYTES
        async with self._followed(job, s) as progress:
            return await self._run(task, request, large, "parser", self.limits.read_seconds, job, progress)

    async def judge(self, workspace: Path, options: str, size_bytes: int) -> dict[str, Any]:
        """Read and check a file that is no job. Raises ReadProblem."""
        request = self._request(workspace, options)
        large = size_bytes > _LARGE_BYTES
        await self._run("read", request, large, "parser", self.limits.read_seconds)
        return await self._run("check", request, large, "parser", self.limits.read_seconds)

    async def draw_side(self, task: str, job: Job, s: Stage, labels: int) -> dict[str, Any]:
        """Run a task that draws or looks at what was drawn. Raises ReadProblem."""
        request = self._request(self.files.workspace(job.id), job.upload.options)
        large, seconds = labels > _LARGE_LABELS, self._draw_seconds(labels)
        async with self._followed(job, s) as progress:
            return await self._run(task, request, large, "drawing", seconds, job, progress)

    async def zip_labels(self, job: Job) -> None:
        """Make labels.zip in the workspace. Raises ReadProblem."""
        labels = job.counts.get("labels", 0)
        request = self._request(self.files.workspace(job.id), job.upload.options)
        await self._run("zip_labels", request, labels > _LARGE_LABELS, "drawing", self._draw_seconds(labels))

    async def mark_errors(self, job: Job, code: str, detail: str) -> None:
        """Make errors.xlsx in the workspace; `code` and `detail` are told where no row could be read. Raises ReadProblem."""
        request = self._request(self.files.workspace(job.id), job.upload.options) | {"code": code, "detail": detail}
        large = job.upload.size_bytes > _LARGE_BYTES
        await self._run("mark_errors", request, large, "parser", self.limits.read_seconds)

    async def calibrate(self, options: str) -> bytes:
        """Return the calibration page of the layout that the options name."""
        result = await self._run("calibrate", {"options": options}, False, "drawing", self.limits.read_seconds)
        return b64decode(result["pdf"])

    async def sniff(self, path: Path) -> None:
        """Tell whether it is worth a job. Raises ReadProblem, also for what the stage read would say only later."""
        limits = self._child_limits(min(self.limits.read_seconds, 15.0))
        request = {"path": str(path), "limits": asdict(self.limits)}
        try:
            result = await self.workers.run(f"{_CHILD}:sniff", request, limits=limits)
        except (WorkerDied, WorkerOutOfMemory, WorkerTimedOut):
            return  # the stage read will meet it again, and has the words for it
        _raise_problem(result)

    def _request(self, workspace: Path, options: str) -> dict[str, Any]:
        logo = None if self.logo is None else str(self.logo)
        return {"workspace": str(workspace), "options": options, "limits": asdict(self.limits), "logo": logo}

    async def _run(
        self,
        task: str,
        request: dict[str, Any],
        large: bool,
        side: str,
        seconds: float,
        job: Job | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Run a task: as a stage of the job, or, without one, for somebody who waits."""
        limits, since = self._child_limits(seconds), None if job is None else job.created.timestamp()
        try:
            result = await self.workers.run(
                f"{_CHILD}:{task}", request, limits=limits, large=large, since=since, progress=progress
            )
        except WorkerTimedOut as error:
            raise _problem(f"{side}_timeout", f"It took more than {error.limit_s:g} seconds") from error
        except WorkerOutOfMemory as error:
            raise _problem(f"{side}_crashed", f"It needs more than {error.limit_bytes >> 20} MiB of memory") from error
        except WorkerDied as error:
            how = f"signal {error.signal}" if error.signal else f"exit code {error.exit_code}"
            raise _problem(f"{side}_crashed", f"The process that worked on the file ended with {how}") from error
        _raise_problem(result, keep=task in _JUDGING)
        return result

    @asynccontextmanager
    async def _followed(self, job: Job, s: Stage) -> AsyncIterator[Progress]:
        """Yield what takes a child's progress: to the stage, whose journal outlives us, and to the job, for who waits."""
        async with kept(self.store, job.id) as keep:

            def progress(done: int, total: int) -> None:
                s.progress(done)
                keep(done, total)

            yield progress

    def _draw_seconds(self, labels: int) -> float:
        return self.limits.read_seconds + labels / 500

    def _child_limits(self, seconds: float) -> ChildLimits:
        return ChildLimits(memory_bytes=self.limits.child_bytes, cpu_s=int(seconds) + 1, wall_s=seconds)


def _problem(code: str, found: str) -> ReadProblem:
    return ReadProblem(code, f"{found}. {PROBLEMS[code].remedy}")


def _raise_problem(result: dict[str, Any], *, keep: bool = False) -> None:
    """Raise what the child found. With `keep` it stands beside other results, which the stage wants too."""
    if "problem" in result and not keep:
        raise problem_of(result["problem"])


def problem_of(found: dict[str, Any]) -> ReadProblem:
    """Return a problem as a child tells it, with its remedy."""
    kind = PROBLEMS[found["code"]]
    return ReadProblem(found["code"], f"{found['detail'].rstrip('.')}. {kind.remedy}", **found["fields"])
