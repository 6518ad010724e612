"""Delivery attempts: kept with their incident, a bounded number for each channel."""

from collections.abc import Iterable
from typing import Final

import orjson
from sqlalchemy import Connection, delete, func, select

from observability.detector.incidents import Attempt
from observability.detector.store.documents import storable, to_json
from observability.detector.store.tables import ATTEMPTS, from_us, to_us

_SHOWN: Final = 40  # of one channel
_KEPT: Final = (
    100  # of one channel, and the last that was delivered: a channel that is down for a week fails 20,000 times
)


def attempts_of(connection: Connection, incident_ids: Iterable[str]) -> dict[str, tuple[Attempt, ...]]:
    """Return the delivery attempts of each incident, oldest first: the last of each channel, which may have failed all day."""
    ids = list(incident_ids)
    place = func.row_number().over(
        partition_by=(ATTEMPTS.c.incident_id, ATTEMPTS.c.channel), order_by=ATTEMPTS.c.id.desc()
    )
    numbered = select(ATTEMPTS, place.label("place")).where(ATTEMPTS.c.incident_id.in_(ids)).subquery()
    query = select(numbered).where(numbered.c.place <= _SHOWN).order_by(numbered.c.id)
    found: dict[str, list[Attempt]] = {incident_id: [] for incident_id in ids}
    for row in connection.execute(query):
        at = from_us(row.at_us)
        found[row.incident_id].append(
            Attempt(row.channel, at, row.outcome, row.reason, row.change, orjson.loads(row.fields))
        )
    return {incident_id: tuple(attempts) for incident_id, attempts in found.items()}


def write_attempt(connection: Connection, incident_id: str, attempt: Attempt) -> None:
    """Keep one delivery attempt."""
    connection.execute(
        ATTEMPTS.insert().values(
            incident_id=incident_id,
            channel=attempt.channel,
            change=attempt.change,
            at_us=to_us(attempt.at),
            outcome=attempt.outcome,
            reason=storable(attempt.reason),
            fields=to_json(attempt.fields),
        )
    )
    _forget_old(connection, incident_id, attempt.channel)


def _forget_old(connection: Connection, incident_id: str, channel: str) -> None:
    """Delete what is beyond the bound, but never the delivery whose fields the next update needs."""
    mine = (ATTEMPTS.c.incident_id == incident_id) & (ATTEMPTS.c.channel == channel)
    ids = select(ATTEMPTS.c.id).where(mine).order_by(ATTEMPTS.c.id.desc())
    oldest = connection.execute(ids.offset(_KEPT).limit(1)).scalar()
    if oldest is None:
        return
    delivered = select(func.max(ATTEMPTS.c.id)).where(mine, ATTEMPTS.c.outcome == "delivered")
    last = connection.execute(delivered).scalar()
    connection.execute(delete(ATTEMPTS).where(mine, ATTEMPTS.c.id <= oldest, ATTEMPTS.c.id != (last or 0)))
