"""The served OpenAPI document held against the running backend by schemathesis, with all its checks and generated requests."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.backend_process import ROOT, Backend, backend
from tests.lists import ean, ean_list, xlsx

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(150)]
_HERE: Final = Path(__file__).parent
_EXAMPLES: Final = 8  # an operation and phase; all of it takes some 20 s
_ENDINGS: Final = {
    "succeeded": ean_list(3),
    "succeeded with errors": xlsx([("EAN",), (ean(1),), ("4000000000010",)]),
    "nothing to draw": xlsx([("EAN", "Quantity"), (ean(1), 0)]),
    "failed": xlsx([("Name", "Colour"), ("cup", "red")]),
}


async def test_every_generated_request_is_answered_as_the_document_says(tmp_path: Path) -> None:
    async with backend(tmp_path) as running:
        jobs = [(await running.upload(content, Prefer="wait=30"))[1]["id"] for content in _ENDINGS.values()]
        code, said = await _schemathesis(running, jobs, tmp_path)
        assert code == 0, said
        failed = running.events(event="http.request.failed")
        assert failed == [], json.dumps(failed)[:5_000]


async def _schemathesis(running: Backend, jobs: list[str], directory: Path) -> tuple[int, str]:
    """Return the exit code and the report of a whole run, which is the same each time."""
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(_HERE / "schemathesis.toml")),
        *("run", f"{running.url}/openapi.json", "--checks", "all", "--max-examples", str(_EXAMPLES)),
        *("--generation-deterministic", "--continue-on-failure", "--no-shrink", "--request-timeout", "30"),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.e2e.openapi_hooks",
            "BARWATCH_TEST_JOBS": ",".join(jobs),
        },
        cwd=directory,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 120)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode()
