"""What a row of the fault matrix is surrounded by: small disks and memory, closed directories, taken ports, broken programs."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.chain import BARWATCH
from tests.e2e.fault_actions import FAULTY

PRODUCT = (*BARWATCH, "backend")
WITH_CHECKS = ("--preflight", "service.preflight:checks")
_MEMORY_BYTES = 250_000_000


def powerless(command: Sequence[str] = FAULTY) -> Sequence[str]:
    """Return the backend without root's power to pass permission bits."""
    if os.getuid():
        return command
    without = ",".join(f"-{name}" for name in ("dac_override", "dac_read_search", "fowner", "chown"))
    return ("setpriv", f"--bounding-set={without}", f"--inh-caps={without}", *command)


def broken_program(text: str) -> Sequence[str]:
    """Return a backend that is this text."""
    return (
        "sh",
        "-c",
        'printf "%s\\n" "$1" >"$STATE_DIR/broken.py"; exec "$0" "$STATE_DIR/broken.py"',
        sys.executable,
        text,
    )


@contextmanager
def closed_downloads(state: Path) -> Iterator[Mapping[str, Any]]:
    """DOWNLOAD_DIR, which nobody may write."""
    (state / "downloads").mkdir(parents=True)
    (state / "downloads").chmod(0o555)
    yield {}


@contextmanager
def taken_port(_: Path) -> Iterator[Mapping[str, Any]]:
    """Somebody else listens where the backend should."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield {"extra_env": {"BACKEND_ADDR": f"127.0.0.1:{listener.getsockname()[1]}"}}


@contextmanager
def small_memory(_: Path) -> Iterator[Mapping[str, Any]]:
    """A memory cgroup, v2 or v1, that the supervisor and all its children are in."""
    v1 = Path("/sys/fs/cgroup/memory")
    group = (v1 if v1.is_dir() else Path("/sys/fs/cgroup")) / f"barwatch-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"memory cgroups can't be written here: {error}")
    (group / ("memory.limit_in_bytes" if v1.is_dir() else "memory.max")).write_text(str(_MEMORY_BYTES))
    try:
        yield {"inside": ("sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh")}
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    for _ in range(200):  # the kernel takes a moment to let go of the dead
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.01)
        else:
            return


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    """A file system of its own at this place."""
    path.mkdir(parents=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", path], capture_output=True)
    if made.returncode:
        pytest.skip(f"nothing can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


@contextmanager
def full_downloads(state: Path) -> Iterator[Mapping[str, Any]]:
    """DOWNLOAD_DIR on a disk that takes less than a label sheet."""
    with small_disk(state / "downloads", "256k"):
        yield {}


@contextmanager
def small_logs(state: Path) -> Iterator[Mapping[str, Any]]:
    """LOGS_DIR on a disk that is small: what the row does fills it."""
    with small_disk(state / "logs", "130m"):
        yield {}
