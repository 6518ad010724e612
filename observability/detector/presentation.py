"""A stored incident to the JSON that people and receivers get (DESIGN section 8): with its links and notifications."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from observability.detector.incidents import Attempt

_HEX: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class LinkTemplates:
    """Where logs, traces and error events can be looked at: URLs with {request_id}, {trace_id}, {sentry_event_id} or, with
    dashes as Bugsink's /issues/event/ needs it, {sentry_event_uuid}. "": nowhere."""

    logs: str = ""
    trace: str = ""
    error: str = ""
    dashboard: str = ""


def present(document: dict[str, Any], templates: LinkTemplates, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """Return the document with what became of it, links (null where there is nothing to link to) and delivery attempts."""
    plain = {name: value for name, value in document.items() if name != "life"}
    attempted = [_shown(attempt) for attempt in attempts]
    return {**plain, **_lived(document), "links": links(document, templates), "notifications": attempted}


def _lived(document: dict[str, Any]) -> dict[str, Any]:
    """Return those parts of its life that people see."""
    life = document.get("life") or {}
    shown = {name: life.get(name) for name in ("acknowledged", "silenced", "flapping", "storm")}
    return {**shown, "history": life.get("history", [])}


def links(document: dict[str, Any], templates: LinkTemplates) -> dict[str, str | None]:
    """Return a link for each template whose ids the incident knows."""
    ids = {
        "request_id": document["suspect_request_id"] or _first(document["request_ids"]),
        "trace_id": _first(document["trace_ids"]),
        "sentry_event_id": _first(document["sentry_event_ids"]),
        "sentry_event_uuid": _dashed(_first(document["sentry_event_ids"])),
    }
    found = {
        "logs": templates.logs,
        "trace": templates.trace,
        "error": templates.error,
        "dashboard": templates.dashboard,
    }
    return {name: _filled(template, ids) for name, template in found.items()}


def _filled(template: str, ids: dict[str, str | None]) -> str | None:
    for name, value in ids.items():
        if f"{{{name}}}" in template:
            if value is None or not value.replace("-", "").isalnum():  # what a log says is not let into a URL
                return None
            template = template.replace(f"{{{name}}}", value)
    return template or None


def _first(values: Sequence[str]) -> str | None:
    return values[0] if values else None


def _dashed(event_id: str | None) -> str | None:
    return str(UUID(event_id)) if event_id is not None and _HEX.fullmatch(event_id) else None


def _shown(attempt: Attempt) -> dict[str, Any]:
    return {
        "channel": attempt.channel,
        "at": attempt.at.isoformat().replace("+00:00", "Z"),
        "change": attempt.change,
        "outcome": attempt.outcome,
        "reason": attempt.reason,
    }
