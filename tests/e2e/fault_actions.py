"""What a row of the fault matrix does to a running chain: uploads that fail, signals, bytes that are no HTTP."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.e2e.chain import ROOT, Chain, until

UPLOAD = "/api/barcodes/upload-excel"
ROUTE = f"POST {UPLOAD}"
FAULTY = (sys.executable, str(ROOT / "tests/e2e/faulty_backend.py"))

_PATIENCE_S = 0.5

Action = Callable[[Chain], Awaitable["Hurt"]]


@dataclass(frozen=True, slots=True)
class Hurt:
    """What the client got, the request that did it, and all requests that suffered from it."""

    status: int | None = None
    request_id: str | None = None
    others: tuple[str, ...] = ()

    @property
    def request_ids(self) -> tuple[str, ...]:
        return (self.request_id, *self.others) if self.request_id else self.others


async def post(running: Chain, query: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Hurt:
    """Upload, and return what came of it."""
    async with running.client.post(f"{running.front}{UPLOAD}?{query}", data=body, headers=headers) as answer:
        await answer.read()
        return Hurt(answer.status, answer.headers["X-Request-ID"])


def failing(fault: str, stage: str = "draw") -> Action:
    """Return the action: upload to a handler that fails so in that stage."""
    return lambda running: post(running, f"at={stage}&fault={fault}")


async def nothing(_: Chain) -> Hurt:
    """The surroundings alone are the fault."""
    return Hurt()


async def well(running: Chain) -> Hurt:
    """Upload what nothing is wrong with."""
    return await post(running, "at=none")


async def started(running: Chain, stage: str, count: int = 1) -> None:
    """Return when that many uploads have come to this stage."""
    await until(lambda: in_stage(running, stage) >= count, f"{count} uploads in {stage}")


def in_stage(running: Chain, stage: str) -> int:
    """Return how many uploads have come to this stage."""
    return len([line for line in running.lines("upload.stage.started") if line["stage"] == stage])


def killing(number: signal.Signals, stage: str = "draw") -> Action:
    """Return the action: send the backend this signal while an upload is in that stage."""

    async def kill(running: Chain) -> Hurt:
        flying = asyncio.create_task(post(running, f"at={stage}&fault=wait"))
        await started(running, stage)
        os.kill(running.backend_pid(), number)
        return await flying

    return kill


async def kill_with_five_in_flight(running: Chain) -> Hurt:
    """One SIGKILL, five victims; the suspect is the one whose stage moved last."""
    first = [asyncio.create_task(post(running, f"at={s}&fault=wait")) for s in ("read", "check", "draw", "verify")]
    await started(running, "verify")
    await started(running, "draw", 2)
    last = asyncio.create_task(post(running, "at=publish&fault=wait"))
    await started(running, "publish")
    os.kill(running.backend_pid(), signal.SIGKILL)
    suspect, *others = await asyncio.gather(last, *first)
    assert {hurt.status for hurt in (suspect, *others)} == {502}
    return Hurt(502, suspect.request_id, tuple(hurt.request_id or "" for hurt in others))


async def kill_after_the_headers(running: Chain) -> Hurt:
    """The client has its 200 and half of the file; only nginx's "while reading upstream" tells."""
    async with running.client.get(f"{running.front}/api/jobs/7/labels.pdf") as answer:
        os.kill(running.backend_pid(), signal.SIGKILL)
        try:
            await answer.read()
        except aiohttp.ClientPayloadError:
            return Hurt(answer.status, answer.headers["X-Request-ID"])
    raise AssertionError("the whole file came")


async def kill_in_the_middle_of_a_body(running: Chain) -> Hurt:
    """Stop the backend so that its socket fills up and nginx is still sending when it dies."""
    pid = running.backend_pid()
    os.kill(pid, signal.SIGSTOP)
    flying = asyncio.create_task(post(running, "at=draw&fault=wait", body=os.urandom(15_000_000)))
    await until(lambda: _waits_in_socket(running.backend) > 10_000, "nginx to be in the middle of sending")
    os.kill(pid, signal.SIGKILL)
    return await flying


def _waits_in_socket(address: str) -> int:
    """Return how many bytes wait to be read at a listening process, by the kernel's own table (proc(5), rx_queue)."""
    port = f":{int(address.rpartition(':')[2]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return max((int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(port)), default=0)


async def kill_the_supervisor(running: Chain) -> Hurt:
    """The backend ends with its parent."""
    flying = asyncio.create_task(post(running, "at=draw&fault=wait"))
    await started(running, "draw")
    os.kill(running.supervisor_pid(), signal.SIGKILL)
    return await flying


async def freeze(running: Chain) -> Hurt:
    """A process that was stopped takes connections, through the kernel, and answers none."""
    pid = running.backend_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        return await post(running, "at=none")
    finally:
        os.kill(pid, signal.SIGCONT)


async def deploy_under_traffic(running: Chain) -> Hurt:
    """SIGTERM as a deploy script sends it, with uploads coming in all the time until the new process answers."""
    old = running.backend_pid()
    os.kill(old, signal.SIGTERM)
    statuses = []
    for _ in range(20):
        statuses.append((await post(running, "at=none")).status)
        await asyncio.sleep(0.02)
    await until(lambda: running.backend_pid() != old, "the supervisor to start it again")
    await until(lambda: _answers(running), "the new one to answer")
    assert any("connect() failed (111: Connection refused)" in line for line in running.error_lines())
    return Hurt(200)


def stopping_during(fault: str) -> Action:
    """Return the action: SIGTERM while an upload is under way, and wait for the next process."""

    async def stop(running: Chain) -> Hurt:
        before = in_stage(running, "draw")
        flying = asyncio.create_task(post(running, f"at=draw&fault={fault}"))
        await started(running, "draw", before + 1)
        old = running.backend_pid()
        os.kill(old, signal.SIGTERM)
        hurt = await flying
        await until(lambda: running.backend_pid() != old, "the supervisor to start it again")
        await until(lambda: _answers(running), "the new one to answer")
        return hurt

    return stop


async def _answers(running: Chain) -> bool:
    return (await post(running, "at=none")).status == 200


async def leave(running: Chain) -> Hurt:
    """The client loses patience."""
    try:
        async with running.client.post(
            f"{running.front}{UPLOAD}?at=draw&fault=hang", timeout=aiohttp.ClientTimeout(total=0.3)
        ) as answer:
            await answer.read()
    except TimeoutError:
        await until(lambda: [line for line in running.access() if line["status"] == 499], "nginx to notice")
    return Hurt()


async def leave_while_downloading(running: Chain) -> Hurt:
    """The client closes while the file still comes."""
    async with running.client.get(f"{running.front}/api/jobs/7/labels.pdf") as answer:
        await answer.content.read(100)
        answer.close()
    await until(lambda: [line for line in running.access() if "labels.pdf" in line["request"]], "nginx to notice")
    return Hurt(200)


def too_large(query: str = "at=none") -> Action:
    """Return the action: upload more than nginx lets in."""
    return lambda running: post(running, query, body=b"x" * 23_000_000)


def sending(*parts: bytes, pause_s: float = 0.0) -> Action:
    """Return the action: write bytes to nginx's port, as they are, and close."""

    async def send(running: Chain) -> Hurt:
        host, _, port = running.front.removeprefix("http://").rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = b""
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                head = await reader.readline()
        writer.close()
        words = head.split()
        status = words[1] if len(words) > 1 and words[0].startswith(b"HTTP/") else b""
        return Hurt(int(status) if status.isdigit() else None)

    return send


async def fail_third_of_four_on_one_connection(running: Chain) -> Hurt:
    """Four requests share nginx's `*N`; only the third one is hurt."""
    queries = ("at=none", "at=none&n=2", "at=draw&fault=answer_with_a_broken_header", "at=none&n=4")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as client:
        hurts = []
        for query in queries:
            async with client.post(f"{running.front}{UPLOAD}?{query}") as answer:
                await answer.read()
                hurts.append(Hurt(answer.status, answer.headers["X-Request-ID"]))
    await until(lambda: len(running.access()) >= 4, "nginx to log them")
    ours = [line for line in running.access() if UPLOAD in line["request"]]
    assert {line["connection"] for line in ours} == {ours[0]["connection"]}
    assert [hurt.status for hurt in hurts] == [200, 200, 502, 200]
    return hurts[2]


async def fill_the_logs_and_leave(running: Chain) -> Hurt:
    """Fill the disk under LOGS_DIR up and let the backend die. What the supervisor held back is all the room that there is."""
    ballast = running.logs / "ballast"
    with ballast.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 16))
        except OSError:
            pass
    hurt = await post(running, "at=draw&fault=leave")
    log = running.logs / "backend.log"
    await until(lambda: '"when":"death"' in log.read_text(), "the preflight after the death")
    return hurt
