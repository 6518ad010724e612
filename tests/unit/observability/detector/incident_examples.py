"""Incidents for tests of store, notify and api."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from observability.detector.incidents import Candidate, Cause, Evidence, Incident, RuledOut

T0 = datetime(2025, 11, 7, 19, 0, 19, 123456, tzinfo=UTC)
ROUTE = "POST /api/barcodes/upload-excel"


def incident(identity: str = "inc-1", *, after_s: float = 0, **changes: object) -> Incident:
    """Return an open incident that pages, first seen `after_s` seconds after T0."""
    at = T0 + timedelta(seconds=after_s)
    whole = Incident(
        id=identity,
        fingerprint="v1:0123456789abcdef0123456789abcdef",
        state="open",
        severity="page",
        title="Upload died: may not write /srv/downloads",
        service="barwatch",
        route=ROUTE,
        stage="publish",
        release="1.2.3",
        cause=Cause(
            code="permission_denied",
            summary="Stage publish may not write /srv/downloads",
            confidence=0.97,
            because=(0,),
            next_steps=("ls -ld /srv/downloads", "barwatch check"),
            runbook="alerts/runbooks/permission_denied.md",
        ),
        candidates=(Candidate("out_of_memory", 0.3, "a line of the kernel's OOM killer"),),
        ruled_out=(RuledOut("deploy", "nobody asked for a stop"),),
        first_seen=at,
        last_seen=at,
        occurrences=1,
        suspect_request_id="req-1",
        request_ids=("req-1",),
        trace_ids=("0af7651916cd43dd8448eb211c80319c",),
        sentry_event_ids=(),
        evidence=(
            Evidence(
                "upstream_closed_early", at, "error.log", 12, "upstream <b>closed</b>", {"pid": 28}, "opened_it", 1.0
            ),
        ),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]
