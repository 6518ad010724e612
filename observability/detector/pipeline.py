"""Batch in, committed changes out: parse, correlate and store in step. Holds the only state that changes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from observability.detector.correlate import Memory, State, correlate, revived, running
from observability.detector.fate import Fate, fate_of
from observability.detector.incidents import IncidentChange
from observability.detector.keeping import NO_WISHES, Keeper
from observability.detector.life import Life, Wish
from observability.detector.lifecycle import NO_SILENCES, Policy, Silences, wished
from observability.detector.measures import Measures
from observability.detector.parse import Pending, step
from observability.detector.parse.clues import Clue, clue_of_signal
from observability.detector.remembered import state_of
from observability.detector.signals import Signal
from observability.detector.sources import Batch, Clock, held_back
from observability.detector.store import Loaded, Store, incident_of, life_of
from observability.logs import get_logger

_log = get_logger()


class Pipeline:
    """Takes one batch or one person's wish at a time. Nothing moves before it is kept: after a crash it is done again."""

    def __init__(
        self,
        store: Store,
        loaded: Loaded,
        measures: Measures,
        policy: Policy,
        *,
        clock: Clock,
        zone: Callable[[], tzinfo],
        wake: Callable[[], None],
        silences: Callable[[], Silences] = lambda: NO_SILENCES,
    ) -> None:
        self._store = store
        self._measures = measures
        self._policy = policy
        self._clock = clock
        self._zone = zone
        self._turn = asyncio.Lock()
        self._pending = Pending()
        self._state = state_of(loaded.state)
        self._memory = Memory()
        self._keeper = Keeper(store, loaded, self._state, measures, policy, clock=clock, wake=wake, silences=silences)
        self._checkpoints = dict(loaded.checkpoints)
        self.turned_at = clock()

    async def take(self, batch: Batch) -> None:
        """Read a batch's lines; an empty one lets windows close. Returns when what it changed is kept."""
        async with self._turn:
            now = self._clock()
            pending, signals = step(self._pending, batch.lines, now, tz=self._zone())
            state, changes = understood(self._state, signals, now, self._memory)
            if known := await self._keeper.look_up(self._state, changes):
                state, changes = understood(revived(self._state, known), signals, now, self._memory)
            self._measures.saw(batch, signals)
            self._pending, self._state = pending, state
            self._checkpoints = held_back(batch.checkpoints, pending.held_from)
            self.turned_at = now
            if changes or self._keeper.is_due(now):
                newest = max((line.read_at for line in batch.lines), default=None)
                await self._keep(changes, newest)

    def clues(self) -> tuple[Clue, ...]:
        """Return what lines that are still to be read may have to do with: what is open, and what is young."""
        young = (clue for signal in self._state.recent if (clue := clue_of_signal(signal)) is not None)
        cases = (case for case in self._state.cases if case.incident.state != "resolved")
        return (*young, *(Clue(case.ended_at.timestamp(), route=case.incident.route) for case in cases))

    async def act(self, incident_id: str, wish: Wish) -> dict[str, Any] | None:
        """Do what a person asked for; return the incident's document, or None: there is no such one. Raises WishRefused."""
        async with self._turn:
            document = await self._store.incident(incident_id)
            if document is None:
                return None
            before = life_of(document)
            now, runs = self._clock(), running(self._state.processes, None)
            life, change = wished(incident_of(document), before, wish, now, self._policy, running=runs)
            if life != before or change is not None:
                await self._keep((change,) if change else (), None, {incident_id: life})
            return await self._store.incident(incident_id)

    def fate(self, request_id: str) -> Fate:
        """Return what became of a request that got no answer, as far as its lines are read."""
        return fate_of(self._state, request_id)

    async def finish(self) -> None:
        """Keep how far we are, before the process ends."""
        async with self._turn:
            await self._keep((), None)

    async def _keep(
        self, changes: tuple[IncidentChange, ...], newest: datetime | None, wishes: Mapping[str, Life] = NO_WISHES
    ) -> None:
        self._state = await self._keeper.keep(self._state, changes, self._checkpoints, newest, wishes)


def understood(
    state: State, signals: Sequence[Signal], now: datetime, memory: Memory
) -> tuple[State, tuple[IncidentChange, ...]]:
    """Correlate. A signal that trips it is skipped, and logged: read again at each start, it would blind us for good."""
    try:
        return correlate(state, signals, now, memory)
    except Exception:  # noqa: BLE001 (see above)
        _log.exception("detector.signals.failed", count=len(signals))
        if not signals:
            return state, ()
    changes: list[IncidentChange] = []
    for signal in signals:
        try:
            state, more = correlate(state, (signal,), now, memory)
            changes += more
        except Exception:  # noqa: BLE001 (see above)
            _log.exception(
                "detector.signal.skipped", kind=signal.kind, source=signal.origin.source, line=signal.origin.line
            )
    return state, tuple(changes)
