"""Line → webhook: how long after a crash was logged on-call hears of it, over 200 crashes; and what the detector weighs.

The limit in the same run is a process that only watches the file and posts each line as it comes:
no parsing, joining, cause, store or outbox.
"""

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from benchmarks.table import Row, quantile

CRASHES = 200
APART_S = 0.05
FORWARDER = """
import asyncio, sys
import aiohttp
from asyncinotify import Inotify, Mask
async def main(path, url):
    async with aiohttp.ClientSession() as client:
        with Inotify() as inotify, open(path) as log:
            inotify.add_watch(path, Mask.MODIFY)
            print("ready", flush=True)
            async for _ in inotify:
                for line in log:
                    await client.post(url, data=line)
asyncio.run(main(*sys.argv[1:]))
"""


def crash_line(number: int) -> bytes:
    """Return one line of backend.log: an exception that no handler caught, of a kind of its own."""
    kind = f"LabelError{number}"
    trace = (
        "Traceback (most recent call last):\n"
        f'  File "/srv/labels/draw.py", line 40, in draw_{number}\n    raise {kind}(row)\n{kind}: row {number}\n'
    )
    fields = {
        "ts": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "level": "error",
        "event": "http.request.failed",
        "service": "labels",
        "version": "1",
        "instance": "a",
        "pid": 7,
        "request_id": f"{number:032x}",
        "method": "POST",
        "route": "/api/barcodes/upload-excel",
        "status": 500,
        "exception.type": kind,
        "exception.message": f"row {number}",
        "exception.stacktrace": trace,
    }
    return json.dumps(fields).encode() + b"\n"


class Received:
    """When each crash's first notification came in."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}

    async def receive(self, request: web.Request) -> web.Response:
        arrived = time.perf_counter()
        body = await request.text()
        for number in range(CRASHES):
            if f"LabelError{number}:" in body or f"LabelError{number}(" in body or f"LabelError{number}\\" in body:
                self.at.setdefault(number, arrived)
        return web.Response(status=204)


@asynccontextmanager
async def receiver(received: Received) -> AsyncIterator[str]:
    """Run the webhook and give its URL."""
    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/page", received.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/page"
    finally:
        await runner.cleanup()


async def play(log: Path, received: Received) -> list[float]:
    """Write the crashes, one by one, and return the seconds until each was heard of. Raises RuntimeError if one never was."""
    written: dict[int, float] = {}
    with log.open("ab", buffering=0) as file:
        for number in range(CRASHES):
            line = crash_line(number)
            written[number] = time.perf_counter()
            file.write(line)
            await asyncio.sleep(APART_S)
    deadline = time.perf_counter() + 20
    while len(received.at) < CRASHES and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)
    missing = sorted(set(written) - set(received.at))
    if missing:
        raise RuntimeError(f"{len(missing)} crashes were never heard of: {missing[:5]}")
    return [received.at[number] - written[number] for number in written]


def free_address() -> str:
    """Return an address of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def rss_mb(pid: int) -> float:
    """Return the resident size of a process in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure_detector(state: Path) -> tuple[list[float], float, float]:
    """Return the latencies, and the detector's resident size before and after, in MB."""
    logs = state / "logs"
    logs.mkdir(parents=True)
    received = Received()
    async with receiver(received) as url:
        env = os.environ | {
            "STATE_DIR": str(state),
            "LOGS_DIR": str(logs),
            "WEBHOOK_URL": url,
            "DETECTOR_ADDR": free_address(),
            "ACCESS_TOKEN": "benchmark-token",
            "STORM_AFTER": "0",  # each crash is to be heard of by itself
        }
        output = (logs / "detector.log").open("ab")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.cli", "detector", env=env, stdout=output, stderr=output
        )
        try:
            await asyncio.sleep(5)
            before = rss_mb(process.pid)
            latencies = await play(logs / "backend.log", received)
            return latencies, before, rss_mb(process.pid)
        finally:
            process.terminate()
            await process.wait()


async def measure_forwarder(directory: Path) -> list[float]:
    """Return the latencies of the limit."""
    log = directory / "forwarded.log"
    log.touch()
    received = Received()
    async with receiver(received) as url:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", FORWARDER, str(log), url, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            await process.stdout.readline()
            return await play(log, received)
        finally:
            process.terminate()
            await process.wait()


async def rows() -> list[Row]:
    """Measure both in one run."""
    with tempfile.TemporaryDirectory() as directory:
        ours, before, after = await measure_detector(Path(directory) / "state")
        limit = await measure_forwarder(Path(directory))
    found = []
    for share, aim_ms in ((0.5, None), (0.99, 100.0)):
        mine, bare = quantile(ours, share) * 1e3, quantile(limit, share) * 1e3
        name, aim = f"line → webhook, {CRASHES} crashes, p{share * 100:.0f}", f"≤ {aim_ms:.0f} ms" if aim_ms else "–"
        met = mine <= aim_ms if aim_ms else None
        found.append(Row(name, f"{mine:.1f} ms", f"watch file and post: {bare:.1f} ms", f"{mine / bare:.1f}", aim, met))
    found.append(
        Row(
            "detector RSS at rest",
            f"{before:.0f} MB",
            "limit: 100 MB",
            f"{before / 100:.2f}",
            "≤ 100 MB",
            before <= 100,
        )
    )
    found.append(
        Row(
            f"detector RSS after {CRASHES} crashes",
            f"{after:.0f} MB",
            "limit: 100 MB",
            f"{after / 100:.2f}",
            "≤ 100 MB",
            after <= 100,
        )
    )
    return found
