"""The channel that leads back to ourselves: it shows that a page would have left, and pages nobody."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from observability.detector.notify.channel import AT_ONCE, Fields, Message, Purpose
from observability.detector.store import Tells


class Loopback:
    """Takes the detector's own proofs and nothing else."""

    name = "loopback"
    takes: frozenset[Purpose] = frozenset({"proof"})
    refresh_s: float | None = None
    tells: Tells = "each"
    parallel: int = 1
    patience: timedelta = AT_ONCE

    def __init__(self) -> None:
        self._came = asyncio.Event()
        self._last: tuple[datetime, str] | None = None

    async def send(self, message: Message) -> Fields:
        """Note that it came."""
        if message.change != "resolved":
            self._last = (datetime.fromisoformat(message.incident["last_seen"]), message.dedup_key)
            self._came.set()
        return {}

    async def came(self, since: datetime) -> str:
        """Wait for a page about something that was seen since then; return its incident's id."""
        while self._last is None or self._last[0] < since:
            self._came.clear()
            await self._came.wait()
        return self._last[1]

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Nothing."""
