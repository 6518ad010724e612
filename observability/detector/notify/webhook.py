"""A webhook: every change as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import aiohttp

from observability.detector.notify.channel import Fields, Message
from observability.detector.notify.http import post_json


class Webhook:
    """Posts `{"change", "dedup_key", "synthetic", "incident"}` to one URL. The receiver tells repeats by `dedup_key`."""

    name = "webhook"
    takes_synthetic = True  # a selftest goes through to the end of the chain, and says so in the payload
    refresh_s: float | None = None

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def send(self, message: Message) -> Fields:
        """Deliver one change. Raises DeliveryFailed."""
        body = {
            "change": message.change,
            "dedup_key": message.dedup_key,
            "synthetic": message.synthetic,
            "incident": message.incident,
        }
        await post_json(self._session, self._url, body, {})
        return {}

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Nothing: a webhook's receiver remembers."""
