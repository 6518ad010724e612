"""The supervisor against the real kernel: the OOM killer, and a child that will not stop."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.observability.supervisor.supervised import supervise_python

pytestmark = pytest.mark.e2e

LIMIT_BYTES = 64 * 1024 * 1024
EATER = """
import os, sys, time
open({procs!r}, "w").write(str(os.getpid()))
print("in its cgroup", file=sys.stderr, flush=True)
time.sleep(0.3)  # the supervisor looks where it is
eaten = [bytearray(b"x") * (1 << 20) for _ in range(512)]
"""
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def _own_memory_cgroup() -> tuple[Path, str] | None:
    """Return the directory of our memory cgroup and the name of its limit file, v1 or v2."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return Path("/sys/fs/cgroup/memory" + path), "memory.limit_in_bytes"
    unified = Path("/sys/fs/cgroup")
    return (unified, "memory.max") if "memory" in _text(unified / "cgroup.subtree_control").split() else None


def _text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


@pytest.fixture
def small_cgroup() -> Iterator[Path]:
    found = _own_memory_cgroup()
    if found is None:
        pytest.skip("no memory cgroup here: a real OOM kill was not tried")
    parent, limit = found
    cgroup = parent / f"barwatch-test-{os.getpid()}"
    try:
        cgroup.mkdir()
        (cgroup / limit).write_text(str(LIMIT_BYTES))
    except OSError as error:
        pytest.skip(f"cgroups cannot be written here ({error}): a real OOM kill was not tried")
    yield cgroup
    _remove(cgroup)


def _remove(cgroup: Path) -> None:
    for _ in range(200):  # the kernel takes a moment to let go of the dead
        try:
            cgroup.rmdir()
        except OSError:
            time.sleep(0.01)
        else:
            return


def test_a_real_oom_kill_is_told_from_any_other_kill(tmp_path: Path, small_cgroup: Path) -> None:
    program = EATER.format(procs=str(small_cgroup / "cgroup.procs"))
    with supervise_python(tmp_path, program, ("--max-quick-deaths", "1")) as run:
        assert run.ended() == 137
        (exited,) = run.named("process.exited")
    assert exited.items() >= {"signal": "SIGKILL", "oom_kill": 1, "expected": False}.items()
    assert exited["max_rss_bytes"] > LIMIT_BYTES // 2


def test_a_child_that_does_not_stop_is_killed_after_its_grace(tmp_path: Path) -> None:
    with supervise_python(tmp_path, DEAF) as run:
        run.wait_for_text(b"up\n")
        began = time.monotonic()
        assert run.stop() == 0
        assert 3.5 < time.monotonic() - began < 6
        assert run.events()[-1].items() >= {"signal": "SIGKILL", "expected": True}.items()
