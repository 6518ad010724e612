"""Tasks that misbehave, run in children by the tests of the workers."""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Progress = Callable[[int, int], None]


def double(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    progress(1, 2)
    return {"value": request["value"] * 2, "pid": os.getpid()}


def fail(request: dict[str, Any], _: Progress) -> dict[str, Any]:
    raise KeyError(request["value"])


def segfault(_: dict[str, Any], __: Progress) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def leave(_: dict[str, Any], __: Progress) -> dict[str, Any]:
    os._exit(7)


def kill_itself(_: dict[str, Any], progress: Progress) -> dict[str, Any]:
    progress(5, 9)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def sleep(request: dict[str, Any], _: Progress) -> dict[str, Any]:
    time.sleep(request["seconds"])
    return {}


def burn(_: dict[str, Any], __: Progress) -> dict[str, Any]:
    while True:
        pass


def swallow_memory(request: dict[str, Any], _: Progress) -> dict[str, Any]:
    return {"length": len(bytearray(request["bytes"]))}


def shout(request: dict[str, Any], _: Progress) -> dict[str, Any]:
    return {"text": "x" * request["bytes"]}


def look_around(_: dict[str, Any], __: Progress) -> dict[str, Any]:
    return {
        "environment": sorted(os.environ),
        "descriptors": sorted(int(fd.name) for fd in Path("/proc/self/fd").iterdir()),
    }
