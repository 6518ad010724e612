"""Logs that are turned over while a crash is on its way: nothing of it is lost, and the detector tells it once."""

import asyncio
import os
from pathlib import Path

import pytest

from service.front_logs import turn_over
from service.parts import Part, Running
from tests.e2e.chain import chain, until
from tests.e2e.fault_actions import FAULTY, post

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_a_crash_right_after_the_logs_were_emptied_is_one_incident(tmp_path: Path) -> None:
    async with chain(tmp_path, FAULTY, options=("--turn-over-mb", "1")) as running:
        log = running.logs / "backend.log"
        with log.open("ab") as file:
            file.write(b'{"ts":"2026-01-01T00:00:00Z","level":"info","event":"log.recorded","text":"x"}\n' * 14_000)
        await until(lambda: Path(f"{log}.1").exists() and log.stat().st_size < 1_000_000, "the log to be turned over")
        assert (await post(running, "at=draw&fault=leave")).status == 502
        incident = await running.only_incident()
        assert (incident["occurrences"], incident["stage"]) == (1, "draw")


async def test_the_logs_of_nginx_are_turned_over_and_followed(tmp_path: Path) -> None:
    async with chain(tmp_path, FAULTY, options=()) as running:
        pid = int((running.state / "nginx/nginx.pid").read_text())
        turning = asyncio.create_task(turn_over(running.logs, _as_part(pid), at=10_000, every_s=0.1))
        try:
            for _ in range(60):
                async with running.client.get(f"{running.front}/healthz"):
                    pass
            await until(lambda: (running.logs / "access.log.1").exists(), "the access log to be turned over")
            assert (await post(running, "at=draw&fault=leave")).status == 502
            incident = await running.only_incident()
            assert incident["occurrences"] == 1
        finally:
            turning.cancel()


def _as_part(pid: int) -> Running:
    class Process:
        returncode = None

        def send_signal(self, number: int) -> None:
            os.kill(pid, number)

    return Running(Part("nginx", (), {}, Path("/dev/null"), "", ""), Process())  # type: ignore[arg-type]
