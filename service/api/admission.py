"""Per-client limits: a request in, room for its upload or ClientBusy out, before a byte of the body is read."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from observability.ids import JobId
from service.api.clients import client_of
from service.api.rates import MOST_CLIENTS, Rates
from service.config import Network
from service.jobs.store import JobStore

_RETRY_OPEN_S: Final = 5


class ClientBusy(Exception):
    """A client uploads more than one may. `limit` is the limit that it met."""

    def __init__(self, what: str, limit: int, retry_after_s: int) -> None:
        self.limit = limit
        self.retry_after_s = retry_after_s
        super().__init__(what)


@dataclass(slots=True)
class _Open:
    """What a client has under way: uploads that are being received, and jobs that had not ended when last looked at."""

    receiving: int = 0
    jobs: set[JobId] = field(default_factory=set)


class Admission:
    """Counts of this process: nothing about clients is kept on disk, and a restart forgets them."""

    def __init__(self, rates: Rates, open_uploads: int, trusted: tuple[Network, ...], store: JobStore) -> None:
        self.rates = rates
        self.open_uploads = open_uploads
        self._trusted = trusted
        self._store = store
        self._open: OrderedDict[str, _Open] = OrderedDict()

    @asynccontextmanager
    async def of(self, request: web.Request) -> AsyncIterator[set[JobId]]:
        """Hold a place for the upload while it is received. A job that is put into the set counts until it ends.

        Raises ClientBusy.
        """
        forwarded = request.headers.getall("X-Forwarded-For", [])
        client = client_of(request.remote, forwarded, self._trusted)
        if client is None:
            yield set()
            return
        self._count(client)
        mine = self._of_client(client)
        mine.receiving += 1  # before the look at the jobs: of many at the same moment no two see the last place
        try:
            await self._refuse_too_many(mine)
            yield mine.jobs
        finally:
            mine.receiving -= 1

    def _count(self, client: str) -> None:
        if wait_s := self.rates.take(client, asyncio.get_running_loop().time()):
            most = self.rates.per_minute
            what = f"More than {most} uploads a minute came from this client"
            raise ClientBusy(what, most, math.ceil(wait_s))

    def _of_client(self, client: str) -> _Open:
        mine = self._open.pop(client, None) or _Open()
        self._open[client] = mine
        if len(self._open) > MOST_CLIENTS:
            self._open.popitem(last=False)
        return mine

    async def _refuse_too_many(self, mine: _Open) -> None:
        known = frozenset(mine.jobs)  # others may come while we ask
        mine.jobs -= known - await self._store.still_active(known)
        if mine.receiving + len(mine.jobs) > self.open_uploads:
            what = f"{self.open_uploads} uploads of this client are under way"
            raise ClientBusy(what, self.open_uploads, _RETRY_OPEN_S)
