"""A stop that reaches the backend past its supervisor is told by the backend itself."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[3]
SERVED = """
import asyncio, os, signal, sys
from aiohttp import web
from observability.lines import LineWriter, Source
from observability.logs import configure_logs
from observability.stopping import announce_stop

async def stop(app):
    asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), getattr(signal, sys.argv[1]))

configure_logs(LineWriter(1, Source("labels", "1.2", "a-1", os.getpid())))
app = web.Application()
announce_stop(app, address="127.0.0.1:8034")
if sys.argv[1] != "BROKEN":
    app.on_startup.append(stop)
    web.run_app(app, port=0, host="127.0.0.1", print=None)
else:
    web.run_app(app, port=0, host="192.0.2.1", print=None)
"""


def serve(how: str) -> tuple[int, list[dict[str, Any]]]:
    served = subprocess.run([sys.executable, "-c", SERVED, how], cwd=ROOT, capture_output=True, check=False, timeout=20)
    return served.returncode, [orjson.loads(line) for line in served.stdout.splitlines()]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_is_told_as_a_stop_that_was_asked_for(name: str) -> None:
    code, (told,) = serve(name)
    assert code == 0
    wanted = {"event": "process.stopping", "role": "backend", "signal": name, "asked_by": "signal"}
    assert told.items() >= {**wanted, "address": "127.0.0.1:8034"}.items()


def test_a_backend_that_lost_its_supervisor_says_so_and_not_that_somebody_asked() -> None:
    waits = SERVED.replace("os.kill, os.getpid(), getattr(signal, sys.argv[1])", "left, os.getppid()").replace(
        "async def stop(app):",
        "def left(parent):\n    os.kill(os.getpid(), signal.SIGTERM) if os.getppid() != parent else "
        "asyncio.get_running_loop().call_later(0.05, left, parent)\n\nasync def stop(app):",
    )
    script = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1], 'ORPHANED']); time.sleep(1.5)"
    done = subprocess.run([sys.executable, "-c", script, waits], cwd=ROOT, capture_output=True, check=False, timeout=20)
    (told,) = (orjson.loads(line) for line in done.stdout.splitlines())
    assert told.items() >= {"event": "process.exited", "role": "supervisor", "expected": False}.items()


def test_a_server_that_cannot_start_was_not_asked_to_stop() -> None:
    code, told = serve("BROKEN")
    assert code == 1
    assert [line for line in told if line["event"] == "process.stopping"] == []
