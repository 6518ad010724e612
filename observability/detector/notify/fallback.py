"""The channel that is told what no other has taken for a while: once for each incident, and its end."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from observability.detector.notify.channel import REAL, Channel, Fields, Message
from observability.detector.store import UPDATES, Tells


class Fallback:
    """Wraps a channel. What it is told has waited for `patience`: by then another has taken it, or something is wrong with all."""

    tells: Tells = "latest"

    def __init__(self, channel: Channel, primaries: Collection[str], patience: timedelta) -> None:
        self.name = channel.name
        self.takes = channel.takes & REAL
        self.refresh_s: float | None = None
        self.parallel = channel.parallel
        self.patience = patience
        self._channel = channel
        self._primaries = tuple(sorted(primaries))

    async def send(self, message: Message) -> Fields | None:
        """Deliver what nobody else was told, and the end of what was told here; return None for anything else."""
        before = message.previous or {}
        over = message.change == "resolved"
        if message.change in UPDATES or (over and not before.get("open")):
            return None
        if not over and taken(message.incident["notifications"], self._primaries, message.since):
            return None
        sent = await self._channel.send(self._with_reason(message))
        return None if sent is None else {**sent, "open": not over}

    def _with_reason(self, message: Message) -> Message:
        seconds = self.patience.total_seconds()
        lasted = f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
        why = f"{', '.join(self._primaries)} did not take it for {lasted}"
        return replace(message, incident={**message.incident, "title": f"{message.incident['title']} ({why})"})

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Nothing."""


def taken(notifications: Sequence[Mapping[str, Any]], channels: Collection[str], since: datetime) -> bool:
    """Return whether one of these channels has confirmed something about the incident since then."""
    return any(
        one["outcome"] == "delivered" and one["channel"] in channels and datetime.fromisoformat(one["at"]) >= since
        for one in notifications
    )
