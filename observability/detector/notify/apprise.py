"""The services that apprise knows, a channel for each URL: one that fails is repeated alone.

They can't update what they have sent: a page, one follow-up for each cause that turns out to be another, and the end.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from observability.config import Invalid, SettingsError
from observability.detector.notify.channel import AT_ONCE, REAL, DeliveryFailed, Fields, Message, Purpose
from observability.detector.notify.page import Places, page_of
from observability.detector.notify.wording import as_text
from observability.detector.store import Tells

TIMEOUT_S: Final = 20.0
_BETWEEN: Final = re.compile(r"[\s,]+(?=[A-Za-z0-9+.-]+://)")  # a URL of apprise may hold commas
_TYPES: Final = {"page": "failure", "ticket": "warning", "info": "info"}


Notify = Callable[
    [str, str, str], bool
]  # body, title and apprise's word for how bad it is → whether it was taken; blocks


class Apprise:
    """One service."""

    takes: frozenset[Purpose] = REAL
    refresh_s: float | None = None
    tells: Tells = "each"
    parallel: int = 1
    patience: timedelta = AT_ONCE

    def __init__(self, name: str, notify: Notify, places: Places) -> None:
        self.name = name
        self._notify = notify
        self._places = places
        self._taken: asyncio.Future[bool] | None = None  # whether the last attempt was

    async def send(self, message: Message) -> Fields | None:
        """Deliver one change, or return None: there is nothing to say here that was not said. Raises DeliveryFailed."""
        causes = (message.previous or {}).get("causes", [])
        cause = message.incident["cause"]["code"]
        if not worth_saying(message.change, cause, causes):
            return None
        page = page_of(message.change, message.incident, self._places)
        kind = "success" if page.word == "Resolved" else _TYPES.get(page.severity, "warning")
        body = as_text(page).partition("\n")[2]
        await self._in_thread(lambda: self._notify(body, page.headline, kind))
        return {"causes": [*causes, cause] if message.change not in ("opened", "reopened") else [cause]}

    async def _in_thread(self, call: Callable[[], bool]) -> None:
        """Wait for the call, not for ever. What hangs keeps its thread, and nothing more is begun before it is free."""
        if self._taken is not None and not self._taken.done():
            raise DeliveryFailed("timeout", f"{self.name}: the last attempt still hangs", retry=True)
        loop = asyncio.get_running_loop()
        self._taken = taken = loop.create_future()
        threading.Thread(target=_report, args=(call, loop, taken), name=self.name, daemon=True).start()
        await asyncio.wait({taken}, timeout=TIMEOUT_S)
        if not taken.done():
            raise DeliveryFailed("timeout", f"{self.name} did not answer in time", retry=True)
        if not taken.result():
            raise DeliveryFailed("unknown", f"{self.name} did not take it", retry=True)

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Nothing: what was said was said."""


def worth_saying(change: str, cause: str, causes: Sequence[str]) -> bool:
    """Return whether a message that can't be updated is worth another one. `causes` were told before; empty: nothing was."""
    if change == "recurred":
        return not causes
    if change == "enriched":
        return cause not in causes
    return change != "resolved" or bool(causes)


def open_apprise(urls: str, places: Places) -> tuple[Apprise, ...]:
    """Return a channel for each URL, named by its scheme. Raises SettingsError with all that apprise does not know."""
    found: dict[str, Apprise] = {}
    wrong = []
    for number, url in enumerate(split(urls), 1):
        scheme = url.partition("://")[0].lower()[:16]
        notify = _service(url)
        if notify is None:
            what = f"APPRISE_URLS, entry {number} ({scheme}://…)"
            remedy = "Its form is in apprise's documentation; try it: apprise -vv -b test URL"
            wrong.append(Invalid(what, "apprise does not take it", remedy))
            continue
        name = f"apprise-{scheme}"
        name = name if name not in found else f"{name}-{number}"
        found[name] = Apprise(name, notify, places)
    if wrong:
        raise SettingsError(tuple(wrong))
    return tuple(found.values())


def _service(url: str) -> Notify | None:
    """Return the service of a URL, or None. apprise is loaded here, where it is wanted: it is tens of megabytes."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it would log URLs, with what is secret in them
    service = apprise.Apprise.instantiate(url)
    if service is None:
        return None
    if "overflow=" not in url:
        service.overflow_mode = apprise.OverflowMode.TRUNCATE  # a short message has the headline and the cause
    alone = apprise.Apprise([service])
    return lambda body, title, kind: bool(alone.notify(body, title=title, notify_type=kind, body_format="text"))


def split(urls: str) -> tuple[str, ...]:
    """Return the URLs of a list with spaces, line breaks or commas between."""
    return tuple(url for url in _BETWEEN.split(urls.strip(" \t\r\n,")) if url)


def _report(call: Callable[[], bool], loop: asyncio.AbstractEventLoop, taken: "asyncio.Future[bool]") -> None:
    try:
        outcome = bool(call())
    except Exception:  # noqa: BLE001 (a hundred plugins: whatever one of them raises, it did not deliver)
        outcome = False
    try:
        loop.call_soon_threadsafe(taken.set_result, outcome)
    except RuntimeError:  # the detector has ended meanwhile: the page is told again at its next start
        return
