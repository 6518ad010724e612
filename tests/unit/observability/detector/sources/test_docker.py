"""Docker's JSON-file logs as followed files: containers that come and go, rotation, and what a real engine wrote."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from observability.detector.parse import Pending, flush, step
from observability.detector.signals import Signal
from observability.detector.sources import Batch, follow, tail

CORPUS = Path(__file__).parents[4] / "corpus/docker"


async def read(batches: AsyncGenerator[Batch, None], count: int) -> list[str]:
    """Return the texts of the next `count` lines."""
    texts: list[str] = []
    async for batch in batches:
        texts += [f"{Path(line.source).parent.name}: {line.text}" for line in batch.lines]
        if len(texts) >= count:
            break
    return texts


def container(directory: Path, name: str, *lines: str) -> Path:
    log = directory / name / f"{name}-json.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)
    return log


async def test_containers_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "LINGER_S", 0.0)
    container(tmp_path, "aaa", "1")
    async with aclosing(follow([tmp_path / "*/*-json.log"], {}, 0.01, clock=lambda: datetime.now(UTC))) as batches:
        assert await read(batches, 1) == ["aaa: 1"]
        container(tmp_path, "bbb", "2")
        assert await read(batches, 1) == ["bbb: 2"]
        container(tmp_path, "aaa", "3")
        assert await read(batches, 1) == ["aaa: 3"]
        container(tmp_path, "aaa", "4")
        shutil.rmtree(tmp_path / "aaa")
        assert await read(batches, 1) == ["aaa: 4"]
        async for batch in batches:
            if len(batch.checkpoints) == 1:
                break
        assert [Path(source).parent.name for source in batch.checkpoints] == ["bbb"]


async def test_a_rotated_log_is_read_to_its_end_and_a_restart_goes_on(tmp_path: Path) -> None:
    log = container(tmp_path, "aaa", "1", "2")
    pattern = tmp_path / "*/*-json.log"
    async with aclosing(follow([pattern], {}, 0.01, clock=lambda: datetime.now(UTC))) as batches:
        await read(batches, 2)
        checkpoints = (await anext(batches)).checkpoints
    container(tmp_path, "aaa", "3")
    log.rename(f"{log}.1")  # daemon/logger/loggerutils/logfile.go: the newest rotated file is .1
    container(tmp_path, "aaa", "4")
    async with aclosing(follow([pattern], checkpoints, 0.01, clock=lambda: datetime.now(UTC))) as batches:
        assert await read(batches, 2) == ["aaa: 3", "aaa: 4"]


async def signals_of(log: Path) -> list[Signal]:
    pending, signals, now = Pending(), list[Signal](), datetime.now(UTC)
    async with aclosing(follow([log], {}, 0, clock=lambda: now)) as batches:
        async for batch in batches:
            pending, more = step(pending, batch.lines, now)
            signals += more
            if batch.checkpoints and batch.checkpoints[str(log)].offset == log.stat().st_size:
                break
    return [*signals, *flush(pending, now)]


async def test_a_traceback_that_a_real_engine_stored_is_one_signal() -> None:
    (found,) = [s for s in await signals_of(CORPUS / "traceback.json-file.log") if s.kind == "traceback"]
    assert found.at is not None
