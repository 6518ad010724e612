"""A child may do what it likes: the backend gets a typed failure and lives on."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.testing import capture_logs

from service.jobs.exceptions import TaskFailed, WorkerDied, WorkerOutOfMemory, WorkerTimedOut
from service.jobs.limits import ChildLimits
from service.jobs.workers import Workers, open_workers

TASKS = "tests.unit.service.jobs.child_tasks"
LIMITS = ChildLimits(memory_bytes=256 << 20, cpu_s=20, wall_s=20)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with open_workers((TASKS,), children=2) as opened:
        yield opened


async def run(workers: Workers, name: str, limits: ChildLimits = LIMITS, **request: Any) -> dict[str, Any]:
    return await workers.run(f"{TASKS}:{name}", request, limits=limits)


async def test_a_task_gives_its_result_and_its_progress(workers: Workers) -> None:
    seen: list[tuple[int, int]] = []
    result = await workers.run(
        f"{TASKS}:double", {"value": 21}, limits=LIMITS, progress=lambda done, total: seen.append((done, total))
    )
    assert result["value"] == 42
    assert result["pid"] != os.getpid()
    assert seen == [(1, 2)]


async def test_what_a_task_raises_comes_back_with_its_traceback(workers: Workers) -> None:
    with pytest.raises(TaskFailed) as raised:
        await run(workers, "fail", value="no such key")
    assert raised.value.type == "KeyError"
    assert "raise KeyError" in raised.value.stack


DEATHS: dict[str, tuple[str, str | None, int | None]] = {
    "a segfault": ("segfault", "SIGSEGV", None),
    "os._exit": ("leave", None, 7),
    "SIGKILL, as the kernel sends it when memory is short": ("kill_itself", "SIGKILL", None),
}


@pytest.mark.parametrize(("name", "signal", "exit_code"), DEATHS.values(), ids=DEATHS)
async def test_a_dead_child_says_what_it_died_of(
    workers: Workers, name: str, signal: str | None, exit_code: int | None
) -> None:
    with pytest.raises(WorkerDied) as raised:
        await run(workers, name)
    assert (raised.value.signal, raised.value.exit_code) == (signal, exit_code)
    assert raised.value.max_rss_bytes > 1 << 20
    assert (await run(workers, "double", value=1))["value"] == 2


async def test_a_dead_child_is_logged_with_what_it_worked_at(workers: Workers) -> None:
    with (
        capture_logs(processors=[merge_contextvars]) as logged,
        bound_contextvars(job_id="j", stage="draw"),
        pytest.raises(WorkerDied),
    ):
        await run(workers, "kill_itself")
    (line,) = [line for line in logged if line["event"] == "process.exited"]
    assert (line["role"], line["signal"], line["job_id"], line["stage"]) == ("worker", "SIGKILL", "j", "draw")
    assert (line["rows_done"], line["expected"]) == (5, False)
    assert line["max_rss_bytes"] > 1 << 20
    assert line["uptime_s"] > 0


async def test_a_child_that_hangs_is_killed_after_its_wall_time(workers: Workers) -> None:
    with pytest.raises(WorkerTimedOut):
        await run(workers, "sleep", ChildLimits(wall_s=0.2), seconds=60)


async def test_a_child_that_computes_for_ever_is_killed_by_the_kernel(workers: Workers) -> None:
    with pytest.raises(WorkerTimedOut):
        await run(workers, "burn", ChildLimits(cpu_s=1, wall_s=30))


async def test_memory_beyond_the_limit_is_refused(workers: Workers) -> None:
    with pytest.raises(WorkerOutOfMemory) as raised:
        await run(workers, "swallow_memory", bytes=1 << 30)
    assert raised.value.limit_bytes == LIMITS.memory_bytes


async def test_an_answer_without_end_is_no_answer(workers: Workers) -> None:
    with pytest.raises(WorkerDied):
        await run(workers, "shout", bytes=3 << 20)


async def test_a_child_sees_no_secret_and_no_descriptor_of_ours(workers: Workers) -> None:
    seen = await run(workers, "look_around")
    assert "PATH" not in seen["environment"]
    assert seen["descriptors"] == [0, 1, 2, 3, 4]  # 4 is the listing itself


async def test_a_cancelled_task_leaves_no_child(workers: Workers) -> None:
    task = asyncio.create_task(run(workers, "sleep", seconds=60))
    pid = await _child_pid(workers)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not Path(f"/proc/{pid}").exists()


async def test_when_the_forking_process_is_killed_its_tasks_fail_and_the_next_one_starts_another(
    workers: Workers,
) -> None:
    task = asyncio.create_task(run(workers, "sleep", seconds=60))
    await _child_pid(workers)
    assert workers._server is not None
    workers._server.kill()
    with pytest.raises(WorkerDied):
        await task
    assert (await run(workers, "double", value=2))["value"] == 4


async def test_large_tasks_leave_room_for_a_small_one(workers: Workers) -> None:
    large = [
        asyncio.create_task(workers.run(f"{TASKS}:sleep", {"seconds": 60}, limits=LIMITS, large=True)) for _ in range(3)
    ]
    await _child_pid(workers)
    assert (await run(workers, "double", value=3))["value"] == 6
    for task in large:
        task.cancel()
    await asyncio.gather(*large, return_exceptions=True)


async def _child_pid(workers: Workers) -> int:
    while True:
        for child in workers._children.values():
            if child.pid.done():
                return child.pid.result()
        await asyncio.sleep(0.005)
