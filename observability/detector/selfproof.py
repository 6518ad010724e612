"""The detector proves itself: on a schedule a synthetic crash goes from a log's line to a page, and the outcome is a metric."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from observability.detector.life import Wish
from observability.detector.measures import Outcome, ProofMeasures
from observability.detector.notify import Loopback
from observability.detector.sources import Clock
from observability.detector.store import StoreUnavailable
from observability.detector.synthetic import PROOF, append, crash
from observability.logs import get_logger

FIRST_AFTER_S: Final = 2.0  # what the last process left is read first
WITHIN_S: Final = 30.0  # many times what it takes: behind this the chain is of no use to anybody

Act = Callable[[str, Wish], Awaitable[dict[str, Any] | None]]
_log = get_logger()


class SelfProof:
    """Says whether the chain is proven to work, now."""

    def __init__(
        self, log: Path, every: timedelta, loopback: Loopback, act: Act, measures: ProofMeasures, clock: Clock
    ) -> None:
        self._log = log
        self._every = every
        self._loopback = loopback
        self._act = act
        self._measures = measures
        self._clock = clock
        self._proven_at: datetime | None = None

    def holds(self) -> bool:
        """Return whether a proof has passed lately: at most one may have failed since."""
        lasts = 2 * self._every + timedelta(seconds=WITHIN_S)
        return self._proven_at is not None and self._clock() - self._proven_at < lasts

    async def run(self) -> None:
        """Prove it, for ever."""
        await asyncio.sleep(FIRST_AFTER_S)
        while True:
            await self.prove()
            await asyncio.sleep(self._every.total_seconds())

    async def prove(self) -> Outcome:
        """Write the crash, wait for its page, resolve its incident; return how it went."""
        began = self._clock()
        outcome = await self._try(began)
        if outcome == "passed":
            self._proven_at = self._clock()
        self._measures.ran(outcome, self._proven_at)
        return outcome

    async def _try(self, began: datetime) -> Outcome:
        try:
            append(self._log, crash(began, uuid.uuid4().hex, PROOF))
        except OSError as error:
            _log.error("selftest.failed", reason=f"{self._log} cannot be written ({error.strerror})")
            return "unwritable"
        try:
            incident_id = await asyncio.wait_for(self._loopback.came(began), WITHIN_S)
        except TimeoutError:
            _log.error("selftest.failed", reason=f"no page within {WITHIN_S:g} s of the lines in {self._log}")
            return "lost"
        with suppress(StoreUnavailable):  # it came through; what stays open comes again as a recurrence
            await self._act(incident_id, Wish("resolve", by=PROOF.service))
        return "passed"
