"""A webhook: every change as JSON, signed where there is a secret."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson

from observability.detector.notify.channel import AT_ONCE, Fields, Message, Purpose
from observability.detector.notify.http import post
from observability.detector.notify.page import Places, page_of
from observability.detector.notify.signature import HEADER, signature
from observability.detector.notify.wording import as_markdown, as_text
from observability.detector.store import Tells


class Webhook:
    """Posts `{"change", "dedup_key", "synthetic", "incident", "page"}` to one URL.

    An incident is told by its dedup key. `Idempotency-Key` is that of one request: the same when it is repeated, another for
    the next change of the same incident, which a receiver that honours the header would otherwise drop.
    """

    name = "webhook"
    # A selftest goes through to the end of the chain, and says so in the payload.
    takes: frozenset[Purpose] = frozenset({"real", "selftest"})
    refresh_s: float | None = None
    tells: Tells = "each"
    parallel: int = 8
    patience: timedelta = AT_ONCE

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str, places: Places) -> None:
        self._session = session
        self._url = url
        self._secret = secret  # "": unsigned
        self._places = places

    async def send(self, message: Message) -> Fields:
        """Deliver one change. Raises DeliveryFailed."""
        page = page_of(message.change, message.incident, self._places)
        body = orjson.dumps(
            {
                "change": message.change,
                "dedup_key": message.dedup_key,
                "synthetic": message.synthetic,
                "incident": message.incident,
                "page": {"title": page.headline, "text": as_text(page), "markdown": as_markdown(page)},
            }
        )
        await post(self._session, self._url, body, self._headers(message, body))
        return {}

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        signed = {HEADER: signature(self._secret, int(message.at.timestamp()), body)} if self._secret else {}
        key = message.dedup_key
        return {"X-Barwatch-Dedup-Key": key, "Idempotency-Key": f"{key}/{message.number}", **signed}

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Nothing: a webhook's receiver remembers."""
