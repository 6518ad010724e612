"""The log is turned over under a child that never stops writing: each line is there once, in order."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from observability.supervisor.turning import turn_over

WRITER = """
import os, threading
def write():
    for n in range(10**9):
        os.write(1, b"%d %s %s\\n" % (n, threading.current_thread().name.encode(), b"x" * 200))
for name in ("a", "b"):
    threading.Thread(target=write, name=name).start()
"""


def _numbers(content: bytes, name: bytes) -> list[int]:
    return [int(line.split()[0]) for line in content.splitlines() if line.split()[1] == name]


def test_nothing_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "backend.log"
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    child = subprocess.Popen((sys.executable, "-c", WRITER), stdout=fd, start_new_session=True)
    written = b""
    try:
        for _ in range(6):
            while os.fstat(fd).st_size < 300_000:
                time.sleep(0.005)
            assert turn_over(path, fd, child.pid)
            written += Path(f"{path}.1").read_bytes()
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    written += path.read_bytes()
    os.close(fd)
    whole = written[: written.rfind(b"\n")]
    for name in (b"a", b"b"):
        numbers = _numbers(whole, name)
        assert numbers == list(range(len(numbers)))
    assert not Path(f"{path}.1.part").exists()


def test_a_child_that_is_gone_leaves_the_log_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "backend.log"
    path.write_bytes(b"last words\n")
    fd = os.open(path, os.O_RDWR | os.O_APPEND)
    child = subprocess.Popen((sys.executable, "-c", ""), start_new_session=True)
    child.wait()
    try:
        turn_over(path, fd, child.pid)
    except ProcessLookupError:
        pass
    else:
        raise AssertionError("there was nobody to stop")
    os.close(fd)
    assert path.read_bytes() == b"last words\n"
    assert not Path(f"{path}.1").exists()
