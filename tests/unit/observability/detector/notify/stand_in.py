"""A receiver on loopback that checks what it gets as the real one documents it, and answers as the test says."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found


@dataclass
class StandIn:
    """`check` raises AssertionError for what the service would refuse; `answers` are given in order, then the usual one."""

    check: Callable[[Got], None] = lambda _: None
    answers: list[web.Response | Callable[[Got], web.Response]] = field(default_factory=list)
    usual: Callable[[Got], web.Response] = lambda _: web.Response()
    got: list[Got] = field(default_factory=list)
    wrong: list[AssertionError] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        one = Got(request.path, dict(request.headers), await request.read())
        self.got.append(one)
        try:
            self.check(one)
        except AssertionError as error:
            self.wrong.append(error)
        answer = self.answers.pop(0) if self.answers else self.usual
        return answer(one) if callable(answer) else answer


@asynccontextmanager
async def listening(stand_in: StandIn) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """Serve on a free port; give a client session and the address. Fails if anything was sent that is not to the schema."""
    app = web.Application(client_max_size=2**21)
    app.router.add_route("*", "/{path:.*}", stand_in.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            yield session, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
    if stand_in.wrong:
        raise stand_in.wrong[0]
