"""A stand-in for Loki, built on what a real one answered (recordings beside this checkout): the parts that are read and pushed to.

In it are: push with its refusals, series, labels, query_range with its order and limits, tail with replay, live frames (one entry
a stream, no `detected_level`), dropped entries, no answer to a close, 400 for a bad query. It keeps its entries through a restart.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

OLDEST_NS = 7 * 24 * 3600 * 10**9  # reject_old_samples_max_age
MAX_ENTRIES = 5_000  # max_entries_limit_per_query
DEFAULT_LIMIT = 100
HOUR_NS = 3600 * 10**9
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
_FILTER = re.compile(r'(\|=|!=)\s*"((?:[^"\\]|\\.)*)"')
_LEVELS = re.compile(r"\[?(error|warn|info|debug|crit)", re.I)

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry. `order` is that of its arrival, which decides between entries of one moment."""

    labels: Labels  # the index's
    metadata: Labels
    at_ns: int
    line: str
    order: int

    def shown(self) -> dict[str, str]:
        """Return the labels as a query gives them."""
        found = _LEVELS.search(self.line)
        return {**self.labels, "detected_level": found[1].lower() if found else "unknown", **self.metadata}


class BadQuery(Exception):
    """Loki's own words for it."""


def parsed(query: str) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """Return matchers and line filters. Raises BadQuery."""
    m = re.fullmatch(r"\s*\{((?:[^}\"]|\"(?:[^\"\\]|\\.)*\")*)\}(.*)", query, re.S)
    if m is None or not _MATCHER.search(m[1]):
        raise BadQuery("parse error at line 1, col 10: syntax error: unexpected $end, expecting STRING")
    return _MATCHER.findall(m[1]), _FILTER.findall(m[2])


def matches(query: str, labels: Labels, line: str | None = None) -> bool:
    """Return whether a stream, and a line of it, are what the query asks for."""
    matchers, filters = parsed(query)
    tests: dict[str, Callable[[str, str], bool]] = {
        "=": lambda have, want: have == want,
        "!=": lambda have, want: have != want,
        "=~": lambda have, want: re.fullmatch(want, have) is not None,
        "!~": lambda have, want: re.fullmatch(want, have) is None,
    }
    if not all(tests[operator](labels.get(name, ""), value) for name, operator, value in matchers):
        return False
    return line is None or all((text in line) == (operator == "|=") for operator, text in filters)


@dataclass(slots=True)
class Tail:
    query: str
    socket: web.WebSocketResponse
    begin_ns: int


@dataclass(slots=True)
class Loki:
    """What it holds, who is connected, and what it was asked (path, params, headers)."""

    entries: list[Stored] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    tails: list[Tail] = field(default_factory=list)
    url: str = ""
    tenant: str | None = None  # what X-Scope-OrgID must be
    token: str | None = None
    to_drop: int = 0  # entries that tails have no room for
    runner: web.AppRunner | None = None

    # -- as an agent and a test see it ---------------------------------------------------------------------------------
    async def push(self, labels: Labels, *lines: str, at_ns: int | None = None, metadata: Labels | None = None) -> int:
        """Take lines at one moment, and send them to who tails. Return that moment."""
        moment = at_ns if at_ns is not None else time.time_ns()
        full = {"service_name": labels.get("service", "unknown_service"), **labels}
        new = []
        for line in lines:
            entry = Stored(full, metadata or {}, moment, line, len(self.entries))
            twice = any((e.labels, e.at_ns, e.line) == (full, moment, line) for e in self.entries[-50:])
            if not twice:  # an entry that is the same in all is stored once
                self.entries.append(entry)
                new.append(entry)
        await self._send(new)
        return moment

    async def start(self) -> None:
        """Listen, at the same address as before."""
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/loki/api/v1/push", self._push)
        app.router.add_get("/loki/api/v1/series", self._series)
        app.router.add_get("/loki/api/v1/labels", self._labels)
        app.router.add_get("/loki/api/v1/query_range", self._query_range)
        app.router.add_get("/loki/api/v1/tail", self._tail)
        app.router.add_get("/ready", self._ready)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        port = int(self.url.rpartition(":")[2]) if self.url else 0
        await web.TCPSite(self.runner, "127.0.0.1", port, reuse_address=True).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Go away, with every connection; what was stored stays."""
        for tail in self.tails:
            if tail.socket._req is not None and tail.socket._req.transport is not None:
                tail.socket._req.transport.abort()
        self.tails.clear()
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None

    # -- as the wire sees it -------------------------------------------------------------------------------------------
    def _asked(self, request: web.Request) -> None:
        self.requests.append((request.path, dict(request.query), dict(request.headers)))
        if self.tenant is not None:
            assert request.headers.get("X-Scope-OrgID") == self.tenant
        if self.token is not None:
            assert request.headers.get("Authorization") == f"Bearer {self.token}"

    async def _push(self, request: web.Request) -> web.Response:
        self._asked(request)
        try:
            streams = (await request.json())["streams"]
        except ValueError:
            return web.Response(status=400, text="skipThreeBytes: expect ull, error found in #2 byte of ...\n")
        for stream in streams:
            for at, line, *metadata in stream["values"]:
                if int(at) < time.time_ns() - OLDEST_NS:
                    text = f"entry for stream '{json.dumps(stream['stream'])}' has timestamp too old: {at}\n"
                    return web.Response(status=400, text=text)
                await self.push(stream["stream"], line, at_ns=int(at), metadata=metadata[0] if metadata else None)
        return web.Response(status=204)

    async def _series(self, request: web.Request) -> web.Response:
        self._asked(request)
        begin, end = int(request.query["start"]), int(request.query["end"])
        wanted = request.query.getall("match[]")
        found = [e.labels for e in self.entries if begin <= e.at_ns < end and any(matches(q, e.labels) for q in wanted)]
        once = list({tuple(sorted(labels.items())): dict(labels) for labels in found}.values())
        return _success(once)

    async def _labels(self, request: web.Request) -> web.Response:
        self._asked(request)
        return _success(sorted({name for entry in self.entries for name in entry.labels}))

    async def _query_range(self, request: web.Request) -> web.Response:
        self._asked(request)
        query, limit = request.query["query"], int(request.query.get("limit", DEFAULT_LIMIT))
        end = int(request.query.get("end", time.time_ns()))
        begin = int(request.query.get("start", end - HOUR_NS))
        if limit > MAX_ENTRIES:
            text = (
                f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {MAX_ENTRIES})"
            )
            return web.Response(status=400, text=text)
        try:
            parsed(query)
            found = [e for e in self.entries if begin <= e.at_ns < end and matches(query, e.labels, e.line)]
        except BadQuery as problem:
            return web.Response(status=400, text=str(problem))
        backward = request.query.get("direction", "backward") == "backward"
        found.sort(key=lambda e: (-e.at_ns if backward else e.at_ns, e.order))
        result: dict[tuple[tuple[str, str], ...], list[list[str]]] = {}
        for entry in found[:limit]:
            result.setdefault(tuple(sorted(entry.shown().items())), []).append([str(entry.at_ns), entry.line])
        streams = [{"stream": dict(labels), "values": values} for labels, values in result.items()]
        return _success({"resultType": "streams", "result": streams, "stats": {}})

    async def _tail(self, request: web.Request) -> web.StreamResponse:
        self._asked(request)
        query = request.query["query"]
        try:
            parsed(query)
        except BadQuery as problem:
            return web.Response(status=400, text=str(problem))
        socket = web.WebSocketResponse(autoclose=False)
        await socket.prepare(request)
        begin = int(request.query.get("start", time.time_ns() - HOUR_NS))
        tail = Tail(query, socket, begin)
        past = [e for e in self.entries if e.at_ns >= begin and matches(query, e.labels, e.line)]
        if past:
            await socket.send_json({"streams": [_stream(e.shown(), e) for e in sorted(past, key=lambda e: e.at_ns)]})
        self.tails.append(tail)
        try:
            async for _ in socket:
                pass
        finally:
            if tail in self.tails:
                self.tails.remove(tail)
        return socket

    async def _ready(self, _: web.Request) -> web.Response:
        return web.Response(text="ready\n")

    async def _send(self, entries: list[Stored]) -> None:
        for tail in list(self.tails):
            wanted = [e for e in entries if matches(tail.query, e.labels, e.line)]
            if not wanted:
                continue
            dropped, sent = wanted[: self.to_drop], wanted[self.to_drop :]
            filtered = "|" in tail.query.rpartition("}")[2]  # only then a live frame has what a pipeline adds
            frame: dict[str, Any] = {"streams": [_stream(e.shown() if filtered else e.labels, e) for e in sent]}
            if dropped:
                frame["dropped_entries"] = [{"labels": dict(e.labels), "timestamp": str(e.at_ns)} for e in dropped]
            await tail.socket.send_json(frame)
        self.to_drop = max(0, self.to_drop - len(entries))


def _stream(labels: Labels, entry: Stored) -> dict[str, Any]:
    return {"stream": dict(labels), "values": [[str(entry.at_ns), entry.line]]}


def _success(data: Any) -> web.Response:
    body = json.dumps({"status": "success", "data": data})
    return web.Response(text=body, content_type="application/json")


@asynccontextmanager
async def loki(**said: Any) -> AsyncIterator[Loki]:
    """Run one."""
    server = Loki(**said)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        await asyncio.sleep(0)
