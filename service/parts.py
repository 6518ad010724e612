"""One part of `barwatch up`: a child process that is started, watched until it is healthy, kept alive and stopped."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FIRST_RESTART_S = 0.5
LONGEST_RESTART_S = 30.0
TAIL_BYTES = 4_000


@dataclass(frozen=True, slots=True)
class Part:
    """What to run and how to tell that it is well."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    output: Path  # where its stdout and stderr go
    address: str  # host:port
    health_path: str


class PartFailed(Exception):
    """A part ended before it was healthy. `tail` is the end of what it said."""

    def __init__(self, part: Part, returncode: int, tail: str) -> None:
        self.part = part
        self.returncode = returncode
        self.tail = tail
        super().__init__(
            f"{part.name} did not start ({how_it_ended(returncode)}). It said: {tail or 'nothing'}. All of it: {part.output}"
        )


def how_it_ended(returncode: int) -> str:
    """Return "exit code 3" or "SIGKILL"."""
    if returncode >= 0:
        return f"exit code {returncode}"
    return signal.Signals(-returncode).name


def last_words(output: Path) -> str:
    """Return the last line that is not blank, of what a part wrote."""
    try:
        with output.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = file.read().decode("utf-8", "backslashreplace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


@dataclass(slots=True)
class Running:
    """A part and the process that it has now."""

    part: Part
    process: asyncio.subprocess.Process

    async def healthy(self) -> None:
        """Return as soon as the part answers. Raises PartFailed when it ends before that."""
        while not await _answers(self.part):
            if self.process.returncode is not None:
                raise PartFailed(self.part, self.process.returncode, last_words(self.part.output))
            await asyncio.sleep(0.05)

    async def keep(self, say: Callable[[str], None]) -> None:
        """Start the part again whenever it ends, until cancelled. Waits twice as long after each quick end."""
        wait_s = FIRST_RESTART_S / 2
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            how = how_it_ended(await self.process.wait())
            quick = clock() - began < LONGEST_RESTART_S
            wait_s = min(wait_s * 2, LONGEST_RESTART_S) if quick else FIRST_RESTART_S
            say(f"{self.part.name} ended ({how}), starting it again in {wait_s:g} s. Its words: {self.part.output}")
            await asyncio.sleep(wait_s)
            self.process = await _spawn(self.part)

    async def stop(self, within_s: float = 4.0) -> None:
        """Ask with SIGTERM, and after `within_s` seconds end it."""
        if self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), within_s)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def start(part: Part) -> Running:
    """Start the part."""
    return Running(part, await _spawn(part))


async def _spawn(part: Part) -> asyncio.subprocess.Process:
    """Start it in a session of its own: a Ctrl-C reaches us alone, and we stop the parts in order."""
    with part.output.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *part.argv,
            env=dict(part.env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


async def _answers(part: Part) -> bool:
    """Return whether the part answers 2xx or 3xx, with plain HTTP/1.0: an HTTP client library would be most of our memory."""
    host, _, port = part.address.rpartition(":")
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host.strip("[]"), int(port)), 1.0)
    except (OSError, TimeoutError):
        return False
    try:
        writer.write(f"GET {part.health_path} HTTP/1.0\r\nHost: {part.address}\r\n\r\n".encode())
        status_line = await asyncio.wait_for(reader.readline(), 2.0)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    words = status_line.split()
    return len(words) > 1 and words[1][:1] in (b"2", b"3")
