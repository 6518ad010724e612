"""A real supervisor with a real child, and its log as events."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[4]
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Supervised:
    """One run of `supervise`, with what it wrote."""

    process: subprocess.Popen[bytes]
    log: Path

    def events(self) -> list[Event]:
        if not self.log.exists():
            return []
        lines = self.log.read_bytes().splitlines()
        return [orjson.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]

    def named(self, *names: str) -> list[Event]:
        return [event for event in self.events() if event["event"] in names]

    def wait_for(self, what: Callable[[list[Event]], bool]) -> list[Event]:
        """Return the events as soon as `what` holds. Fails after 20 s."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if what(events := self.events()):
                return events
            time.sleep(0.005)
        raise AssertionError(f"never: {self.events()}")

    def wait_for_text(self, text: bytes) -> None:
        self.wait_for(lambda _: self.log.exists() and text in self.log.read_bytes())

    def ended(self) -> int:
        return self.process.wait(20)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.ended()


@contextmanager
def supervise(
    tmp_path: Path,
    *command: str,
    options: tuple[str, ...] = (),
    prefix: tuple[str, ...] = (),
    terminal: int | None = None,
) -> Iterator[Supervised]:
    """Run it, behind `prefix`, with a controlling terminal if given; at the end it is stopped, and killed if it does not."""
    log = tmp_path / "backend.log"
    line = [sys.executable, "-m", "observability.supervisor", "supervise", "--log", str(log), *options, "--", *command]
    process = subprocess.Popen(
        [*prefix, *line],
        cwd=ROOT,
        env={**os.environ, "INSTANCE": "a-1"},
        stdin=terminal,
        stderr=subprocess.DEVNULL,
        start_new_session=terminal is not None,
        preexec_fn=None if terminal is None else lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    try:
        yield Supervised(process, log)
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def supervise_python(
    tmp_path: Path,
    program: str,
    options: tuple[str, ...] = (),
    prefix: tuple[str, ...] = (),
    terminal: int | None = None,
) -> Iterator[Supervised]:
    with supervise(tmp_path, sys.executable, "-c", program, options=options, prefix=prefix, terminal=terminal) as run:
        yield run
