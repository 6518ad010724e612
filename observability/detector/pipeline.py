"""Batch in, committed changes out: parse, correlate and store in step. Holds the only state that changes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final, TypeVar

from observability.detector.correlate import Case, State, correlate, running
from observability.detector.fate import Fate, fate_of
from observability.detector.incidents import IncidentChange
from observability.detector.life import Life, Wish
from observability.detector.lifecycle import Lived, Policy, Subject, live, wished
from observability.detector.measures import Measures
from observability.detector.parse import Pending, step
from observability.detector.remembered import parts_of, state_of
from observability.detector.signals import Signal
from observability.detector.sources import Batch, Clock, held_back
from observability.detector.store import Loaded, Store, StoreUnavailable, incident_of, life_of
from observability.logs import get_logger

# What tells nobody anything may be lost with the process and read again: state and checkpoint are kept together.
KEEP_EVERY: Final = timedelta(seconds=1)
_RETRY_S: Final = 0.5
_LONGEST_RETRY_S: Final = 5.0
_DUE_AT_ONCE: Final = 100
_NO_WISHES: Final[Mapping[str, Life]] = {}
T = TypeVar("T")
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
    ) -> None:
        self._store = store
        self._measures = measures
        self._policy = policy
        self._clock = clock
        self._zone = zone
        self._wake = wake
        self._turn = asyncio.Lock()
        self._pending = Pending()
        self._state = state_of(loaded.state)
        self._kept = self._state
        self._checkpoints = dict(loaded.checkpoints)
        self.turned_at = clock()
        self._due: datetime | None = self.turned_at  # when a life may change by itself: known after the first commit
        self._kept_at = (
            self.turned_at - KEEP_EVERY
        )  # the first batch is kept: from then on a rotated file is found again

    async def take(self, batch: Batch) -> None:
        """Read a batch's lines; an empty one lets windows close. Returns when what it changed is kept."""
        async with self._turn:
            now = self._clock()
            pending, signals = step(self._pending, batch.lines, now, tz=self._zone())
            state, changes = understood(self._state, signals, now)
            self._measures.saw(len(batch.lines), signals)
            self._pending, self._state = pending, state
            self._checkpoints = held_back(batch.checkpoints, pending.held_from)
            self.turned_at = now
            if changes or self._is_due(now) or now - self._kept_at >= KEEP_EVERY:
                await self._keep(changes, max((line.read_at for line in batch.lines), default=None))

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

    def _is_due(self, now: datetime) -> bool:
        return self._due is not None and self._due <= now

    async def _keep(
        self, changes: tuple[IncidentChange, ...], line_at: datetime | None, wishes: Mapping[str, Life] = _NO_WISHES
    ) -> None:
        """Let the changes and the time act on the lives of incidents, and keep all of it."""
        now = self._clock()
        due = await self._insist(lambda: self._store.due_lives(now, _DUE_AT_ONCE)) if self._is_due(now) else ()
        ids = {change.incident.id for change in changes} - wishes.keys()
        known = await self._insist(lambda: self._store.recall(ids)) if ids else {}
        lives = {key: life_of(document) for key, document in known.items()} | dict(wishes)
        subjects = [Subject(incident_of(document), life_of(document)) for document in due]
        lived = live(changes, lives, subjects, now)
        self._state = with_states(self._state, lived.changes)
        await self._commit(lived, now, line_at)
        if self._is_due(now) or lived.lives:
            self._due = await self._insist(self._store.next_due)

    async def _commit(self, lived: Lived, now: datetime, line_at: datetime | None) -> None:
        """Commit, as long as it takes: what is not kept may not be told, and is not read again before a restart."""
        parts, changes = parts_of(self._kept, self._state), lived.changes
        await self._insist(
            lambda: self._store.commit(changes, parts, self._checkpoints, now=now, line_at=line_at, lived=lived.lives)
        )
        self._kept, self._kept_at = self._state, self._clock()
        if changes:
            self._wake()
        self._measures.kept(changes, (self._kept_at - line_at).total_seconds() if line_at else 0.0)

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask the store until it answers."""
        wait_s = _RETRY_S
        while True:
            try:
                return await call()
            except StoreUnavailable as error:
                _log.error("detector.commit.failed", reason=str(error), retry_in_s=wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_RETRY_S)


def understood(state: State, signals: Sequence[Signal], now: datetime) -> tuple[State, tuple[IncidentChange, ...]]:
    """Correlate. A signal that trips it is skipped, and logged: read again at each start, it would blind us for good."""
    try:
        return correlate(state, signals, now)
    except Exception:  # noqa: BLE001 (see above)
        _log.exception("detector.signals.failed", count=len(signals))
        if not signals:
            return state, ()
    changes: list[IncidentChange] = []
    for signal in signals:
        try:
            state, more = correlate(state, (signal,), now)
            changes += more
        except Exception:  # noqa: BLE001 (see above)
            _log.exception(
                "detector.signal.skipped", kind=signal.kind, source=signal.origin.source, line=signal.origin.line
            )
    return state, tuple(changes)


def with_states(state: State, changes: Sequence[IncidentChange]) -> State:
    """Return the state with what people and time decided; an incident too old for it lives in the store only."""
    decided = {change.incident.id: change.incident for change in changes}

    def after(case: Case) -> Case:
        now = decided.get(case.incident.id)
        if now is None or now.state == case.incident.state:
            return case
        return replace(case, incident=replace(case.incident, state=now.state, resolved_in=now.resolved_in))

    return replace(state, cases=tuple(after(case) for case in state.cases))
