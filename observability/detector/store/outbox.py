"""The outbox: one row per channel and change, in order, until it is delivered or refused."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import orjson
from sqlalchemy import Connection, Row, delete, func, or_, select

from observability.detector.incidents import Attempt
from observability.detector.life import Telling
from observability.detector.store.attempts import write_attempt
from observability.detector.store.documents import to_json
from observability.detector.store.lives import joined
from observability.detector.store.tables import ATTEMPTS, OUTBOX, from_us, to_us

# A change that only says more about an incident; those that wait behind one another go out as one.
UPDATES: Final = frozenset({"enriched", "recurred"})

# What a channel makes of all that waits about one incident: its receiver is told the latest state only, because it shows one
# thing that is replaced, or each step on the way.
Tells = Literal["latest", "each"]


@dataclass(frozen=True, slots=True)
class Due:
    """What to send next about one incident: the oldest change, with the document of what followed it and goes out with it."""

    row_ids: tuple[int, ...]
    channel: str
    incident_id: str
    change: str
    document: dict[str, Any]
    created_at: datetime
    newest_at: datetime  # when the newest change that goes out with it was kept
    line_at: datetime | None  # when the newest line behind the oldest change was read
    previous: dict[str, Any] | None  # `fields` of the last delivery of this incident on this channel


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one channel asks the outbox for."""

    channel: str
    limit: int
    tells: Tells = "each"
    not_after: datetime | None = None  # younger changes have to wait; an end never does
    without: Collection[str] = field(default=())  # incidents that are to be left alone for now


def put(connection: Connection, telling: Telling, channels: Iterable[str], now: datetime) -> None:
    """Add a row for each channel. An update takes the place of the one that still waits: a channel may be down for a day."""
    row = {
        "incident_id": telling.incident.id,
        "document": joined(to_json(telling.incident), to_json(telling.life)),
        "created_us": to_us(now),
        "line_us": to_us(telling.line_at) if telling.line_at else None,
    }
    for channel in channels:
        change = _replaced(connection, channel, telling) if telling.change in UPDATES else telling.change
        connection.execute(OUTBOX.insert().values(channel=channel, change=change, **row))


def _replaced(connection: Connection, channel: str, telling: Telling) -> str:
    """Take out the update that waits as the last of its incident; return the change that stands for both.

    A new row, not a new document in the old one: the old one may be on its way, and is deleted when it has arrived.
    """
    mine = (OUTBOX.c.channel == channel) & (OUTBOX.c.incident_id == telling.incident.id)
    last = connection.execute(
        select(OUTBOX.c.id, OUTBOX.c.change).where(mine).order_by(OUTBOX.c.id.desc()).limit(1)
    ).first()
    if last is None or last.change not in UPDATES:
        return telling.change
    connection.execute(delete(OUTBOX).where(OUTBOX.c.id == last.id))
    return "enriched" if "enriched" in (last.change, telling.change) else telling.change


def due(connection: Connection, wanted: Wanted) -> tuple[Due, ...]:
    """Return what to send next, oldest first, one per incident: the next change of an incident waits for this one."""
    asked = OUTBOX.c.channel == wanted.channel
    if wanted.without:
        asked &= OUTBOX.c.incident_id.not_in(list(wanted.without))
    if wanted.not_after is not None:
        asked &= or_(OUTBOX.c.created_us <= to_us(wanted.not_after), OUTBOX.c.change == "resolved")
    first = (
        select(func.min(OUTBOX.c.id).label("id"), OUTBOX.c.incident_id)
        .where(asked)
        .group_by(OUTBOX.c.incident_id)
        .order_by(func.min(OUTBOX.c.id))
        .limit(wanted.limit)
    )
    return tuple(_due(connection, wanted, row.incident_id) for row in connection.execute(first).all())


def _due(connection: Connection, wanted: Wanted, incident_id: str) -> Due:
    mine = (OUTBOX.c.channel == wanted.channel) & (OUTBOX.c.incident_id == incident_id)
    rows = connection.execute(select(OUTBOX).where(mine).order_by(OUTBOX.c.id)).all()
    together = rows if wanted.tells == "latest" else _with_updates(rows)
    return Due(
        row_ids=tuple(row.id for row in together),
        channel=wanted.channel,
        incident_id=incident_id,
        change=next((row.change for row in reversed(together) if row.change not in UPDATES), rows[0].change),
        document=orjson.loads(together[-1].document),
        created_at=from_us(rows[0].created_us),
        newest_at=from_us(together[-1].created_us),
        line_at=from_us(rows[0].line_us) if rows[0].line_us is not None else None,
        previous=_previous(connection, wanted.channel, incident_id),
    )


def _with_updates(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Return the first change with the updates that follow it."""
    end = next((place for place, row in enumerate(rows[1:], 1) if row.change not in UPDATES), len(rows))
    return rows[:end]


def _previous(connection: Connection, channel: str, incident_id: str) -> dict[str, Any] | None:
    query = (
        select(ATTEMPTS.c.fields)
        .where(ATTEMPTS.c.channel == channel, ATTEMPTS.c.incident_id == incident_id, ATTEMPTS.c.outcome == "delivered")
        .order_by(ATTEMPTS.c.id.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return None if found is None else orjson.loads(found)


def record(connection: Connection, sent: Due, attempt: Attempt) -> None:
    """Keep the attempt; unless it is to be repeated its rows are done."""
    write_attempt(connection, sent.incident_id, attempt)
    if attempt.outcome != "retry":
        drop(connection, sent)


def drop(connection: Connection, sent: Due) -> None:
    """Take the rows out: they are done."""
    connection.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(sent.row_ids)))


def forget_unsent(connection: Connection, before: datetime) -> int:
    """Delete what nobody was told by then: a channel that is set up no more has no other end. Return how many."""
    return connection.execute(delete(OUTBOX).where(OUTBOX.c.created_us < to_us(before))).rowcount


def size(connection: Connection) -> dict[str, int]:
    """Return how many rows wait, by channel."""
    query = select(OUTBOX.c.channel, func.count()).group_by(OUTBOX.c.channel)
    return {row[0]: row[1] for row in connection.execute(query)}
