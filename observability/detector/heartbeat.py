"""A dead man's switch: a URL is asked once a minute while the chain is proven to work. Whoever misses it raises the alarm."""

import asyncio
from collections.abc import Callable
from typing import Final

import aiohttp

from observability.detector.measures import ProofMeasures
from observability.detector.notify import DeliveryFailed, ask
from observability.detector.sources import Clock
from observability.logs import get_logger

EVERY_S: Final = 60.0
LOOK_AGAIN_S: Final = 1.0
AFTER_FAILURE_S: Final = 10.0
_log = get_logger()


class Heartbeat:
    """Beats while `lives` says so."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, lives: Callable[[], bool], measures: ProofMeasures, clock: Clock
    ) -> None:
        self._session = session
        self._url = url
        self._lives = lives
        self._measures = measures
        self._clock = clock

    async def run(self) -> None:
        """Beat, for ever."""
        while True:
            await asyncio.sleep(await self.beat() if self._lives() else LOOK_AGAIN_S)

    async def beat(self) -> float:
        """Ask the URL once; return how long to wait before the next time, in seconds."""
        try:
            await ask(self._session, self._url)
        except DeliveryFailed as failure:
            _log.warning("heartbeat.failed", reason=failure.reason, detail=failure.detail)
            return AFTER_FAILURE_S
        self._measures.beat(self._clock())
        return EVERY_S
