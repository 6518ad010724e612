"""Keeps the logs of nginx from growing for ever: renamed when they are large, and nginx told to open new ones."""

import asyncio
import signal
from pathlib import Path
from typing import Final

from service.parts import Running

TURN_OVER_AT: Final = 100_000_000  # bytes
EVERY_S: Final = 60.0


async def turn_over(logs: Path, nginx: Running, *, at: int = TURN_OVER_AT, every_s: float = EVERY_S) -> None:
    """Look again and again, until cancelled. One older part stays; the detector reads a renamed file to its end."""
    while True:
        await asyncio.sleep(every_s)
        grown = [log for log in (logs / "access.log", logs / "error.log") if log.exists() and log.stat().st_size > at]
        for log in grown:
            log.rename(f"{log}.1")
        if grown and nginx.process.returncode is None:
            nginx.process.send_signal(signal.SIGUSR1)
