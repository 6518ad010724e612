"""Incidents and explanations as JSON values, member for member as DESIGN section 8 has them."""

from datetime import UTC, datetime
from typing import Any

from observability.detector.incidents import Evidence, Incident
from observability.detector.parse.fields import fields_of
from observability.detector.report.explain import Explanation


def incident_json(
    incident: Incident, *, links: dict[str, str] | None = None, notifications: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the incident as the API, the webhook and `explain` show it."""
    return {
        "id": incident.id,
        "fingerprint": incident.fingerprint,
        "state": incident.state,
        "severity": incident.severity,
        "title": incident.title,
        "service": incident.service,
        "route": incident.route,
        "stage": incident.stage,
        "release": incident.release,
        "cause": _cause(incident),
        "candidates": [
            {"code": c.code, "confidence": c.confidence, "confirm_with": c.confirm_with} for c in incident.candidates
        ],
        "ruled_out": [{"code": r.code, "because": r.because} for r in incident.ruled_out],
        "first_seen": _time(incident.first_seen),
        "last_seen": _time(incident.last_seen),
        "occurrences": incident.occurrences,
        "suspect_request_id": incident.suspect_request_id,
        "request_ids": list(incident.request_ids),
        "trace_ids": list(incident.trace_ids),
        "sentry_event_ids": list(incident.sentry_event_ids),
        "evidence": [_evidence(evidence) for evidence in incident.evidence],
        "links": links or {},
        "notifications": notifications or [],
        "synthetic": incident.synthetic,
    }


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Return what `explain --format json` prints for one case, without its source."""
    return {
        "lines_read": explanation.lines_read,
        "signals": [
            {"source": s.origin.source, "line": s.origin.line, "kind": s.kind, "fields": fields_of(s)}
            for s in explanation.signals
        ],
        "incidents": [incident_json(incident) for incident in explanation.incidents],
    }


def _cause(incident: Incident) -> dict[str, Any]:
    cause = incident.cause
    return {
        "code": cause.code,
        "summary": cause.summary,
        "confidence": cause.confidence,
        "because": list(cause.because),
        "next_steps": list(cause.next_steps),
        "runbook": cause.runbook,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "kind": evidence.kind,
        "at": _time(evidence.at),
        "source": evidence.source,
        "line": evidence.line,
        "text": evidence.text,
        "fields": evidence.fields,
        "joined_by": evidence.joined_by,
        "confidence": evidence.confidence,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
