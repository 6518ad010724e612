"""The supervisor against the real kernel: the OOM killer, and a child that will not stop."""

import os
import pty
import signal
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
COUNTING = "import signal, time; signal.signal(2, lambda *_: print('asked', flush=True)); print('up', flush=True); time.sleep(1)"
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


ORPHAN = """
import os, time
reading, writing = os.pipe()
if os.fork() == 0:
    os.setsid()  # out of the group that is killed with us
    if os.fork() == 0:
        os.write(writing, str(os.getpid()).encode())
        os._exit(0)
    os._exit(0)
os.wait()
orphan = os.read(reading, 20).decode()
for _ in range(200):
    time.sleep(0.01)
    if not os.path.exists("/proc/" + orphan):
        break
print('{"event":"orphan","left":%s}' % str(os.path.exists("/proc/" + orphan)).lower(), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a pid namespace: not tried as PID 1")
def test_as_pid_1_it_reaps_orphans_and_calls_who_stops_it_from_outside_an_operator(tmp_path: Path) -> None:
    namespace = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
    with supervise_python(tmp_path, ORPHAN, prefix=namespace) as run:
        run.wait_for(lambda events: any(event["event"] == "orphan" for event in events))
        (told,) = run.named("orphan")
        assert told["left"] is False
        pid_1 = int(Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text())
        os.kill(pid_1, signal.SIGTERM)
        assert run.ended() == 0
        stopping, exited = run.events()[-2:]
    assert stopping.items() >= {"event": "process.stopping", "asked_by": "operator"}.items()
    assert exited["expected"] is True


def test_ctrl_c_is_asked_by_the_terminal_and_reaches_the_child_once(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with supervise_python(tmp_path, COUNTING, terminal=theirs) as run:
        run.wait_for_text(b"up\n")
        os.write(ours, b"\x03")
        assert run.ended() == 0
        (stopping,) = run.named("process.stopping")
        assert run.log.read_bytes().count(b"asked\n") == 1
    os.close(ours)
    os.close(theirs)
    assert stopping.items() >= {"signal": "SIGINT", "asked_by": "terminal"}.items()
