"""The store as the rest of the detector sees it: coroutines over one thread, one transaction a call."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from observability.detector.incidents import Attempt, IncidentChange
from observability.detector.life import Life, Telling
from observability.detector.signals import Position
from observability.detector.store import attempts, incidents, lives, outbox, progress
from observability.detector.store.incidents import Filters, Page
from observability.detector.store.outbox import Due, Wanted

T = TypeVar("T")
Recipients = Callable[[Telling], tuple[str, ...]]  # the channels that it is told on


class StoreUnavailable(Exception):
    """The database did not do it: gone, full, locked. The same call may be repeated, nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Where the last detector stopped."""

    state: Mapping[str, str]  # correlate's, in parts of JSON by name
    checkpoints: Mapping[str, Position]


@dataclass(frozen=True, slots=True)
class Kept:
    """What one commit keeps."""

    changes: tuple[IncidentChange, ...]
    lives: Mapping[str, Life]
    state: Mapping[str, str | None]
    checkpoints: Mapping[str, Position]


class Store:
    """All calls run one after another in one thread: a commit never waits for more than one short query."""

    def __init__(self, engine: Engine, recipients: Recipients) -> None:
        self._engine = engine
        self._recipients = recipients
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._kept: Mapping[str, Position] = {}
        self.version = 0  # grows with all that a page shows: pages that follow along ask for it

    async def load(self) -> Loaded:
        """Return state and checkpoints; to be called once, before the first commit."""
        state, checkpoints = await self._run(_load)
        self._kept = checkpoints
        return Loaded(state, checkpoints)

    async def commit(
        self,
        changes: Iterable[IncidentChange],
        state: Mapping[str, str | None],
        checkpoints: Mapping[str, Position],
        *,
        now: datetime,
        lived: Mapping[str, Life] | None = None,
        tell: Iterable[Telling] | None = None,
    ) -> None:
        """Keep incidents, lives, what is to be told, the moved parts of the state (None: gone) and checkpoints: all or nothing.

        Without `tell` each change is told as it is.
        """
        kept = Kept(tuple(changes), lived or {}, state, checkpoints)
        tellings = _as_they_are(kept) if tell is None else tuple(tell)
        if kept == Kept((), {}, {}, self._kept) and not tellings:
            return
        await self._run(self._write, kept, tellings, now)
        self._kept = checkpoints
        self.version += bool(kept.changes or kept.lives)

    def _write(self, connection: Connection, kept: Kept, tellings: tuple[Telling, ...], now: datetime) -> None:
        for change in kept.changes:
            incidents.write_incident(connection, change.incident)
        for incident_id, life in kept.lives.items():
            lives.write_life(connection, incident_id, life)
        for telling in tellings:
            outbox.put(connection, telling, self._recipients(telling), now)
        progress.write_state(connection, kept.state)
        progress.write_checkpoints(connection, self._kept, kept.checkpoints)

    async def list_incidents(self, filters: Filters, limit: int = 50, cursor: str | None = None) -> Page:
        """Return a page of documents, newest first. Raises ValueError for a foreign cursor."""
        return await self._run(incidents.list_incidents, filters, limit, cursor)

    async def count_states(self) -> dict[str, int]:
        """Return the number of real incidents by state; a state without any is left out."""
        return await self._run(incidents.count_states)

    async def incident(self, incident_id: str) -> dict[str, Any] | None:
        """Return one document, or None."""
        return await self._run(incidents.find_incident, incident_id)

    async def recall(self, incident_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the documents of these incidents, by id, as far as they are kept."""
        return await self._run(lives.recall, tuple(incident_ids))

    async def due_lives(self, now: datetime, limit: int) -> tuple[dict[str, Any], ...]:
        """Return the documents of incidents whose life changes by itself by now, the longest due first."""
        return await self._run(lives.due_lives, now, limit)

    async def next_due(self) -> datetime | None:
        """Return when the next life changes by itself, or None."""
        return await self._run(lives.next_due)

    async def look_up(
        self, incident_ids: Iterable[str], fingerprints: Iterable[str]
    ) -> tuple[dict[str, dict[str, Any]], tuple[dict[str, Any], ...]]:
        """Return both at once, a page may wait for it: what `recall` gives, and one incident for each known fingerprint.

        Of several with one fingerprint it is one that is open, else the last one seen.
        """
        return await self._run(_look_up, tuple(incident_ids), tuple(fingerprints))

    async def standing(self, after: str, limit: int) -> tuple[dict[str, Any], ...]:
        """Return the documents of real incidents that are not over, in the order of their ids, from behind that id on."""
        return await self._run(incidents.standing, after, limit)

    async def unresolved(self) -> tuple[dict[str, Any], ...]:
        """Return those that those who are told know of, and nothing silences."""
        return await self._run(incidents.unresolved)

    async def attempts(self, incident_ids: Iterable[str]) -> dict[str, tuple[Attempt, ...]]:
        """Return delivery attempts by incident, oldest first."""
        return await self._run(attempts.attempts_of, tuple(incident_ids))

    async def due(self, wanted: Wanted) -> tuple[Due, ...]:
        """Return what a channel has to send now, at most one change per incident."""
        return await self._run(outbox.due, wanted)

    async def record(self, sent: Due, attempt: Attempt) -> None:
        """Keep a delivery attempt; a final one empties its rows."""
        await self._run(outbox.record, sent, attempt)
        self.version += 1

    async def drop(self, sent: Due) -> None:
        """Empty the rows of what a channel had no reason to tell."""
        await self._run(outbox.drop, sent)

    async def outbox_size(self) -> dict[str, int]:
        """Return the number of waiting rows by channel."""
        return await self._run(outbox.size)

    async def forget(self, before: datetime) -> int:
        """Delete resolved incidents that were last seen before then; return how many."""
        return await self._run(incidents.forget, before)

    async def forget_unsent(self, before: datetime) -> int:
        """Delete changes that wait since before then; return how many."""
        return await self._run(outbox.forget_unsent, before)

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._in_transaction, work, args))

    def _in_transaction(self, work: Callable[..., T], args: tuple[object, ...]) -> T:
        try:
            with self._engine.begin() as connection:
                return work(connection, *args)
        except DBAPIError as error:
            raise StoreUnavailable(f"{type(error.orig).__name__}: {error.orig}") from error

    async def close(self) -> None:
        """Finish what runs and close the connections."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


def _as_they_are(kept: Kept) -> tuple[Telling, ...]:
    lived = ((change, kept.lives.get(change.incident.id, Life())) for change in kept.changes)
    return tuple(Telling(change.change, change.incident, life, change.line_at) for change, life in lived)


def _load(connection: Connection) -> tuple[dict[str, str], dict[str, Position]]:
    return progress.load_state(connection), progress.load_checkpoints(connection)


def _look_up(
    connection: Connection, incident_ids: tuple[str, ...], fingerprints: tuple[str, ...]
) -> tuple[dict[str, dict[str, Any]], tuple[dict[str, Any], ...]]:
    found = incidents.same(connection, fingerprints) if fingerprints else ()
    return lives.recall(connection, incident_ids), found
