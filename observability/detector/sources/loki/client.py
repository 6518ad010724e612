"""Loki's HTTP API: series, a span of entries, the tail. Raises LokiUnavailable for whatever goes wrong."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from observability.detector.sources.loki.entries import Entry, Labels, entries_of, selector_of

PAGE: Final = 5_000  # Loki's max_entries_limit_per_query
_ANSWER_WITHIN = aiohttp.ClientTimeout(total=30, connect=5)
_CLOSE_WITHIN_S: Final = 0.5  # Loki does not answer the close of a tail
_MAX_FRAME: Final = 64 * 1024 * 1024


class LokiUnavailable(Exception):
    """Loki could not be reached, or refused. `reason` has its own words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class LokiSource:
    """Where to read what. `query` is a selector, perhaps with line filters."""

    url: str
    query: str
    tenant: str | None = None
    token: str | None = None

    def headers(self) -> dict[str, str]:
        """Return what tells Loki who asks."""
        said = {"X-Scope-OrgID": self.tenant, "Authorization": f"Bearer {self.token}" if self.token else None}
        return {name: value for name, value in said.items() if value}


class LokiClient:
    """Asks one Loki."""

    def __init__(self, session: aiohttp.ClientSession, source: LokiSource) -> None:
        self._session = session
        self._source = source

    async def series(self, begin_ns: int, end_ns: int) -> list[Labels]:
        """Return the labels of the streams in a span of time."""
        params = {"match[]": selector_of(self._source.query), "start": str(begin_ns), "end": str(end_ns)}
        found: list[Labels] = await self._data("series", params)
        return found

    async def span(self, begin_ns: int, end_ns: int) -> AsyncIterator[list[Entry]]:
        """Yield the entries of [begin, end), a page at a time, in order of time."""
        while begin_ns < end_ns:
            page = await self._page(begin_ns, end_ns, PAGE)
            if len(page) < PAGE:
                yield page
                return
            # Entries of the page's last moment may go on in the next one: they are read again, together.
            last_ns = page[-1].at_ns
            whole = [entry for entry in page if entry.at_ns < last_ns]
            yield whole or page  # more entries at one nanosecond than a page holds: Loki gives no way to the others
            begin_ns = last_ns if whole else last_ns + 1

    async def _page(self, begin_ns: int, end_ns: int, limit: int) -> list[Entry]:
        params = {"query": self._source.query, "start": str(begin_ns), "end": str(end_ns)}
        data = await self._data("query_range", {**params, "limit": str(limit), "direction": "forward"})
        return sorted(entries_of(data["result"]), key=lambda entry: entry.at_ns)

    @asynccontextmanager
    async def tail(self, begin_ns: int) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Open the tail: frames of entries from `begin_ns` on."""
        params = {"query": self._source.query, "start": str(begin_ns), "limit": str(PAGE)}
        try:
            socket = await self._session.ws_connect(
                self._url("tail"),
                params=params,
                headers=self._source.headers(),
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_WITHIN_S),
                max_msg_size=_MAX_FRAME,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise LokiUnavailable(f"{type(error).__name__}: {error}") from error
        try:
            yield socket
        finally:
            await socket.close()

    async def _data(self, what: str, params: dict[str, str]) -> Any:
        try:
            async with self._session.get(
                self._url(what), params=params, headers=self._source.headers(), timeout=_ANSWER_WITHIN
            ) as answer:
                text = await answer.text()
                if answer.status != 200:
                    raise LokiUnavailable(f"{answer.status}: {text[:200].strip()}")
                return json.loads(text)["data"]
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise LokiUnavailable(f"{type(error).__name__}: {error}") from error

    def _url(self, what: str) -> str:
        return f"{self._source.url.rstrip('/')}/loki/api/v1/{what}"


async def frame_of(socket: aiohttp.ClientWebSocketResponse, within_s: float) -> dict[str, Any] | None:
    """Return the next frame, None: nothing came in time. Raises LokiUnavailable when the tail has ended."""
    try:
        message = await socket.receive(timeout=within_s)
    except TimeoutError:
        return None
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise LokiUnavailable(f"the tail ended: {message.type.name} {message.extra or ''}".strip())
    try:
        frame: dict[str, Any] = json.loads(message.data)
    except ValueError as error:
        raise LokiUnavailable(f"not a frame: {error}") from error
    return frame
