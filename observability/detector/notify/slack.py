"""Slack: an incident is one message, posted once and updated in place; one that comes back is posted anew.

Methods, errors and limits: docs.slack.dev, chat.postMessage, chat.update, rate limits, Block Kit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
import orjson

from observability.detector.notify.channel import AT_ONCE, REAL, DeliveryFailed, Fields, Message, Purpose, Reason
from observability.detector.notify.http import post_json, redact
from observability.detector.notify.page import Places, page_of
from observability.detector.notify.slack_blocks import blocks_of, summary_of
from observability.detector.store import Tells

# An update notifies nobody: what people must hear is a new message.
_UPDATES: Final = frozenset({"enriched", "recurred", "resolved"})
_GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_NOT_OUR_BLOCKS: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_REFUSED: Final = frozenset({"msg_too_long", "no_text", "invalid_arguments", "invalid_array_arg"})
_RATE: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_SERVER: Final = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class SlackRefused(Exception):
    """Slack answered `ok: false`."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


class Slack:
    """Keeps `ts` and `channel` of the message: with them it is updated, also after a restart."""

    name = "slack"
    takes: frozenset[Purpose] = REAL
    refresh_s: float | None = None
    tells: Tells = "latest"
    parallel: int = 1
    patience: timedelta = AT_ONCE

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str, channel: str, places: Places) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        self._channel = channel
        self._places = places

    async def send(self, message: Message) -> Fields:
        """Deliver one change. Raises DeliveryFailed."""
        page = page_of(message.change, message.incident, self._places)
        said = {"text": summary_of(page), "blocks": blocks_of(page)}
        try:
            return await self._tell(message, said)
        except SlackRefused as refused:
            if refused.word not in _NOT_OUR_BLOCKS:
                raise _failure(refused.word, self._url) from None
        try:
            return await self._tell(message, {"text": said["text"]})  # a plain page is better than none
        except SlackRefused as refused:
            raise _failure(refused.word, self._url) from None

    async def _tell(self, message: Message, said: dict[str, Any]) -> Fields:
        before = message.previous or {}
        if before.get("ts") and message.change in _UPDATES:
            place = {"channel": before["channel"], "ts": before["ts"]}
            try:
                return await self._call("chat.update", {**place, **said})
            except SlackRefused as refused:
                if refused.word not in _GONE:
                    raise
        return await self._call("chat.postMessage", {"channel": self._channel, "unfurl_links": False, **said})

    async def _call(self, method: str, body: dict[str, Any]) -> Fields:
        """Return where the message stands. Raises DeliveryFailed and SlackRefused."""
        answer = _read(await post_json(self._session, f"{self._url}/{method}", body, self._headers))
        if answer.get("ok") is not True:
            raise SlackRefused(str(answer.get("error", "no_answer")))
        return {"channel": answer.get("channel", self._channel), "ts": answer.get("ts", "")}

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Nothing: a message stays."""


def _read(answer: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _failure(word: str, url: str) -> DeliveryFailed:
    """Return what an error word means. One that is not known here is held for a wrong setting: the page is kept."""
    detail = f"{redact(url)} answered {word}"
    if word in _REFUSED | _NOT_OUR_BLOCKS:
        return DeliveryFailed("refused", detail, retry=False)
    reason: Reason = "rate_limited" if word in _RATE else "server_error" if word in _SERVER else "misconfigured"
    return DeliveryFailed(reason, detail, retry=True)
