"""Limited child processes for whatever reads a stranger's file or draws: a task in, its JSON result or a typed failure out."""

import asyncio
import itertools
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final

from observability.cgroup import OomWatch
from service.jobs.ending import AskedBy, Ending, Exit, log_ending, result_of
from service.jobs.exceptions import WorkerTimedOut
from service.jobs.forkserver import MESSAGE_BYTES
from service.jobs.limits import ChildLimits
from service.jobs.progress import Progress
from service.jobs.slots import Slots

REPLY_BYTES: Final = 1 << 20  # one line of a child; results that are larger are files
_START_S: Final = 60.0
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}  # no secrets of ours
_CODE: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[4]); from service.jobs.forkserver import main; "
_RUN: Final = "main(int(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3]))"


class _Child:
    """A child that runs, and what it has said."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.pid: asyncio.Future[int] = loop.create_future()
        self.ended: asyncio.Future[Exit] = loop.create_future()
        self.asked_by: AskedBy | None = None
        self.rows_done: int | None = None
        self.reply: dict[str, Any] | None = None
        self._started = time.monotonic()
        self._oom_kills = OomWatch(os.getpid(), parent=os.getpid())

    async def listen(self, reader: asyncio.StreamReader, progress: Progress | None) -> None:
        """Keep the last line; none, if it closes its pipe without one, or writes what is none of ours."""
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # longer than REPLY_BYTES
                self.reply = None
                return
            if not line:
                return
            self.reply = _message(line)
            if self.reply is not None and "progress" in self.reply:
                self.rows_done, total = self.reply["progress"]
                if progress is not None:
                    progress(self.rows_done, total)

    def ending(self, task: str, limits: ChildLimits) -> Ending:
        """Return all that is known of it. It has ended."""
        return Ending(
            task,
            self.pid.result(),
            self.ended.result(),
            limits,
            self.reply,
            self.rows_done,
            time.monotonic() - self._started,
            self.asked_by,
            self._oom_kills.delta(),
        )


class Workers:
    """Runs tasks in children, a bounded number at once. Made by `open_workers`."""

    def __init__(self, preload: tuple[str, ...], slots: Slots) -> None:
        self._preload = preload
        self._slots = slots
        self._ids = itertools.count(1)
        self._children: dict[int, _Child] = {}
        self._control: socket.socket | None = None
        self._server: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._warming: asyncio.Future[None] | None = None

    async def run(
        self,
        task: str,
        request: Mapping[str, Any],
        *,
        limits: ChildLimits,
        large: bool = False,
        since: float | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Run `module:function` of `task` in a child and return its result. `large` work leaves a slot for small work.

        `since` is the Unix time of the job that it belongs to: the oldest goes first. None: somebody waits for it now.

        Raises WorkerError. When cancelled, the child is dead before this returns.
        """
        async with self._slots.take(large=large, since=since):
            return await self._run(task, request, limits, progress)

    async def _run(
        self, task: str, request: Mapping[str, Any], limits: ChildLimits, progress: Progress | None
    ) -> dict[str, Any]:
        await self._ensure_server()
        number, child = next(self._ids), _Child()
        self._children[number] = child
        order = {"id": number, "task": task, "request": dict(request), "limits": asdict(limits)}
        reader = await self._send_with_pipe(order)
        try:
            async with asyncio.timeout(limits.wall_s):
                await child.listen(reader, progress)
                await child.ended
        except TimeoutError:
            child.asked_by = "timeout"
            await self._end(number, child)
        except asyncio.CancelledError:
            child.asked_by = "cancelled"
            await self._end(number, child)
            raise
        finally:
            self._children.pop(number, None)
            if child.ended.done():
                log_ending(child.ending(task, limits))
        if not child.ended.done():
            raise WorkerTimedOut(task, limits.wall_s)
        return result_of(child.ending(task, limits))

    async def _end(self, number: int, child: _Child) -> None:
        if not child.ended.done() and self._control is not None:
            self._control.send(json.dumps({"kill": number}).encode())
            await asyncio.wait({child.ended}, timeout=5)

    async def _send_with_pipe(self, order: Mapping[str, Any]) -> asyncio.StreamReader:
        loop = asyncio.get_running_loop()
        message = json.dumps(order).encode()
        if len(message) > MESSAGE_BYTES:
            raise ValueError(f"the request of {order['task']} is {len(message)} bytes; pass large values as a file")
        read_fd, write_fd = os.pipe()
        reader = asyncio.StreamReader(limit=REPLY_BYTES)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_fd, "rb", 0))
        try:
            if self._control is None:
                raise ConnectionError("the process that forks children is gone")
            socket.send_fds(self._control, [message], [write_fd])
        finally:
            os.close(write_fd)
        return reader

    def start(self) -> None:
        """Begin to start the process that forks: it loads its modules beside us."""
        self._warming = asyncio.ensure_future(self._ensure_server())

    async def ready(self) -> None:
        """Return when its modules are loaded. Raises RuntimeError when they cannot be; stderr has the traceback."""
        if self._warming is not None:
            await asyncio.shield(self._warming)

    async def _ensure_server(self) -> None:
        async with self._starting:
            if self._control is None:
                await self._start_server()

    async def _start_server(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._server = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _CODE + _RUN, str(theirs.fileno()), json.dumps(self._preload), str(os.getpid()),
                json.dumps([path for path in sys.path if path]),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                env=_ENVIRONMENT,
            )  # fmt: skip
        ours.setblocking(False)
        async with asyncio.timeout(_START_S):
            ready = await asyncio.get_running_loop().sock_recv(ours, MESSAGE_BYTES)
        if not ready:
            raise RuntimeError(
                f"the process that forks children ended with {await self._server.wait()}; stderr says why"
            )
        self._control = ours
        asyncio.get_running_loop().add_reader(ours, self._hear, ours)

    def _hear(self, control: socket.socket) -> None:
        try:
            message = control.recv(MESSAGE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._lose(control)
            return
        heard = json.loads(message)
        if (child := self._children.get(heard["id"])) is None:
            return
        if "started" in heard:
            child.pid.set_result(heard["started"])
        elif not child.ended.done():
            child.ended.set_result(Exit(heard["exited"], heard["max_rss_bytes"]))

    def _lose(self, control: socket.socket) -> None:
        """The server is gone, killed by the kernel perhaps, and its children with it. The next task starts another."""
        asyncio.get_running_loop().remove_reader(control)
        control.close()
        self._control = None
        for child in self._children.values():
            if not child.pid.done():
                child.pid.set_result(0)
            if not child.ended.done():
                child.ended.set_result(Exit(-signal.SIGKILL, 0))

    async def close(self) -> None:
        """End all children and the server."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        if (control := self._control) is not None:
            self._lose(control)
        if self._server is not None:
            await self._server.wait()


@asynccontextmanager
async def open_workers(preload: tuple[str, ...], *, children: int) -> AsyncIterator[Workers]:
    """Yield workers whose forking process is starting; all children are dead afterwards."""
    workers = Workers(preload, Slots(children))
    workers.start()
    try:
        yield workers
    finally:
        await workers.close()


def _message(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
