"""Rows of incidents: written whole, read by filters, newest first."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, delete, func, select, tuple_, update

from observability.detector.incidents import Attempt, Incident
from observability.detector.store.documents import to_json
from observability.detector.store.lives import recall, whole
from observability.detector.store.tables import ATTEMPTS, INCIDENTS, from_us, to_us

MAX_PAGE = 200
_MAX_ATTEMPTS = 40  # of one channel


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list. None: any. Synthetic incidents are left out unless asked for."""

    state: str | None = None
    severity: str | None = None
    cause: str | None = None
    route: str | None = None
    fingerprint: str | None = None
    request_id: str | None = None  # one of its requests, or of its evidence
    trace_id: str | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Documents, and where the next page begins: None at the end."""

    documents: tuple[dict[str, Any], ...]
    next_cursor: str | None


def write_incident(connection: Connection, incident: Incident) -> str:
    """Insert or replace the incident; return its document as JSON."""
    document = to_json(incident)
    row = {
        "state": incident.state,
        "severity": incident.severity,
        "cause": incident.cause.code,
        "route": _storable(incident.route),
        "fingerprint": _storable(incident.fingerprint),
        "synthetic": incident.synthetic,
        "first_seen_us": to_us(incident.first_seen),
        "last_seen_us": to_us(incident.last_seen),
        "document": document,
    }
    if not connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident.id).values(row)).rowcount:
        connection.execute(INCIDENTS.insert().values(id=incident.id, **row))
    return document


def list_incidents(connection: Connection, filters: Filters, limit: int, cursor: str | None) -> Page:
    """Return a page, newest first. Raises ValueError for a cursor that is not ours."""
    query = _filtered(
        select(INCIDENTS.c.first_seen_us, INCIDENTS.c.id, INCIDENTS.c.document, INCIDENTS.c.life), filters
    )
    if cursor is not None:
        query = query.where(tuple_(INCIDENTS.c.first_seen_us, INCIDENTS.c.id) < tuple_(*_from_cursor(cursor)))
    newest_first = query.order_by(INCIDENTS.c.first_seen_us.desc(), INCIDENTS.c.id.desc())
    size = max(1, min(limit, MAX_PAGE))
    rows = connection.execute(newest_first.limit(size + 1)).all()
    more = len(rows) > size
    documents = tuple(whole(row.document, row.life) for row in rows[:size])
    return Page(documents, _to_cursor(rows[size - 1].first_seen_us, rows[size - 1].id) if more else None)


def find_incident(connection: Connection, incident_id: str) -> dict[str, Any] | None:
    """Return the document, or None."""
    return next(iter(recall(connection, [_storable(incident_id) or ""]).values()), None)


def unresolved(connection: Connection) -> tuple[dict[str, Any], ...]:
    """Return the documents of all real incidents that are not over."""
    columns = select(INCIDENTS.c.document, INCIDENTS.c.life)
    query = columns.where(INCIDENTS.c.state != "resolved", ~INCIDENTS.c.synthetic)
    return tuple(whole(row.document, row.life) for row in connection.execute(query))


def attempts_of(connection: Connection, incident_ids: Iterable[str]) -> dict[str, tuple[Attempt, ...]]:
    """Return the delivery attempts of each incident, oldest first: the last of each channel, which may have failed all day."""
    ids = list(incident_ids)
    place = func.row_number().over(
        partition_by=(ATTEMPTS.c.incident_id, ATTEMPTS.c.channel), order_by=ATTEMPTS.c.id.desc()
    )
    numbered = select(ATTEMPTS, place.label("place")).where(ATTEMPTS.c.incident_id.in_(ids)).subquery()
    query = select(numbered).where(numbered.c.place <= _MAX_ATTEMPTS).order_by(numbered.c.id)
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
            reason=_storable(attempt.reason),
            fields=to_json(attempt.fields),
        )
    )


def forget(connection: Connection, before: datetime) -> int:
    """Delete resolved incidents last seen before then, with their delivery attempts; return how many."""
    old = (INCIDENTS.c.state == "resolved") & (INCIDENTS.c.last_seen_us < to_us(before))
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.incident_id.in_(select(INCIDENTS.c.id).where(old))))
    return connection.execute(delete(INCIDENTS).where(old)).rowcount


def _filtered(
    query: Select[tuple[int, str, str, str | None]], filters: Filters
) -> Select[tuple[int, str, str, str | None]]:
    for name in ("state", "severity", "cause", "route", "fingerprint"):
        value = getattr(filters, name)
        if value is not None:
            query = query.where(INCIDENTS.c[name] == _storable(value))
    for joined in (filters.request_id, filters.trace_id):
        if joined is not None:
            quoted = f'"{_storable(joined)}"'  # as it stands in the document: JSON
            query = query.where(INCIDENTS.c.document.contains(quoted, autoescape=True))
    return query if filters.synthetic else query.where(~INCIDENTS.c.synthetic)


def _storable(text: str | None) -> str | None:
    """PostgreSQL takes neither NUL nor lone surrogates, and a route is a stranger's text."""
    return None if text is None else text.replace("\0", "\\x00").encode("utf-8", "replace").decode()


def _to_cursor(first_seen_us: int, incident_id: str) -> str:
    return base64.urlsafe_b64encode(f"{first_seen_us}:{incident_id}".encode()).decode().rstrip("=")


def _from_cursor(cursor: str) -> tuple[int, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        first_seen, incident_id = text.split(":", 1)
        return int(first_seen), incident_id
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise ValueError("not a cursor of this list") from error
