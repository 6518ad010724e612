"""What goes wrong around the backend, from outside: bad surroundings at start, children that die, a directory that is closed."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from tests.e2e.backend_process import Backend, backend
from tests.lists import ean_list, xlsx

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
# uid 0 without the capability to pass permission bits: what an ordinary user meets, on a machine of root's
ORDINARY = (
    "setpriv",
    "--bounding-set",
    "-dac_override,-dac_read_search",
    "--inh-caps",
    "-dac_override,-dac_read_search",
)


_LONG = xlsx([("EAN",), *((os.urandom(100).hex(),) for _ in range(49_000))])


async def test_it_refuses_to_start_and_names_every_failure_with_its_remedy(tmp_path: Path) -> None:
    async with backend(tmp_path, start=False, WORKERS="many") as running:
        del running.env["UPLOAD_DIR"]
        running.env["DOWNLOAD_DIR"] = str(tmp_path / "nowhere")
        await running.start(healthy=False)
        assert running.process is not None
        assert await running.process.wait() == 1
        said = running.errors.read_text()
        assert "UPLOAD_DIR: not set" in said
        assert "nowhere: does not exist" in said
        assert "mkdir -p" in said
        assert "WORKERS=many" in said
        assert "Traceback" not in said
        (checked,) = running.events(event="preflight.checked", when="start")
        assert {check["name"] for check in checked["checks"] if not check["ok"]} >= {
            "UPLOAD_DIR",
            "DOWNLOAD_DIR",
            "settings",
        }


async def test_it_refuses_a_taken_port_and_names_who_has_it(tmp_path: Path) -> None:
    async with backend(tmp_path, start=False) as running:
        host, port = running.address.split(":")
        with socket.socket() as taken:
            taken.bind((host, int(port)))
            taken.listen()
            await running.start(healthy=False)
            assert running.process is not None
            assert await running.process.wait() == 1
        assert f"port {port} is taken by pid {os.getpid()}" in running.errors.read_text()


async def test_an_import_error_at_start_is_a_traceback_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pypdfium2.py").write_text("import libpdfium_of_nobody\n")
    async with backend(tmp_path, start=False) as running:
        running.env["PYTHONPATH"] = f"{tmp_path / 'broken'}:{running.env['PYTHONPATH']}"
        await running.start(healthy=False)
        assert running.process is not None
        assert await running.process.wait() != 0
        assert "ModuleNotFoundError: No module named 'libpdfium_of_nobody'" in running.errors.read_text()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV], ids=["killed by the kernel", "segfault"])
async def test_a_child_that_dies_fails_its_job_and_nothing_else(number: signal.Signals, tmp_path: Path) -> None:
    async with backend(tmp_path) as running:
        _, accepted = await running.upload(ean_list(20_000))
        await running.until_started("read")
        await _kill_worker(running, number)
        job = await running.job_of(accepted)
        assert (job["state"], job["problem"]["code"]) == ("failed", "parser_crashed")
        (died,) = running.events(event="process.exited", role="worker")
        assert died["signal"] == number.name
        assert (died["job_id"], died["stage"]) == (accepted["id"], "read")
        assert died["max_rss_bytes"] > 1 << 20
        _, next_one = await running.upload(ean_list(3))
        assert (await running.job_of(next_one))["state"] == "succeeded"
        assert running.process is not None
        assert running.process.returncode is None


async def test_a_list_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    async with backend(tmp_path, READ_SECONDS="1") as running:
        _, accepted = await running.upload(_LONG)
        job = await running.job_of(accepted)
        assert (job["state"], job["problem"]["code"]) == ("failed", "parser_timeout")
        (ended,) = running.events(event="process.exited", role="worker")
        assert (ended["limit"], ended["asked_by"], ended["signal"]) == ("wall", "timeout", "SIGKILL")
        assert (ended["job_id"], ended["expected"]) == (accepted["id"], False)


async def test_a_list_that_needs_too_much_memory_is_given_up(tmp_path: Path) -> None:
    async with backend(tmp_path, WORKER_MEMORY_MB="128") as running:
        _, accepted = await running.upload(_LONG)
        job = await running.job_of(accepted)
        assert (job["state"], job["problem"]["code"]) == ("failed", "expands_too_much")
        assert "memory" in job["problem"]["detail"]


async def test_a_closed_download_directory_fails_the_job_with_a_permission_error_that_names_it(tmp_path: Path) -> None:
    async with backend(tmp_path, start=False) as running:
        await running.start(inside=ORDINARY)
        os.chown(tmp_path / "downloads", 65_534, 65_534)
        _, accepted = await running.upload(ean_list(3))
        job = await running.job_of(accepted)
        assert (job["state"], job["problem"]["code"], job["problem"]["status"]) == ("failed", "internal_error", 500)
        (failed,) = running.events(event="upload.stage.failed", stage="publish")
        assert failed["level"] == "error"
        assert failed["exception.type"] == "PermissionError"
        assert str(tmp_path / "downloads") in failed["exception.message"]
        assert "service/uploads/publish.py" in failed["exception.stacktrace"]
        os.chown(tmp_path / "downloads", 0, 0)
        _, next_one = await running.upload(ean_list(4))
        assert (await running.job_of(next_one))["state"] == "succeeded"


async def test_good_and_bad_uploads_side_by_side_each_end_right(tmp_path: Path) -> None:
    bad = {
        "empty": (b"", 400, "empty_file"),
        "noise": (os.urandom(3_000), 415, "not_a_spreadsheet"),
        "torn": (ean_list(5)[:-300], 202, "corrupt_file"),
        "no codes": (xlsx([("Name", "Colour"), ("cup", "red")]), 202, "header_not_found"),
        "no rows": (xlsx([("EAN", "Name")]), 202, "no_data_rows"),
        "all wrong": (xlsx([("EAN",), ("123",), ("456",)]), 202, "all_rows_invalid"),
    }
    async with backend(tmp_path) as running:
        good = [running.upload(ean_list(5 + n, first=100 * n)) for n in range(14)]
        others = [running.upload(content) for content, _, _ in bad.values()]
        answers = await asyncio.gather(*good, *others)
        jobs = await asyncio.gather(*(running.job_of(answer) for status, answer in answers if status == 202))
        assert [job["counts"]["labels"] for job in jobs[:14]] == [5 + n for n in range(14)]
        assert {job["state"] for job in jobs[:14]} == {"succeeded"}
        found = [(status, answer["code"]) for status, answer in answers[14:] if status != 202]
        assert found == [(status, code) for _, status, code in bad.values() if status != 202]
        codes = [job["problem"]["code"] for job in jobs[14:]]
        assert codes == [code for _, status, code in bad.values() if status == 202]
        assert await running.stop() == 0
        assert running.errors.read_text() == ""


async def _kill_worker(running: Backend, number: signal.Signals) -> None:
    """Kill the child that works: a child of the process that forks, which is a child of the backend."""
    assert running.process is not None
    while True:
        for server in _children(running.process.pid):
            for worker in _children(server):
                os.kill(worker, number)
                return
        await asyncio.sleep(0.001)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]
