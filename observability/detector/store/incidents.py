"""Rows of incidents: written whole, read by filters, newest first."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select, tuple_, update

from observability.detector.incidents import Incident
from observability.detector.life import STORM_ID
from observability.detector.store.documents import key_of, storable, to_json
from observability.detector.store.lives import LIFE, recall, whole
from observability.detector.store.tables import ATTEMPTS, INCIDENTS, to_us

MAX_PAGE = 200
NOT_OVER = "unresolved"  # as a state to filter by: open or acknowledged
ANY_STATE = "any"


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
    text: str | None = None  # anywhere in it: title, cause, evidence; capital or not
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Documents, and where the next page begins: None at the end."""

    documents: tuple[dict[str, Any], ...]
    next_cursor: str | None


def write_incident(connection: Connection, incident: Incident) -> None:
    """Insert or replace the incident."""
    row = {
        "state": incident.state,
        "severity": incident.severity,
        "cause": incident.cause.code,
        "route": key_of(incident.route),
        "fingerprint": key_of(incident.fingerprint),
        "synthetic": incident.synthetic,
        "first_seen_us": to_us(incident.first_seen),
        "last_seen_us": to_us(incident.last_seen),
        "document": to_json(incident),
    }
    if not connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident.id).values(row)).rowcount:
        connection.execute(INCIDENTS.insert().values(id=incident.id, **row))


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


def count_states(connection: Connection) -> dict[str, int]:
    """Return the number of real incidents by state."""
    query = select(INCIDENTS.c.state, func.count()).where(~INCIDENTS.c.synthetic, ~INCIDENTS.c.id.startswith(STORM_ID))
    return {row[0]: row[1] for row in connection.execute(query.group_by(INCIDENTS.c.state))}


def find_incident(connection: Connection, incident_id: str) -> dict[str, Any] | None:
    """Return the document, or None."""
    return next(iter(recall(connection, [storable(incident_id) or ""]).values()), None)


def same(connection: Connection, fingerprints: Iterable[str]) -> tuple[dict[str, Any], ...]:
    """Return the document of one incident for each fingerprint that is known: one that is open, else the last one seen."""
    columns = select(INCIDENTS.c.document, INCIDENTS.c.life, INCIDENTS.c.fingerprint, INCIDENTS.c.synthetic)
    query = columns.where(INCIDENTS.c.fingerprint.in_([key_of(one) for one in fingerprints]))
    best_last = query.order_by(
        INCIDENTS.c.state != "resolved", INCIDENTS.c.last_seen_us, INCIDENTS.c.first_seen_us.desc()
    )
    found = {(row.fingerprint, row.synthetic): row for row in connection.execute(best_last)}
    return tuple(whole(row.document, row.life) for row in found.values())


def standing(connection: Connection, after: str, limit: int) -> tuple[dict[str, Any], ...]:
    """Return the documents of real incidents that are not over, in the order of their ids, from behind that id on."""
    query = _real_and_open().where(INCIDENTS.c.id > after).order_by(INCIDENTS.c.id).limit(limit)
    return tuple(whole(row.document, row.life) for row in connection.execute(query))


def unresolved(connection: Connection) -> tuple[dict[str, Any], ...]:
    """Return those that those who are told know of, and nothing silences."""
    found = (whole(row.document, row.life) for row in connection.execute(_real_and_open()))
    return tuple(one for one in found if one[LIFE]["told"] and not one[LIFE]["silenced"])


def _real_and_open() -> Select[tuple[str, str | None]]:
    columns = select(INCIDENTS.c.document, INCIDENTS.c.life)
    return columns.where(INCIDENTS.c.state != "resolved", ~INCIDENTS.c.synthetic)


def forget(connection: Connection, before: datetime) -> int:
    """Delete resolved incidents last seen before then, with their delivery attempts; return how many."""
    old = (INCIDENTS.c.state == "resolved") & (INCIDENTS.c.last_seen_us < to_us(before))
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.incident_id.in_(select(INCIDENTS.c.id).where(old))))
    return connection.execute(delete(INCIDENTS).where(old)).rowcount


def _filtered(
    query: Select[tuple[int, str, str, str | None]], filters: Filters
) -> Select[tuple[int, str, str, str | None]]:
    if filters.state == NOT_OVER:
        query = query.where(INCIDENTS.c.state != "resolved")
    elif filters.state not in (None, ANY_STATE):
        query = query.where(INCIDENTS.c.state == filters.state)
    for name in ("severity", "cause", "route", "fingerprint"):
        value = getattr(filters, name)
        if value is not None:
            query = query.where(INCIDENTS.c[name] == key_of(value))
    query = query.where(~INCIDENTS.c.id.startswith(STORM_ID))
    for joined in (filters.request_id, filters.trace_id):
        if joined is not None:
            quoted = f'"{key_of(joined)}"'  # as it stands in the document: JSON
            query = query.where(INCIDENTS.c.document.contains(quoted, autoescape=True))
    if filters.text is not None:
        written = to_json(storable(filters.text)).strip('"')  # as it stands in the document: JSON
        query = query.where(INCIDENTS.c.document.icontains(written, autoescape=True))
    return query if filters.synthetic else query.where(~INCIDENTS.c.synthetic)


def _to_cursor(first_seen_us: int, incident_id: str) -> str:
    return base64.urlsafe_b64encode(f"{first_seen_us}:{incident_id}".encode()).decode().rstrip("=")


def _from_cursor(cursor: str) -> tuple[int, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        first_seen, incident_id = text.split(":", 1)
        return int(first_seen), incident_id
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise ValueError("not a cursor of this list") from error
