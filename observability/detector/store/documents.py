"""Incidents to JSON documents (DESIGN section 8) and back. Never fails for what stood in a log."""

import json
from dataclasses import asdict
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter

from observability.detector.incidents import Incident

_LONGEST_KEY = 400
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def to_json(value: object) -> str:
    """Return the JSON text. Lone surrogates, which a log's own JSON may hold, become "?"."""
    try:
        return orjson.dumps(value, default=str, option=_OPTIONS).decode()
    except orjson.JSONEncodeError:
        plain = asdict(value) if isinstance(value, Incident) else value
        return json.dumps(plain, default=_plain, ensure_ascii=False).encode("utf-8", "replace").decode()


def document_of(incident: Incident) -> dict[str, Any]:
    """Return the incident as the document that is stored, shown and sent."""
    document: dict[str, Any] = orjson.loads(to_json(incident))
    return document


def incident_of(document: dict[str, Any]) -> Incident:
    """Return the incident of a stored document. Raises pydantic's ValidationError for any other."""
    return _adapter().validate_python(document)


@cache
def _adapter() -> TypeAdapter[Incident]:
    return TypeAdapter(Incident)


def _plain(value: object) -> str:
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat() if isoformat else value)


def key_of(text: str | None) -> str | None:
    """Return a text as it is stored in an indexed column: PostgreSQL takes no more than 2704 bytes of all columns together."""
    return None if text is None else (storable(text) or "")[:_LONGEST_KEY]


def storable(text: str | None) -> str | None:
    """PostgreSQL takes neither NUL nor lone surrogates, and a route is a stranger's text."""
    return None if text is None else text.replace("\0", "\\x00").encode("utf-8", "replace").decode()
