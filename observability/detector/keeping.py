"""Changes, wishes and time → what is kept and told, in one transaction; as long as that takes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from observability.detector.correlate import Case, State, unfamiliar
from observability.detector.incidents import Incident, IncidentChange
from observability.detector.life import STORM_ID, Life, due_at
from observability.detector.lifecycle import Before, Lived, Policy, Silences, Subject, live
from observability.detector.measures import Measures
from observability.detector.remembered import parts_of, storm_of, storm_parts
from observability.detector.signals import Position
from observability.detector.sources import Clock
from observability.detector.store import Loaded, Store, StoreUnavailable, incident_of, life_of
from observability.logs import get_logger

# What tells nobody anything may be lost with the process and read again: state and checkpoint are kept together.
KEEP_EVERY: Final = timedelta(seconds=1)
NO_WISHES: Final[Mapping[str, Life]] = {}
_RETRY_S: Final = 0.5
_LONGEST_RETRY_S: Final = 5.0
_AT_ONCE: Final = 200  # incidents that are looked at in one step: a page may wait meanwhile
T = TypeVar("T")
_log = get_logger()


class Keeper:
    """Lets the rules of lifecycle/ act on what happened, and commits all of it. One call at a time."""

    def __init__(
        self,
        store: Store,
        loaded: Loaded,
        state: State,
        measures: Measures,
        policy: Policy,
        *,
        clock: Clock,
        wake: Callable[[], None],
        silences: Callable[[], Silences],
    ) -> None:
        self._silences = silences
        self._reviewed: Silences | None = None  # those that the open incidents are held against
        self._boundary: datetime | None = None  # when the next of them begins or ends
        self._cursor: str | None = None  # how far that has come, by id; None: through
        self._store = store
        self._measures = measures
        self._policy = policy
        self._clock = clock
        self._wake = wake
        self._state = state  # as it is kept
        self._storm = storm_of(loaded.state)
        self._read: dict[str, dict[str, Any] | None] = {}  # documents for the next `keep`; None: there is none
        self._due: datetime | None = clock()  # when a life changes by itself: known after the first commit
        self._kept_at = clock() - KEEP_EVERY  # the first batch is kept: from then on a rotated file is found again

    def is_due(self, now: datetime) -> bool:
        """Return whether there is something to keep or tell although nothing happened."""
        return self._is_time(now) or now - self._kept_at >= KEEP_EVERY

    def _is_time(self, now: datetime) -> bool:
        moments = (self._due, self._storm.due, self._boundary)
        under_review = self._cursor is not None or self._silences() is not self._reviewed
        return under_review or any(due is not None and due <= now for due in moments)

    async def look_up(self, before: State, changes: Sequence[IncidentChange]) -> tuple[Incident, ...]:
        """Return the incidents that are out of mind and are the same as what came up in this step.

        A selftest is never the same as a real one. What `keep` needs to know of the changed ones is read on the same way.
        """
        if not changes:
            return ()
        prints = unfamiliar(before, changes)
        ids = {change.incident.id for change in changes}
        fingerprints = {fingerprint for fingerprint, _ in prints}
        known, same = await self._insist(lambda: self._store.look_up(ids, fingerprints))
        self._read = {**dict.fromkeys(ids), **known, **{document["id"]: document for document in same}}
        incidents = (incident_of(document) for document in same)
        return tuple(one for one in incidents if (one.fingerprint, one.synthetic) in prints)

    async def keep(
        self,
        state: State,
        changes: tuple[IncidentChange, ...],
        checkpoints: Mapping[str, Position],
        newest: datetime | None,
        wishes: Mapping[str, Life],
    ) -> State:
        """Keep the state with what people and time made of it, and return it. `newest`: when the last line was read."""
        now = self._clock()
        its_time = self._is_time(now)
        before = await self._before(changes, wishes, now, its_time)
        lived = live(before, changes, now, self._policy)
        after = with_states(state, lived.changes)
        await self._commit(lived, after, checkpoints, {**wishes, **lived.lives}, now)
        own = tuple(change for change in lived.changes if not _is_storm(change))
        self._measures.kept(own, self._kept_at, newest)
        self._due = await self._insist(self._store.next_due) if its_time else self._sooner(wishes, lived)
        return after

    def _sooner(self, wishes: Mapping[str, Life], lived: Lived) -> datetime | None:
        """Return when the next life changes by itself, at the earliest: asking the store would hold up each page."""
        moments = (self._due, *(due_at(life) for life in (*wishes.values(), *lived.lives.values())))
        return min((moment for moment in moments if moment is not None), default=None)

    async def _before(
        self, changes: Sequence[IncidentChange], wishes: Mapping[str, Life], now: datetime, its_time: bool
    ) -> Before:
        """Read what the rules need to know of those incidents that they may touch."""
        ids = {change.incident.id for change in changes} - wishes.keys()
        ids |= {self._storm.id} if self._storm.id and (changes or its_time) else set()
        unread = ids - self._read.keys()
        known = self._read | (await self._insist(lambda: self._store.recall(unread)) if unread else {})
        lives = {key: life_of(document) for key, document in known.items() if document} | dict(wishes)
        self._read = {}
        silences = self._silences()
        due = await self._in_question(silences, now) if its_time else ()
        return Before(lives, due, self._storm, silences)

    async def _in_question(self, silences: Silences, now: datetime) -> tuple[Subject, ...]:
        """Return the incidents whose time has come; some of all that are not over where the silences have changed."""
        documents = {d["id"]: d for d in await self._insist(lambda: self._store.due_lives(now, _AT_ONCE))}
        if silences is not self._reviewed or (self._boundary is not None and self._boundary <= now):
            self._reviewed, self._boundary, self._cursor = silences, silences.boundary(now), ""
        if (after := self._cursor) is not None:
            page = await self._insist(lambda: self._store.standing(after, _AT_ONCE))
            self._cursor = page[-1]["id"] if len(page) == _AT_ONCE else None
            documents |= {document["id"]: document for document in page}
        return tuple(Subject(incident_of(one), life_of(one)) for one in documents.values())

    async def _commit(
        self,
        lived: Lived,
        state: State,
        checkpoints: Mapping[str, Position],
        lives: Mapping[str, Life],
        now: datetime,
    ) -> None:
        """Commit, as long as it takes: what is not kept may not be told, and is not read again before a restart."""
        parts = parts_of(self._state, state) | storm_parts(self._storm, lived.storm)
        await self._insist(
            lambda: self._store.commit(lived.changes, parts, checkpoints, now=now, lived=lives, tell=lived.tell)
        )
        self._state, self._storm, self._kept_at = state, lived.storm, self._clock()
        if lived.tell:
            self._wake()

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


def with_states(state: State, changes: Sequence[IncidentChange]) -> State:
    """Return the state with what people and time decided; an incident too old for it lives in the store only."""
    decided = {change.incident.id: change.incident for change in changes}

    def after(case: Case) -> Case:
        now = decided.get(case.incident.id)
        if now is None or now.state == case.incident.state:
            return case
        return replace(case, incident=replace(case.incident, state=now.state, resolved_in=now.resolved_in))

    return replace(state, cases=tuple(after(case) for case in state.cases))


def _is_storm(change: IncidentChange) -> bool:
    return change.incident.id.startswith(STORM_ID)
