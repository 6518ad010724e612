"""`barwatch up`: nginx, the supervised backend and the detector on one machine, in the foreground."""

import argparse
import asyncio
import errno
import os
import pwd
import shutil
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from service.config import SettingsError, UpSettings, load_up
from service.front import Front, UnusableDirectory, nginx_conf
from service.front_logs import turn_over
from service.parts import Part, PartFailed, Running, start

TEMPLATE = Path(__file__).with_name("nginx.conf.template")
HEALTHY_WITHIN_S = 60.0


class CannotStart(Exception):
    """Something on this machine is in the way. The message is one sentence with the remedy."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `up` to the command line."""
    parser = subparsers.add_parser("up", help="start nginx, backend and detector on this machine, in the foreground")
    parser.add_argument(
        "--no-nginx", action="store_true", help="leave nginx out: the backend is reached at BACKEND_ADDR"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Return 0 after a stop that was asked for, 1 with one sentence on stderr where it could not start."""
    try:
        settings = load_up(os.environ)
        nginx = None if args.no_nginx else find_nginx()
        prepare(settings, nginx)
        return asyncio.run(up(settings, nginx))
    except (SettingsError, CannotStart, UnusableDirectory, PartFailed) as problem:
        print(f"barwatch can't start: {problem}", file=sys.stderr)
        return 1


async def up(settings: UpSettings, nginx: str | None) -> int:
    """Start the parts, say where they are, and keep them until SIGINT or SIGTERM."""
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    async with AsyncExitStack() as opened:  # stops in reverse order: the detector last, it sees the others stop
        parts: list[Running] = []
        # nginx comes when the others are well: before that it could only refuse, and on-call would hear of it.
        for group in (behind(settings), front(settings, nginx)):
            begun = [await _begin(part, opened) for part in group]
            if not await _well(begun, asked_to_stop):
                return 0
            parts += begun
        say(summary(settings, nginx))
        keepers = [asyncio.create_task(part.keep(say)) for part in parts]
        if nginx is not None:
            keepers.append(asyncio.create_task(turn_over(settings.logs_dir, parts[-1])))
        await asked_to_stop.wait()
        say("Stopping.")
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
    say(f"Stopped. All data stays in {settings.state_dir}")
    return 0


async def _begin(part: Part, opened: AsyncExitStack) -> Running:
    running = await start(part)
    opened.push_async_callback(running.stop)
    return running


async def _well(parts: Sequence[Running], asked_to_stop: asyncio.Event) -> bool:
    """Return True when all parts answer, False when asked to stop before. Raises PartFailed, or CannotStart after a minute."""
    answering = asyncio.gather(*(part.healthy() for part in parts))
    asked = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.wait((answering, asked), timeout=HEALTHY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            answering.result()
            return True
        if asked.done():
            return False
        names = ", ".join(str(part.part.output.parent / f"{part.part.name}.log") for part in parts)
        raise CannotStart(
            f"not all parts answered within {HEALTHY_WITHIN_S:g} s. Run `barwatch check`, and see {names}."
        )
    finally:
        answering.cancel()
        asked.cancel()
        await asyncio.gather(answering, asked, return_exceptions=True)


def behind(settings: UpSettings) -> tuple[Part, ...]:
    """Return what stands behind nginx: the detector first, it sees the backend start."""
    env = settings.environ(os.environ)
    own = (sys.executable, "-m", "service.cli")
    logs, state = settings.logs_dir, settings.state_dir
    supervised = (
        *own, "supervise", "--address", settings.backend_addr, "--log", str(logs / "backend.log"), "--turn-over-mb", "100",
        "--journal", str(state / "stages.journal"), "--preflight", "service.preflight:checks", "--", *own, "backend",
    )  # fmt: skip
    return (
        Part("detector", (*own, "detector"), env, logs / "detector.log", settings.detector_addr, "/healthz"),
        Part("backend", supervised, env, logs / "supervisor.out", settings.backend_addr, "/healthz"),
    )


def front(settings: UpSettings, nginx: str | None) -> tuple[Part, ...]:
    """Return nginx with its configuration written; nothing where there is none."""
    if nginx is None:
        return ()
    logs = settings.logs_dir
    argv = (
        nginx,
        "-c",
        str(write_nginx_conf(settings)),
        "-e",
        str(logs / "error.log"),
        "-p",
        str(settings.state_dir / "nginx"),
    )
    return (Part("nginx", argv, dict(os.environ), logs / "nginx.out", settings.front_addr, "/front-healthz"),)


def find_nginx() -> str | None:
    """Return the path of nginx, also where the sbin directories are not on PATH; None: there is none."""
    return shutil.which(
        "nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/local/sbin"))
    )


def prepare(settings: UpSettings, nginx: str | None) -> None:
    """Make the directories and look at the ports. Raises CannotStart with the remedy."""
    for directory in (
        settings.state_dir,
        settings.upload_dir,
        settings.download_dir,
        settings.logs_dir,
        settings.state_dir / "nginx",
    ):
        _make_writable(directory)
    addresses: Mapping[str, str] = {"BACKEND_ADDR": settings.backend_addr, "DETECTOR_ADDR": settings.detector_addr}
    if nginx is not None:
        addresses = {"FRONT_ADDR": settings.front_addr, **addresses}
    for name, address in addresses.items():
        _require_free(name, address)


def write_nginx_conf(settings: UpSettings) -> Path:
    """Write nginx's configuration under STATE_DIR and return where it is."""
    conf = settings.state_dir / "nginx" / "nginx.conf"
    front = Front(
        state_dir=settings.state_dir,
        logs_dir=settings.logs_dir,
        front_addr=settings.front_addr,
        backend_addr=settings.backend_addr,
        detector_addr=settings.detector_addr,
        max_file_bytes=settings.max_file_bytes,
        read_timeout_s=settings.read_timeout_s,
        user=pwd.getpwuid(0).pw_name if os.getuid() == 0 else None,
    )
    conf.write_text(nginx_conf(TEMPLATE.read_text("utf-8"), front), "utf-8")
    return conf


def summary(settings: UpSettings, nginx: str | None) -> str:
    """Return what a person needs next: addresses, the token, and what to try."""
    front = settings.front_addr if nginx else settings.backend_addr
    incidents = settings.front_addr if nginx else settings.detector_addr
    lines = [
        "barwatch is up. Ctrl-C stops it; all data stays in " + str(settings.state_dir),
        "",
        f"  upload page    http://{front}/",
        f"  incidents      http://{incidents}/incidents",
        f"  access token   {settings.access_token()}",
        f"  logs           {settings.logs_dir}",
        "",
        "Try:",
        f"  curl -O http://{front}/api/template.xlsx",
        f"  curl -F file=@template.xlsx -H 'Prefer: wait=30' http://{front}/api/barcodes/upload-excel",
        "  pkill -KILL -f '^[^ ]+ -m service.cli backend'      # then look at the incidents page",
    ]
    if nginx is None:
        lines.append("\nnginx is not in front: install it (apt-get install nginx) and start again to see what it sees.")
    return "\n".join(lines)


def say(text: str) -> None:
    """Print for the person in front of the terminal, at once."""
    print(text, flush=True)


def _make_writable(directory: Path) -> None:
    probe = directory / ".writable"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"{directory} can't be written: {error.strerror} (uid {os.getuid()}). Run: ls -ld {directory}, or set STATE_DIR."
        ) from error


def _require_free(name: str, address: str) -> None:
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            raise CannotStart(_why_not(name, address, error)) from error


def _why_not(name: str, address: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{name}={address} is in use by another program. Stop it (ss -ltnp names it), or set {name} to a free address."
    return f"{name}={address} can't be listened on: {error.strerror}. Set {name} to an address of this machine."
