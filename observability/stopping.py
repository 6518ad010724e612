"""SIGTERM or SIGINT → `process.stopping` in the log, before the listener closes: refused connections that follow are no crash.

The supervisor says so too when the stop came through it. A signal that an operator sends to the backend itself passes it by.
A backend whose supervisor died gets its SIGTERM from the kernel (prctl(2), PR_SET_PDEATHSIG): nobody asked for that, and only the
backend is left to say it.
"""

import asyncio
import os
import signal
from typing import Final

from aiohttp import web
from aiohttp.web_runner import GracefulExit

from observability import events
from observability.logs import get_logger

_ASKING: Final = (signal.SIGTERM, signal.SIGINT)


def announce_stop(app: web.Application, *, address: str) -> None:
    """Make `web.run_app` say that it stops. `address` is the host:port that it listens on."""

    parent = os.getppid()

    async def listen(_: web.Application) -> None:
        for number in _ASKING:
            asyncio.get_running_loop().add_signal_handler(number, _stop, number, address, parent)

    app.on_startup.append(listen)  # run_app has put its own handlers in place before


def _stop(number: signal.Signals, address: str, parent: int) -> None:
    if os.getppid() == parent:
        fields = {"role": "backend", "pid": os.getpid(), "signal": number.name, "asked_by": "signal"}
        get_logger().info(events.PROCESS_STOPPING, address=address, **fields)
    else:
        get_logger().error(events.PROCESS_EXITED, role="supervisor", pid=parent, address=address, expected=False)
    raise GracefulExit  # what aiohttp's own handler raises
