"""Jobs as durable workflows of DBOS: a job that was accepted ends exactly once, however often the process dies meanwhile.

The job id is the workflow id and each stage a step. DBOS starts a workflow again after a death; we count the attempts, because a
job that kills its process must end as `interrupted`. A job that was there when a process died is a suspect, and suspects run one at
a time: the one that kills dies alone, and those that only stood beside it finish.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final, Literal, cast

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from dbos import error as dbos_errors

from observability import events
from observability.ids import JobId
from observability.logs import get_logger
from service.jobs.model import MAX_ATTEMPTS, Job
from service.jobs.store import JobStore

Outcome = dict[str, Any]  # JSON: kept by DBOS, so that a stage that was done is not done again
Work = Callable[[], Awaitable[Outcome]]
Step = Callable[[str, Work], Awaitable[Outcome]]
Process = Callable[[Job, Step], Awaitable[None]]
Reason = Literal["interrupted", "internal_error"]
GiveUp = Callable[[Job, Reason], Awaitable[None]]

CANCELLED: Final[Outcome] = {"cancelled": True}
_VERSION: Final = "1"  # of the workflow's steps, not of the release: a deploy must find the jobs of the release before
_UNFINISHED: Final = ("PENDING", "ENQUEUED", "DELAYED")
_Workflow = Callable[[str], Awaitable[None]]


class Runner:
    """Starts, cancels and resumes jobs. Made by `open_runner`."""

    def __init__(self, store: JobStore, process: Process, give_up: GiveUp, executor: str) -> None:
        self._store = store
        self._process = process
        self._give_up = give_up
        self._executor = executor
        self._workflow: _Workflow | None = None
        self._running: dict[JobId, asyncio.Task[Any]] = {}
        self._cancelled: set[JobId] = set()
        self._stages: dict[JobId, asyncio.Future[Outcome]] = {}
        self._one_suspect = asyncio.Lock()

    async def start(self, job_id: JobId) -> None:
        """Start a job that is in the store. A second start of the same id does nothing."""
        assert self._workflow is not None
        with SetWorkflowID(job_id):
            await DBOS.start_workflow_async(cast(Any, self._workflow), job_id)

    def cancel(self, job_id: JobId) -> None:
        """End the stage that a job is at, if it runs in this process. Its state is the store's matter."""
        self._cancelled.add(job_id)
        if (stage := self._stages.get(job_id)) is not None:
            stage.cancel()

    async def resume(self) -> None:
        """Start the jobs that were accepted but had not reached DBOS when the process died; end those that DBOS gave up."""
        for job_id in await self._store.active(self._executor):
            status = await DBOS.get_workflow_status_async(job_id)
            if status is None:
                await self.start(job_id)
            elif status.status not in _UNFINISHED and (job := await self._store.get(job_id)) is not None:
                await self._give_up(job, "internal_error")

    async def run(self, job_id: JobId) -> None:
        """Run a job from where it stands. Called by DBOS: at first, and again after each death of the process."""
        job = await self._store.get(job_id)
        if job is None or job.ended:
            return
        if job.attempts == 0:
            await self._attempt(job_id)
            return
        async with self._one_suspect:
            await self._attempt(job_id)

    async def _attempt(self, job_id: JobId) -> None:
        job = await self._store.get(job_id)
        if job is not None and job.attempts >= MAX_ATTEMPTS:
            await self._give_up(job, "interrupted")
            return
        if (job := await self._store.begin(job_id)) is None:
            return
        self._running[job_id] = cast("asyncio.Task[Any]", asyncio.current_task())
        try:
            await self._process(job, self._step(job_id))
        except dbos_errors.DBOSException:
            raise  # another execution owns the job now
        except Exception as error:  # noqa: BLE001 — the edge of a job: it ends, whatever failed between its stages
            get_logger().error(f"upload.{events.JOB_FAILED}", job_id=job_id, request_id=job.request_id, exc_info=error)
            await self._give_up(job, "internal_error")
        finally:
            self._running.pop(job_id, None)
            self._cancelled.discard(job_id)

    def _step(self, job_id: JobId) -> Step:
        async def step(name: str, work: Work) -> Outcome:
            async def stage() -> Outcome:
                return await self._interruptible(job_id, work)

            return await DBOS.run_step_async({"name": name}, stage)

        return step

    async def _interruptible(self, job_id: JobId, work: Work) -> Outcome:
        if job_id in self._cancelled:
            return CANCELLED
        stage = asyncio.ensure_future(work())
        self._stages[job_id] = stage
        try:
            return await stage
        except asyncio.CancelledError:
            if job_id in self._cancelled and stage.cancelled():
                return CANCELLED
            raise
        finally:
            stage.cancel()
            self._stages.pop(job_id, None)

    async def stop(self) -> None:
        """Leave the running jobs where they are, for the next start. Their attempts are uncounted: only deaths count."""
        running = dict(self._running)
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)
        await self._store.take_back_attempts(list(running))


@asynccontextmanager
async def open_runner(
    url: str, store: JobStore, process: Process, give_up: GiveUp, executor: str
) -> AsyncIterator[Runner]:
    """Yield the runner of this process, with the jobs of its last life going on. There is one in a process."""
    runner = Runner(store, process, give_up, executor)

    async def upload(job_id: str) -> None:
        await runner.run(JobId(job_id))

    DBOS(config=_config(url, executor))
    _log_as_we_do()
    # Not limited here: DBOS would leave a job that it gives up in no state that a person is shown.
    runner._workflow = DBOS.workflow(name="upload", max_recovery_attempts=None)(upload)
    DBOS.launch()  # in the loop's own thread: DBOS then runs resumed workflows on this loop
    try:
        await runner.resume()
        yield runner
    finally:
        await runner.stop()
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        # DBOS made its own pool that of `asyncio.to_thread`, and has shut it down.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())


def _config(url: str, executor: str) -> DBOSConfig:
    return DBOSConfig(
        name="barwatch",
        system_database_url=url,
        executor_id=executor,
        application_version=_VERSION,
        serializer=DBOSPortableJSONSerializer(),  # its default is pickle
        log_level="WARNING",
        enable_otlp=False,
        max_executor_threads=32,
    )


def _log_as_we_do() -> None:
    """DBOS has a handler of its own for stderr; its lines belong among ours."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True


def with_driver(url: str) -> str:
    """Return the URL with the driver that is installed: psycopg 3 where none is named."""
    parsed = sa.make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)
