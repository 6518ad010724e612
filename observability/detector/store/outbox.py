"""The outbox: one row per channel and change, in order, until it is delivered or refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, select

from observability.detector.incidents import Attempt
from observability.detector.life import Telling
from observability.detector.store.documents import to_json
from observability.detector.store.incidents import write_attempt
from observability.detector.store.lives import joined
from observability.detector.store.tables import ATTEMPTS, OUTBOX, from_us, to_us

# A change that only says more about an incident; those that wait behind one another go out as one.
_UPDATES = frozenset({"enriched", "recurred"})


@dataclass(frozen=True, slots=True)
class Due:
    """What to send next about one incident: the oldest change, with the document of the updates that followed it."""

    row_ids: tuple[int, ...]
    channel: str
    incident_id: str
    change: str
    document: dict[str, Any]
    created_at: datetime
    line_at: datetime | None  # when the newest line behind the oldest change was read
    previous: dict[str, Any] | None  # `fields` of the last delivery of this incident on this channel


def put(connection: Connection, telling: Telling, channels: Iterable[str], now: datetime) -> None:
    """Add a row for each channel."""
    row = {
        "incident_id": telling.incident.id,
        "change": telling.change,
        "document": joined(to_json(telling.incident), to_json(telling.life)),
        "created_us": to_us(now),
        "line_us": to_us(telling.line_at) if telling.line_at else None,
    }
    for channel in channels:
        connection.execute(OUTBOX.insert().values(channel=channel, **row))


def due(connection: Connection, channel: str, limit: int) -> tuple[Due, ...]:
    """Return what to send next, oldest first, one per incident: the next change of an incident waits for this one."""
    first = (
        select(func.min(OUTBOX.c.id).label("id"), OUTBOX.c.incident_id)
        .where(OUTBOX.c.channel == channel)
        .group_by(OUTBOX.c.incident_id)
        .order_by(func.min(OUTBOX.c.id))
        .limit(limit)
    )
    return tuple(_due(connection, channel, row.incident_id) for row in connection.execute(first).all())


def _due(connection: Connection, channel: str, incident_id: str) -> Due:
    mine = (OUTBOX.c.channel == channel) & (OUTBOX.c.incident_id == incident_id)
    rows = connection.execute(select(OUTBOX).where(mine).order_by(OUTBOX.c.id)).all()
    together = [rows[0]]
    for row in rows[1:]:
        if row.change not in _UPDATES:
            break
        together.append(row)
    return Due(
        row_ids=tuple(row.id for row in together),
        channel=channel,
        incident_id=incident_id,
        change=rows[0].change,
        document=orjson.loads(together[-1].document),
        created_at=from_us(rows[0].created_us),
        line_at=from_us(rows[0].line_us) if rows[0].line_us is not None else None,
        previous=_previous(connection, channel, incident_id),
    )


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


def size(connection: Connection) -> dict[str, int]:
    """Return how many rows wait, by channel."""
    query = select(OUTBOX.c.channel, func.count()).group_by(OUTBOX.c.channel)
    return {row[0]: row[1] for row in connection.execute(query)}
