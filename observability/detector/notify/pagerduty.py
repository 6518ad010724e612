"""PagerDuty's Events API v2: an incident is one alert, by its dedup key, through trigger, acknowledge and resolve.

Schema and limits: developer.pagerduty.com/docs/events-api-v2 (trigger-events, PD-CEF); a summary has at most 1024
characters, an event 512 KB; 202 accepts, 400 refuses for good, 429 and 5xx ask to come back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import aiohttp
import orjson

from observability.detector.notify.channel import AT_ONCE, REAL, DeliveryFailed, Fields, Message, Purpose
from observability.detector.notify.http import post
from observability.detector.notify.page import Page, Places, one_line, page_of
from observability.detector.store import Tells

Action = Literal["trigger", "acknowledge", "resolve"]
Event = dict[str, Any]

_LONGEST_SUMMARY: Final = 1024
_LARGEST: Final = 512 * 1024  # bytes
_SEVERITIES: Final = {"page": "critical", "ticket": "warning", "info": "info"}


class PagerDuty:
    """Later evidence is another trigger with the same key: PagerDuty adds it to the alert's log and wakes nobody again."""

    name = "pagerduty"
    takes: frozenset[Purpose] = REAL
    refresh_s: float | None = None
    tells: Tells = "latest"
    parallel: int = 8
    patience: timedelta = AT_ONCE

    def __init__(self, session: aiohttp.ClientSession, url: str, routing_key: str, places: Places) -> None:
        self._session = session
        self._url = f"{url.rstrip('/')}/v2/enqueue"
        self._routing_key = routing_key
        self._places = places

    async def send(self, message: Message) -> Fields:
        """Deliver one change. Raises DeliveryFailed.

        What pages anew while its alert stands is resolved first: a trigger alone would wake nobody.
        """
        action = action_of(message)
        if message.change == "reopened" and (message.previous or {}).get("action") in ("trigger", "acknowledge"):
            await self._enqueue("resolve", message)
        await self._enqueue(action, message)
        return {"action": action}

    async def _enqueue(self, action: Action, message: Message) -> None:
        event: Event = {"routing_key": self._routing_key, "event_action": action, "dedup_key": message.dedup_key}
        if action == "trigger":
            event |= triggered(message.incident, page_of(message.change, message.incident, self._places))
        try:
            await post(self._session, self._url, fitted(event, _LARGEST), {})
        except DeliveryFailed as failure:
            raise _told_by_pagerduty(failure) from None

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Nothing: PagerDuty remembers."""


def action_of(message: Message) -> Action:
    """Return what to do with the alert.

    A resolve is sent whether or not a trigger was confirmed: its answer may have been lost, and PagerDuty drops a resolve of
    what it does not know.
    """
    state, before = message.incident["state"], (message.previous or {}).get("action")
    if state == "resolved":
        return "resolve"
    return "acknowledge" if state == "acknowledged" and before != "acknowledge" else "trigger"


def triggered(incident: Mapping[str, Any], page: Page) -> Event:
    """Return what a trigger says beside its key."""
    links = [{"href": link.url, "text": link.name} for link in page.links]
    payload = {
        "summary": one_line(page.title, _LONGEST_SUMMARY),
        "source": incident["service"] or incident["route"] or "barwatch",
        "severity": _SEVERITIES.get(page.severity, "error"),
        "timestamp": incident["first_seen"],
        "component": incident["stage"],
        "group": incident["service"],
        "class": page.code,
        "custom_details": _details(page),
    }
    said = {name: value for name, value in payload.items() if value}
    return {"client": "barwatch", "client_url": page.links[0].url, "links": links, "payload": said}


def fitted(event: Event, most: int) -> bytes:
    """Return the event as JSON of at most that many bytes: the longest detail is halved until it fits."""
    data = orjson.dumps(event)
    while len(data) > most:
        details = event["payload"]["custom_details"]
        longest = max(details, key=lambda name: len(orjson.dumps(details[name])))
        details = details | {longest: _halved(details[longest])}
        event = event | {"payload": event["payload"] | {"custom_details": details}}
        data = orjson.dumps(event)
    return data


def _details(page: Page) -> dict[str, Any]:
    details = {
        "cause": f"{page.cause} ({page.sure})",
        "list": list(page.more),
        "nginx": page.nginx_line,
        "error": page.error,
        "frames": list(page.frames),
        "next_steps": list(page.next_steps),
        **dict(page.facts),
        "links": {link.name: link.url for link in page.links},
    }
    return {name: value for name, value in details.items() if value}


def _halved(value: Any) -> Any:
    if isinstance(value, list):
        return value[: len(value) // 2]
    return f"{str(value)[: len(str(value)) // 2]}…"


def _told_by_pagerduty(failure: DeliveryFailed) -> DeliveryFailed:
    """A 400 for the routing key is a wrong setting, which can be mended while the page waits; any other refuses the event."""
    if failure.reason == "refused" and "routing" in failure.detail:
        return DeliveryFailed("misconfigured", f"PAGERDUTY_ROUTING_KEY: {failure.detail}", retry=True)
    return failure
