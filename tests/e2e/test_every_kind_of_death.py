"""What kills or wounds a backend behind nginx, and the one incident that explains it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.chain import ROOT, Chain, chain, until
from tests.e2e.faulty_backend import STAGES

pytestmark = pytest.mark.e2e

UPLOAD = "/api/barcodes/upload-excel"
ROUTE = f"POST {UPLOAD}"
FAULTY = (sys.executable, str(ROOT / "tests/e2e/faulty_backend.py"))


@pytest.fixture
async def faulty(tmp_path: Path) -> AsyncIterator[Chain]:
    async with chain(tmp_path, FAULTY, options=(), read_timeout_s=2) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Expected:
    """The incident that a fault must give."""

    cause: str
    status: int  # what the client got
    stage: str | None = "draw"
    kinds: tuple[str, ...] = ()  # evidence that must be there
    severity: str = "page"
    route: str | None = ROUTE


def kinds_of(incident: dict[str, Any]) -> set[str]:
    return {evidence["kind"] for evidence in incident["evidence"]}


def assert_explains(incident: dict[str, Any], expected: Expected) -> None:
    found = (incident["cause"]["code"], incident["stage"], incident["route"], incident["severity"])
    assert found == (expected.cause, expected.stage, expected.route, expected.severity), incident
    assert set(expected.kinds) <= kinds_of(incident), incident["evidence"]
    assert incident["state"] == "open"
    assert incident["cause"]["next_steps"], incident["cause"]
    assert incident["cause"]["runbook"], incident["cause"]
    assert 0 < incident["cause"]["confidence"] <= 1


async def post(running: Chain, query: str, body: bytes = b"") -> tuple[int, str]:
    """Return status and request id of an upload."""
    async with running.client.post(f"{running.front}{UPLOAD}?{query}", data=body) as answer:
        await answer.read()
        return answer.status, answer.headers["X-Request-ID"]


BY_FAULT: dict[str, tuple[str, Expected]] = {
    "an exception that no handler caught": ("bug", Expected("programming_error", 500, kinds=("traceback", "access"))),
    "an exception with a cause": ("chain_of_errors", Expected("programming_error", 500, kinds=("traceback", "access"))),
    "a group of exceptions": ("group_of_errors", Expected("programming_error", 500, kinds=("traceback", "access"))),
    "a file that is not there": ("read_a_missing_file", Expected("path_not_found", 500, kinds=("traceback",))),
    "a module that is not there": ("import_a_missing_module", Expected("import_error", 500, kinds=("traceback",))),
    "a variable that is not set": ("use_a_missing_variable", Expected("missing_env", 500, kinds=("traceback",))),
    "a database that refuses": ("connect_to_a_dead_database", Expected("db_connection", 500, kinds=("traceback",))),
    "a disk that is full": ("fill_the_disk", Expected("disk_full", 500, kinds=("traceback",))),
    "os._exit, which leaves nothing in the log": (
        "leave",
        Expected("other", 502, kinds=("upstream_closed_early", "access", "process_exit")),
    ),
    "a segmentation fault": (
        "segfault",
        Expected("segfault", 502, kinds=("upstream_closed_early", "fatal_dump", "process_exit")),
    ),
    "an abort in native code": (
        "abort",
        Expected("segfault", 502, kinds=("upstream_closed_early", "fatal_dump", "process_exit")),
    ),
    "a hang until nginx gives up": ("hang", Expected("slow_upstream", 504, kinds=("upstream_timeout", "access"))),
}


@pytest.mark.parametrize(("fault", "expected"), BY_FAULT.values(), ids=BY_FAULT)
async def test_fault_gives_one_incident_with_its_cause(faulty: Chain, fault: str, expected: Expected) -> None:
    status, request_id = await post(faulty, f"at=draw&fault={fault}")
    assert status == expected.status
    incident = await faulty.only_incident()
    assert_explains(incident, expected)
    assert request_id in incident["request_ids"]
    await until(lambda: any(page["incident"]["id"] == incident["id"] for page in faulty.pages), "a page")


@pytest.mark.parametrize("stage", STAGES)
async def test_sigkill_tells_the_stage_that_it_hit(faulty: Chain, stage: str) -> None:
    killed = asyncio.create_task(post(faulty, f"at={stage}&fault=wait"))
    await until(
        lambda: [line for line in faulty.lines("upload.stage.started") if line["stage"] == stage], f"{stage} to start"
    )
    os.kill(faulty.backend_pid(), signal.SIGKILL)
    status, request_id = await killed
    assert status == 502
    incident = await faulty.only_incident()
    assert_explains(
        incident,
        Expected("killed", 502, stage=stage, kinds=("upstream_closed_early", "access", "process_exit", "stage_mark")),
    )
    assert incident["suspect_request_id"] == request_id
    assert incident["occurrences"] == 1


async def test_five_requests_in_flight_and_one_kill_are_one_incident(faulty: Chain) -> None:
    flying = [
        asyncio.create_task(post(faulty, f"at={stage}&fault=wait"))
        for stage in ("read", "check", "draw", "draw", "verify")
    ]
    await until(lambda: len(faulty.lines("upload.stage.started")) >= 18, "five uploads to be in flight")
    os.kill(faulty.backend_pid(), signal.SIGKILL)
    answers = await asyncio.gather(*flying)
    assert [status for status, _ in answers] == [502] * 5
    incident = await faulty.only_incident()
    assert incident["cause"]["code"] == "killed"
    assert set(incident["request_ids"]) == {request_id for _, request_id in answers}
    assert len([page for page in faulty.pages if page["change"] == "opened"]) == 1


async def test_kill_after_the_headers_were_sent_is_seen_although_the_status_was_200(faulty: Chain) -> None:
    async with faulty.client.get(f"{faulty.front}/api/jobs/7/labels.pdf") as answer:
        assert answer.status == 200
        request_id = answer.headers["X-Request-ID"]
        os.kill(faulty.backend_pid(), signal.SIGKILL)
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    incident = await faulty.only_incident()
    assert incident["cause"]["code"] == "killed"
    assert incident["stage"] == "publish"
    assert request_id in incident["request_ids"]
    assert [line["status"] for line in faulty.access() if line["request_id"] == request_id] == [200]


def waits_in_socket(address: str) -> int:
    """Return how many bytes wait to be read at a listening process, by the kernel's own table (proc(5), rx_queue)."""
    port = f":{int(address.rpartition(':')[2]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return max((int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(port)), default=0)


async def test_kill_in_the_middle_of_a_large_body(faulty: Chain) -> None:
    pid = faulty.backend_pid()
    os.kill(pid, signal.SIGSTOP)  # its socket fills up, so that nginx is still sending when it dies
    killed = asyncio.create_task(post(faulty, "at=draw&fault=wait", body=os.urandom(15_000_000)))
    await until(lambda: waits_in_socket(faulty.backend) > 10_000, "nginx to be in the middle of sending")
    os.kill(pid, signal.SIGKILL)
    status, _ = await killed
    assert status == 502
    incident = await faulty.only_incident()
    assert incident["cause"]["code"] == "killed"
    assert incident["route"] == ROUTE
    assert kinds_of(incident) & {"upstream_reset", "upstream_closed_early", "other_upstream"}, incident["evidence"]


async def test_deploy_is_no_crash(faulty: Chain) -> None:
    old = faulty.backend_pid()
    os.kill(old, signal.SIGTERM)  # as an operator or a deploy script does
    for _ in range(20):
        await post(faulty, "at=none")
        await asyncio.sleep(0.02)
    await until(lambda: faulty.backend_pid() != old, "the supervisor to start it again")
    await until(lambda: _succeeds(faulty), "the new one to answer")
    assert any("connect() failed (111: Connection refused)" in line for line in faulty.error_lines())
    await faulty.no_incident()


async def test_client_that_leaves_is_no_incident(faulty: Chain) -> None:
    with pytest.raises(TimeoutError):
        async with faulty.client.post(
            f"{faulty.front}{UPLOAD}?at=draw&fault=hang", timeout=aiohttp.ClientTimeout(total=0.3)
        ) as answer:
            await answer.read()
    await until(lambda: [line for line in faulty.access() if line["status"] == 499], "nginx to notice")
    await faulty.no_incident()


async def test_file_that_is_too_large_pages_nobody(faulty: Chain) -> None:
    async with faulty.client.post(f"{faulty.front}{UPLOAD}", data=b"x" * 23_000_000) as answer:
        problem = await answer.json(content_type="application/problem+json")
    assert (answer.status, problem["code"], problem["limit"]) == (413, "file_too_large", 20_000_000)
    await faulty.no_incident()


async def _succeeds(running: Chain) -> bool:
    status, _ = await post(running, "at=none")
    return status == 200


def _drops(*capabilities: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    without = ",".join(f"-{name}" for name in capabilities)
    return lambda command: ("setpriv", f"--bounding-set={without}", f"--inh-caps={without}", *command)


@pytest.fixture
async def powerless(tmp_path: Path) -> AsyncIterator[Chain]:
    """A backend that obeys permission bits even where the tests run as root."""
    command = FAULTY if os.getuid() else _drops("dac_override", "dac_read_search", "fowner", "chown")(FAULTY)
    async with chain(
        tmp_path, command, options=("--preflight", "service.preflight:checks"), read_timeout_s=2
    ) as running:
        yield running


async def test_download_dir_that_can_not_be_written(powerless: Chain) -> None:
    downloads = powerless.state / "downloads"
    downloads.chmod(0o555)
    status, _ = await post(powerless, "at=publish&fault=write_to_downloads")
    assert status == 500
    incident = await powerless.only_incident()
    assert_explains(incident, Expected("permission_denied", 500, stage="publish", kinds=("traceback", "access")))
    said = " ".join((incident["cause"]["summary"], *incident["cause"]["next_steps"]))
    assert str(downloads) in said


STARTS: dict[str, tuple[dict[str, str], str]] = {
    "a directory that is not set": ({"UPLOAD_DIR": ""}, "missing_env"),
    "a database that can't be reached": ({"DATABASE_URL": "postgresql://labels@127.0.0.1:1/labels"}, "db_connection"),
}


@pytest.mark.parametrize(("env", "cause"), STARTS.values(), ids=STARTS)
async def test_backend_that_can_not_start(tmp_path: Path, env: dict[str, str], cause: str) -> None:
    async with chain(tmp_path, wait_for_backend=False, extra_env=env) as running:
        incident = await running.only_incident()
        assert incident["cause"]["code"] == cause
        assert incident["severity"] == "page"


async def test_import_error_at_start(tmp_path: Path) -> None:
    broken = tmp_path / "broken_backend.py"
    broken.write_text("import labelfonts_of_nobody\n")
    async with chain(tmp_path / "state", (sys.executable, str(broken)), options=(), wait_for_backend=False) as running:
        incident = await running.only_incident()
        assert incident["cause"]["code"] == "import_error"
        assert "labelfonts_of_nobody" in incident["cause"]["summary"]
        assert {"traceback", "process_exit"} <= kinds_of(incident)


async def test_port_that_is_taken(tmp_path: Path) -> None:
    listener = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    taken = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with (
        listener,
        chain(tmp_path, FAULTY, options=(), wait_for_backend=False, extra_env={"BACKEND_ADDR": taken}) as running,
    ):
        incident = await running.only_incident()
        assert incident["cause"]["code"] == "config_error"
        assert taken.rpartition(":")[2] in incident["cause"]["summary"]


@pytest.fixture
def memory_cgroup() -> Iterator[Path]:
    """A memory cgroup of 250 MB, v2 or v1."""
    v1 = Path("/sys/fs/cgroup/memory")
    root = v1 if v1.is_dir() else Path("/sys/fs/cgroup")
    group = root / f"barwatch-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"memory cgroups can't be written here: {error}")
    (group / ("memory.limit_in_bytes" if v1.is_dir() else "memory.max")).write_text(str(250_000_000))
    yield group
    group.rmdir()


async def test_kernel_that_kills_for_want_of_memory(tmp_path: Path, memory_cgroup: Path) -> None:
    inside = ("sh", "-c", f'echo $$ > {memory_cgroup}/cgroup.procs; exec "$@"', "sh")
    async with chain(tmp_path, FAULTY, options=(), inside=inside) as running:
        status, request_id = await post(running, "at=draw&fault=eat_memory")
        assert status == 502
        incident = await running.only_incident()
        assert_explains(
            incident, Expected("out_of_memory", 502, kinds=("upstream_closed_early", "process_exit", "access"))
        )
        assert incident["suspect_request_id"] == request_id
