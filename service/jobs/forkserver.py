"""The process that forks children: it has the heavy modules loaded already, so that a child starts in milliseconds.

It listens on one SOCK_SEQPACKET socket. `{"id", "task", "request", "limits"}` with a descriptor starts a child, which writes
JSON lines to that descriptor; `{"kill": id}` kills it. It answers `{"ready": pid}`, `{"id", "started": pid}` and
`{"id", "exited": status, "max_rss_bytes"}`. Only JSON crosses, both ways: nothing that a child sends is unpickled.
It stands in place of `multiprocessing`'s, which pickles, runs `__main__` again in each child, and can't tell a child's peak memory.
"""

import faulthandler
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any, Final, NoReturn

from service.jobs.limits import ChildLimits, confine, die_with_parent

MESSAGE_BYTES: Final = 128 * 1024
_STARTED_BY_US: Final = frozenset({0, 1, 2})
Progress = Callable[[int, int], None]
Task = Callable[[dict[str, Any], Progress], dict[str, Any]]


def main(control_fd: int, preload: list[str], parent_pid: int) -> None:
    """Serve until the backend closes its end or dies."""
    die_with_parent(parent_pid)
    faulthandler.enable(all_threads=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the backend says when we end
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for name in preload:
        _load(name)
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that it touches
    with socket.socket(fileno=control_fd) as control:
        _Server(control).serve()
    os._exit(0)  # nothing is left to flush, and some C modules complain on stderr when an interpreter ends


def _load(name: str) -> None:
    """Import a module and call its `warm_up`, if it has one: fonts and tables that each child would load again."""
    module = importlib.import_module(name)
    if (warm_up := getattr(module, "warm_up", None)) is not None:
        warm_up()


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, int] = {}  # pid → id
        self._wake, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler must exist for the wake-up descriptor to be written
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    def serve(self) -> None:
        self._send({"ready": os.getpid()})
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._wake in ready:
                    os.read(self._wake, 4096)
                    self._reap()
                if self._control.fileno() in ready and not self._receive():
                    return

    def _receive(self) -> bool:
        try:
            message, fds, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 1)
        except ConnectionResetError:  # it died with words of ours unread
            return False
        if not message:
            return False  # the backend is gone; children die with us (PR_SET_PDEATHSIG)
        order = json.loads(message)
        if "kill" in order:
            self._kill(order["kill"])
            return True
        pid = self._fork(order, fds[0])
        os.close(fds[0])
        self._children[pid] = order["id"]
        self._send({"id": order["id"], "started": pid})
        return True

    def _fork(self, order: dict[str, Any], reply_fd: int) -> int:
        server_pid = os.getpid()
        pid = os.fork()
        if pid == 0:
            _child(order, reply_fd, server_pid)
        return pid

    def _kill(self, wanted: int) -> None:
        for pid, child in self._children.items():
            if child == wanted:  # not reaped yet: the pid is still its own
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while self._children:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            ended = {"exited": os.waitstatus_to_exitcode(status), "max_rss_bytes": usage.ru_maxrss * 1024}
            self._send({"id": self._children.pop(pid), **ended})

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._control.send(json.dumps(message).encode())
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)


def _child(order: dict[str, Any], reply_fd: int, server_pid: int) -> NoReturn:
    """Run the task; never return into the server's stack. Whatever happens here stays in this process."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.dup2(reply_fd, 3)
        os.closerange(4, 1024)  # the control socket and the wake-up pipe among them
        die_with_parent(server_pid)
        gc.disable()  # short-lived, and its memory is limited: cycles may wait for the end
        confine(ChildLimits(**order["limits"]))
        _write(_answer(order))
        os._exit(0)
    except BaseException:  # noqa: BLE001 — the edge of the process
        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
        os._exit(1)


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": _task(order["task"])(order["request"], _progress)}
    except Exception as error:  # noqa: BLE001 — handed over to the parent, which raises it
        return {"error": _error(error)}


def _task(name: str) -> Task:
    module, _, function = name.partition(":")
    task: Task = getattr(importlib.import_module(module), function)
    return task


def _progress(done: int, total: int) -> None:
    _write({"progress": [done, total]})


def _error(error: Exception) -> dict[str, Any]:
    where = "".join(traceback.format_exception(error, limit=-40))
    return {
        "type": type(error).__qualname__,
        "module": type(error).__module__,
        "message": str(error)[:2000],
        "stack": where[-20_000:],
    }


def _write(message: dict[str, Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(3, data) :]


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3]))
