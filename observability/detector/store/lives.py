"""Lives of incidents: kept in the incident's row, part of its document, found again when they are due."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, func, select, update

from observability.detector.life import Life, due_at
from observability.detector.store.documents import to_json
from observability.detector.store.tables import INCIDENTS, from_us, to_us

LIFE = "life"  # its key in a document
_NEW = to_json(Life())


def write_life(connection: Connection, incident_id: str, life: Life) -> None:
    """Keep the life of an incident that is kept."""
    due = due_at(life)
    row = {"life": to_json(life), "due_us": to_us(due) if due else None}
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident_id).values(row))


def joined(document: str, life: str) -> str:
    """Return the JSON of a document with its life, from the JSON of both."""
    return f'{document.removesuffix("}")},"{LIFE}":{life}}}'


def whole(document: str, life: str | None) -> dict[str, Any]:
    """Return the document with its life, from the JSON of both."""
    return {**orjson.loads(document), LIFE: orjson.loads(life or _NEW)}


def life_of(document: Mapping[str, Any]) -> Life:
    """Return the life in a document; an empty one where there is none. Raises pydantic's ValidationError for any other."""
    return _adapter().validate_python(document.get(LIFE) or {})


def recall(connection: Connection, incident_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the documents of these incidents, by id, as far as they are kept."""
    query = select(INCIDENTS.c.id, INCIDENTS.c.document, INCIDENTS.c.life).where(INCIDENTS.c.id.in_(list(incident_ids)))
    return {row.id: whole(row.document, row.life) for row in connection.execute(query)}


def due_lives(connection: Connection, now: datetime, limit: int) -> tuple[dict[str, Any], ...]:
    """Return the documents whose time has come, the longest due first."""
    query = select(INCIDENTS.c.document, INCIDENTS.c.life).where(INCIDENTS.c.due_us <= to_us(now))
    return tuple(
        whole(row.document, row.life) for row in connection.execute(query.order_by(INCIDENTS.c.due_us).limit(limit))
    )


def next_due(connection: Connection) -> datetime | None:
    """Return when the next life changes by itself, or None."""
    found = connection.execute(select(func.min(INCIDENTS.c.due_us))).scalar()
    return None if found is None else from_us(found)


@cache
def _adapter() -> TypeAdapter[Life]:
    return TypeAdapter(Life)
