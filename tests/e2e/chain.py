"""The real chain on free ports of loopback: nginx → supervised backend, and the detector that watches both."""

import asyncio
import json
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from service.front import Front, nginx_conf
from service.parts import Part, start

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "service/nginx.conf.template"
TOKEN = "e2e-token-of-this-run"
BARWATCH = (sys.executable, "-m", "service.cli")
# Nothing more comes after this: evidence of one death arrives within milliseconds (DESIGN section 2).
QUIET_S = 1.5


@dataclass(slots=True)
class Chain:
    """Handles on a running chain. `pages` are the notifications that the webhook got, in order."""

    front: str
    backend: str  # host:port
    detector: str
    state: Path
    client: aiohttp.ClientSession
    pages: list[dict[str, Any]] = field(default_factory=list)
    pids: dict[str, int] = field(default_factory=dict)  # of detector and supervisor

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """Return the backend's log lines, of one event or all."""
        path = self.logs / "backend.log"
        if not path.exists():
            return []
        entries = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.startswith("{")]
        return [entry for entry in entries if event is None or entry["event"] == event]

    def access(self) -> list[dict[str, Any]]:
        """Return nginx's access lines."""
        return [json.loads(line) for line in (self.logs / "access.log").read_text("utf-8").splitlines()]

    def error_lines(self) -> list[str]:
        """Return nginx's error lines."""
        return (self.logs / "error.log").read_text("utf-8").splitlines()

    def backend_pid(self) -> int:
        """Return the process id of the backend that was started last."""
        return int([line for line in self.lines("process.started") if line["role"] == "backend"][-1]["pid"])

    def supervisor_pid(self) -> int:
        """Return the process id of the backend's parent."""
        return int(Path(f"/proc/{self.backend_pid()}/stat").read_text().rpartition(")")[2].split()[1])

    async def incidents(self) -> list[dict[str, Any]]:
        """Return all incidents, newest first, whole."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self.client.get(f"{self.detector}/api/incidents", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            listed = (await answer.json())["incidents"]
        return [await self._incident(item["id"], headers) for item in listed]

    async def _incident(self, incident_id: str, headers: dict[str, str]) -> dict[str, Any]:
        async with self.client.get(f"{self.detector}/api/incidents/{incident_id}", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def only_incident(self) -> dict[str, Any]:
        """Return the one incident, after all evidence is in. Fails where there is none, or more than one."""
        await until(self._any_incident, "an incident")
        await asyncio.sleep(QUIET_S)
        found = await self.incidents()
        assert len(found) == 1, [(item["title"], item["cause"]["code"], item["evidence"]) for item in found]
        return found[0]

    async def _any_incident(self) -> bool:
        return bool(await self.incidents())

    async def no_incident(self) -> None:
        """Fail if there is an incident after all evidence is in."""
        await asyncio.sleep(QUIET_S)
        found = await self.incidents()
        assert found == [], [(item["title"], item["cause"]["code"]) for item in found]


async def until(condition: Callable[[], Any], what: str, within_s: float = 20.0) -> None:
    """Return when the condition holds. Fails with `what` after a time that is never reached when all is well."""
    deadline = asyncio.get_running_loop().time() + within_s
    while asyncio.get_running_loop().time() < deadline:
        result = condition()
        if await result if asyncio.iscoroutine(result) else result:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"waited {within_s:g} s in vain for {what}")


# Below the range that the kernel gives to clients (from 32768), each test worker in a part of its own: a port that was free a
# moment ago would else be somebody's by the time that a server asks for it.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
_PORTS = cycle(range(12_000 + 4_000 * (_WORKER % 5), 16_000 + 4_000 * (_WORKER % 5)))


def free_addresses(count: int) -> list[str]:
    """Return that many addresses of loopback that nobody listens on."""
    return [f"127.0.0.1:{port}" for port in islice(filter(_is_free, _PORTS), count)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@asynccontextmanager
async def webhook(pages: list[dict[str, Any]]) -> AsyncIterator[str]:
    """Run a receiver that keeps what it is sent."""

    async def receive(request: web.Request) -> web.Response:
        pages.append(await request.json())
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/page", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/page"
    finally:
        await runner.cleanup()


def environment(state: Path, addresses: Sequence[str], webhook_url: str) -> dict[str, str]:
    """Return what `barwatch up` would set for its parts, and nothing of ours beside it."""
    front, backend, detector = addresses
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": str(ROOT),
        "STATE_DIR": str(state),
        "UPLOAD_DIR": str(state / "uploads"),
        "DOWNLOAD_DIR": str(state / "downloads"),
        "LOGS_DIR": str(state / "logs"),
        "FRONT_ADDR": front,
        "BACKEND_ADDR": backend,
        "DETECTOR_ADDR": detector,
        "ACCESS_TOKEN": TOKEN,
        "WEBHOOK_URL": webhook_url,
        "STORM_AFTER": "0",  # tests break things faster than anything breaks by itself
        "FLAPPING_AFTER": "0",
    }


def write_nginx(state: Path, addresses: Sequence[str], read_timeout_s: int, upstream: str | None) -> Part:
    """Write the shipped configuration and return nginx as a part. `upstream`: where it looks for the backend instead."""
    front, backend, detector = addresses
    conf = state / "nginx" / "nginx.conf"
    filled = Front(
        state,
        state / "logs",
        front,
        upstream or backend,
        detector,
        20_000_000,
        read_timeout_s,
        "root" if os.getuid() == 0 else None,
    )
    conf.write_text(nginx_conf(TEMPLATE.read_text("utf-8"), filled), "utf-8")
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert nginx, "nginx is missing: run deploy/install.sh servers"
    argv = (nginx, "-c", str(conf), "-e", str(state / "logs" / "error.log"), "-p", str(state / "nginx"))
    return Part("nginx", argv, {"PATH": os.environ["PATH"]}, state / "logs" / "nginx.out", front, "/front-healthz")


def _count_this_machine(conf: Path) -> None:
    """Let nginx's limits hold for loopback too: the only clients that a test has."""
    conf.write_text(conf.read_text("utf-8").replace("127.0.0.0/8 1;", "127.0.0.0/8 0;"), "utf-8")


def supervised(
    state: Path, env: dict[str, str], command: Sequence[str], options: Sequence[str] = (), inside: Sequence[str] = ()
) -> Part:
    """Return the backend under its supervisor, as a part. `inside`: a command that runs the supervisor in its surroundings."""
    argv = (
        *inside,
        *BARWATCH, "supervise", "--address", env["BACKEND_ADDR"], "--log", str(state / "logs" / "backend.log"),
        "--journal", str(state / "stages.journal"), *options, "--", *command,
    )  # fmt: skip
    return Part("backend", argv, env, state / "logs" / "supervisor.out", env["BACKEND_ADDR"], "/healthz")


@asynccontextmanager
async def chain(
    state: Path,
    command: Sequence[str] = (*BARWATCH, "backend"),
    options: Sequence[str] = ("--preflight", "service.preflight:checks"),
    read_timeout_s: int = 75,
    wait_for_backend: bool = True,
    inside: Sequence[str] = (),
    extra_env: Mapping[str, str] | None = None,
    local_counts: bool = False,
    upstream: str | None = None,
) -> AsyncIterator[Chain]:
    """Start the chain around a backend's command and stop all of it in the end."""
    for name in ("uploads", "downloads", "logs", "nginx"):
        (state / name).mkdir(parents=True, exist_ok=True)
    addresses = free_addresses(3)
    pages: list[dict[str, Any]] = []
    async with webhook(pages) as webhook_url, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as client:
        env = environment(state, addresses, webhook_url) | dict(extra_env or {})
        nginx = write_nginx(state, addresses, read_timeout_s, upstream)
        if local_counts:
            _count_this_machine(state / "nginx" / "nginx.conf")
        detector = Part(
            "detector", (*BARWATCH, "detector"), env, state / "logs" / "detector.log", addresses[2], "/healthz"
        )
        backend = supervised(state, env, command, options, inside)
        started = [await start(part) for part in (detector, backend)]
        try:
            async with asyncio.timeout(45):
                await started[0].healthy()
                if wait_for_backend:
                    await started[1].healthy()
                started.append(await start(nginx))
                await started[2].healthy()
            pids = {"detector": started[0].process.pid, "supervisor": started[1].process.pid}
            yield Chain(f"http://{addresses[0]}", addresses[1], f"http://{addresses[2]}", state, client, pages, pids)
        finally:
            await asyncio.gather(*(part.stop(5.0) for part in started))
