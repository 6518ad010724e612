"""`barwatch backend` as a process of its own on a free port, to be killed and started again on the same directories."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.held_answers import held

ROOT = Path(__file__).parents[2]


class Backend:
    """A backend that can die. Its log, database and files stay."""

    def __init__(self, state: Path, extra: dict[str, str]) -> None:
        for name in ("uploads", "downloads", "logs"):
            (state / name).mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.state = state
        self.url = f"http://{self.address}"
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "STATE_DIR": str(state),
            "UPLOAD_DIR": str(state / "uploads"),
            "DOWNLOAD_DIR": str(state / "downloads"),
            "LOGS_DIR": str(state / "logs"),
            "BACKEND_ADDR": self.address,
            **extra,
        }
        self.process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        return self.state / "logs" / "backend.log"

    @property
    def errors(self) -> Path:
        return self.state / "logs" / "backend.err"

    async def start(self, *, inside: tuple[str, ...] = (), healthy: bool = True) -> None:
        with self.log.open("ab") as out, self.errors.open("ab") as err:
            self.process = await asyncio.create_subprocess_exec(
                *inside, sys.executable, "-m", "service.cli", "backend", env=self.env, stdout=out, stderr=err
            )
        if healthy:
            await self.until_healthy()

    async def until_healthy(self) -> None:
        async with aiohttp.ClientSession(trace_configs=[held()]) as client, asyncio.timeout(40):
            while True:
                assert self.process is not None
                assert self.process.returncode is None, self.errors.read_text()
                try:
                    async with client.get(f"{self.url}/healthz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """End the backend as the kernel does when memory is short."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """Ask the backend to end and return its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 20)

    def events(self, **wanted: object) -> list[dict[str, Any]]:
        """Return the log lines with these fields."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if all(line.get(key) == value for key, value in wanted.items())]

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Return as soon as the condition holds."""
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.002)

    async def until_started(self, stage: str, times: int = 1) -> None:
        """Return at the moment that the stage has started so many times."""
        await self.until(lambda: len(self.events(event="upload.stage.started", stage=stage)) >= times, f"stage {stage}")

    async def job_of(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the job when it has ended."""
        async with aiohttp.ClientSession(trace_configs=[held()]) as client, asyncio.timeout(90):
            while True:
                async with client.get(f"{self.url}/api/jobs/{answer['id']}") as got:
                    job: dict[str, Any] = await got.json()
                if job["finished"] is not None:
                    return job
                await asyncio.sleep(0.02)

    async def upload(self, content: bytes, *, options: str = "{}", **headers: str) -> tuple[int, dict[str, Any]]:
        """Send a list with options as JSON; return status and answer."""
        form = aiohttp.FormData()
        form.add_field("file", content, filename="list.xlsx")
        form.add_field("options", options)
        async with (
            aiohttp.ClientSession(trace_configs=[held()]) as client,
            client.post(f"{self.url}/api/barcodes/upload-excel", data=form, headers=headers) as answer,
        ):
            return answer.status, await answer.json()


@asynccontextmanager
async def backend(state: Path, *, start: bool = True, **extra: str) -> AsyncIterator[Backend]:
    """Yield a backend, started; end it with the block."""
    running = Backend(state, extra)
    if start:
        await running.start()
    try:
        yield running
    finally:
        if running.process is not None and running.process.returncode is None:
            running.process.kill()
            await running.process.wait()
