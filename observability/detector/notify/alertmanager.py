"""Alertmanager's v2 API: an incident is an alert that is repeated while it is open and ended when it is resolved."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from observability.detector.notify.channel import AT_ONCE, REAL, DeliveryFailed, Fields, Message, Purpose
from observability.detector.notify.http import post_json
from observability.detector.notify.page import Places, page_of
from observability.detector.notify.wording import as_text
from observability.detector.store import Tells

# Alertmanager ends an alert by itself at `endsAt`: it is pushed forward while the incident is open. Prometheus uses four
# times its resend delay; a detector that is restarted or upgraded must not look like an incident that is over.
REFRESH_S = 60.0
_LIVES = timedelta(minutes=15)
_LABELS = ("service", "route", "severity")

Labels = dict[str, str]
Alert = dict[str, Any]


class Alertmanager:
    """Posts to every member of a cluster, as its documentation asks; one that takes it is enough, they tell one another."""

    name = "alertmanager"
    takes: frozenset[Purpose] = REAL
    refresh_s: float | None = REFRESH_S
    tells: Tells = "latest"
    parallel: int = 8
    patience: timedelta = AT_ONCE

    def __init__(self, session: aiohttp.ClientSession, urls: Sequence[str], places: Places) -> None:
        self._session = session
        self._urls = tuple(f"{url.rstrip('/')}/api/v2/alerts" for url in urls)
        self._places = places

    async def send(self, message: Message) -> Fields:
        """Deliver one change. Raises DeliveryFailed.

        The cause is a label, and an alert *is* its labels: when the cause changes the old alert ends in the same request.
        """
        alert = self._alert(message.incident, message.at)
        before: Labels | None = (message.previous or {}).get("labels")
        replaced = [_ended(before, alert, message.at)] if before and before != alert["labels"] else []
        await self._post([*replaced, alert])
        return {"labels": alert["labels"]}

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Push the end of these alerts forward. Raises DeliveryFailed."""
        if incidents:
            await self._post([self._alert(incident, at) for incident in incidents])

    def _alert(self, incident: dict[str, Any], at: datetime) -> Alert:
        over = incident["state"] == "resolved"
        return {
            "labels": labels_of(incident),
            "annotations": annotations_of(incident, self._places),
            "startsAt": incident["first_seen"],
            "endsAt": (at if over else at + _LIVES).isoformat(),
            "generatorURL": self._places.incident(incident),
        }

    async def _post(self, alerts: list[Alert]) -> None:
        posts = (post_json(self._session, url, alerts, {}) for url in self._urls)
        failures = [e for e in await asyncio.gather(*posts, return_exceptions=True) if isinstance(e, BaseException)]
        for failure in failures:
            if not isinstance(failure, DeliveryFailed):
                raise failure
        if len(failures) == len(self._urls):
            raise failures[0]


def labels_of(incident: dict[str, Any]) -> Labels:
    """Return what the alert is known by. Absent values give no label: Alertmanager takes an empty one for absent."""
    own = {name: incident[name] for name in _LABELS if incident[name]}
    return {"alertname": "BarwatchIncident", "incident": incident["id"], "cause": incident["cause"]["code"], **own}


def annotations_of(incident: dict[str, Any], places: Places) -> dict[str, str]:
    """Return what people read."""
    runbook = {"runbook_url": places.runbook(incident)} if incident["cause"]["runbook"] else {}
    return {"summary": incident["title"], "description": as_text(page_of("", incident, places)), **runbook}


def _ended(labels: Labels, alert: Alert, at: datetime) -> Alert:
    return {**alert, "labels": labels, "endsAt": at.isoformat()}
