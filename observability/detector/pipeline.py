"""Batch in, committed changes out: parse, correlate and store in step. Holds the only state that changes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from observability.detector.correlate import State, correlate
from observability.detector.fate import Fate, fate_of
from observability.detector.incidents import Action, Enriched, Incident, IncidentChange, Resolved
from observability.detector.measures import Measures
from observability.detector.parse import Pending, step
from observability.detector.remembered import parts_of, state_of
from observability.detector.signals import Signal
from observability.detector.sources import Batch, Clock, held_back
from observability.detector.store import Loaded, Store, StoreUnavailable, document_of, incident_of
from observability.logs import get_logger

# What tells nobody anything may be lost with the process and read again: state and checkpoint are kept together.
KEEP_EVERY: Final = timedelta(seconds=1)
_RETRY_S: Final = 0.5
_LONGEST_RETRY_S: Final = 5.0
_log = get_logger()


class Pipeline:
    """Takes one batch or one person's wish at a time. Nothing moves before it is kept: after a crash it is done again."""

    def __init__(
        self,
        store: Store,
        loaded: Loaded,
        measures: Measures,
        *,
        clock: Clock,
        zone: Callable[[], tzinfo],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._measures = measures
        self._clock = clock
        self._zone = zone
        self._wake = wake
        self._turn = asyncio.Lock()
        self._pending = Pending()
        self._state = state_of(loaded.state)
        self._kept = self._state
        self._checkpoints = dict(loaded.checkpoints)
        self.turned_at = clock()
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
            if changes or now - self._kept_at >= KEEP_EVERY:
                await self._keep(changes, max((line.read_at for line in batch.lines), default=None))

    async def act(self, incident_id: str, action: Action) -> dict[str, Any] | None:
        """Do what a person asked for; return the incident's document, or None: there is no such one."""
        async with self._turn:
            document = await self._store.incident(incident_id)
            if document is None:
                return None
            change = wished(incident_of(document), action)
            if change is None:
                return document
            self._state = with_incident(self._state, change.incident)
            await self._keep((change,), None)
            return document_of(change.incident)

    def fate(self, request_id: str) -> Fate:
        """Return what became of a request that got no answer, as far as its lines are read."""
        return fate_of(self._state, request_id)

    async def finish(self) -> None:
        """Keep how far we are, before the process ends."""
        async with self._turn:
            await self._keep((), None)

    async def _keep(self, changes: tuple[IncidentChange, ...], line_at: datetime | None) -> None:
        """Commit, as long as it takes: what is not kept may not be told, and is not read again before a restart."""
        parts = parts_of(self._kept, self._state)
        wait_s = _RETRY_S
        while True:
            try:
                await self._store.commit(changes, parts, self._checkpoints, now=self._clock(), line_at=line_at)
                break
            except StoreUnavailable as error:
                _log.error("detector.commit.failed", reason=str(error), retry_in_s=wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_RETRY_S)
        self._kept, self._kept_at = self._state, self._clock()
        if changes:
            self._wake()
        self._measures.kept(changes, (self._kept_at - line_at).total_seconds() if line_at else 0.0)


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


def wished(incident: Incident, action: Action) -> IncidentChange | None:
    """Return the change that a person's action makes, or None: it is so already."""
    if action == "resolve":
        if incident.state == "resolved":
            return None
        return Resolved(replace(incident, state="resolved"), "a person said so")
    if incident.state != "open":
        return None
    return Enriched(replace(incident, state="acknowledged"), cause_changed=False)


def with_incident(state: State, incident: Incident) -> State:
    """Return the state with what a person changed; an incident too old for it lives in the store only."""
    cases = tuple(
        replace(case, incident=replace(case.incident, state=incident.state))
        if case.incident.id == incident.id
        else case
        for case in state.cases
    )
    return replace(state, cases=cases)
