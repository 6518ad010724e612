"""Unexpected exceptions reach Sentry once, under our fingerprint, with the ids that join and nothing of the user's."""

from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from observability.config import load_observability
from observability.failures import fingerprint_of
from observability.ids import JobId
from observability.sentry import breadcrumb, init_sentry, report
from observability.tracing import continued

DSN = {
    "SENTRY_DSN": "https://key@sentry.invalid/1",
    "SERVICE_NAME": "labels",
    "SERVICE_VERSION": "2.1",
    "INSTANCE": "a-1",
}


class Kept(Transport):
    """Keeps what would have been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(dict(event))


@pytest.fixture
def kept() -> Iterator[Kept]:
    transport = Kept()
    with sentry_sdk.isolation_scope():
        init_sentry(load_observability(DSN), transport=transport)
        yield transport
    sentry_sdk.get_global_scope().set_client(None)
    structlog.contextvars.clear_contextvars()


def failure() -> BaseException:
    cell = "5901234123457 secret of the user"
    try:
        raise ValueError("bad " + str(len(cell)))
    except ValueError as error:
        return error


def test_without_a_dsn_nothing_is_sent_and_nothing_breaks() -> None:
    init_sentry(load_observability({}))
    assert report(failure()) is None


def test_the_event_has_our_fingerprint_and_its_id_is_returned(kept: Kept) -> None:
    error = failure()
    event_id = report(error)
    (event,) = kept.events
    assert event["event_id"] == event_id
    assert event["fingerprint"] == [fingerprint_of(error)]
    assert (event["release"], event["server_name"]) == ("labels@2.1", "a-1")


def test_an_exception_that_is_logged_twice_is_sent_once(kept: Kept) -> None:
    error = failure()
    assert report(error) == report(error) is not None
    assert len(kept.events) == 1


def test_two_exceptions_in_a_row_are_two_events(kept: Kept) -> None:
    assert report(failure()) != report(failure())
    assert len(kept.events) == 2


def test_the_ids_that_lead_to_logs_stand_on_the_event(kept: Kept) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1", job_id="j1", stage="draw", route="POST /upload"):
        report(failure())
    assert kept.events[0]["tags"].items() >= {"request_id": "r1", "job_id": "j1", "stage": "draw"}.items()


def test_local_variables_are_left_out_because_they_hold_a_strangers_cells(kept: Kept) -> None:
    report(failure())
    frames = kept.events[0]["exception"]["values"][0]["stacktrace"]["frames"]
    assert all("vars" not in frame for frame in frames)


def test_what_happened_before_is_shown(kept: Kept) -> None:
    breadcrumb("upload.read started", {"rows": 3})
    report(failure())
    (crumb,) = kept.events[0]["breadcrumbs"]["values"]
    assert crumb.items() >= {"category": "stage", "message": "upload.read started", "data": {"rows": 3}}.items()


def test_what_happened_in_one_job_is_not_shown_beside_another(kept: Kept) -> None:
    for job_id in ("j1", "j2"):
        with continued(traceparent=None, job_id=JobId(job_id)):
            breadcrumb(f"{job_id} started", {})
            report(failure())
    shown = [[crumb["message"] for crumb in event["breadcrumbs"]["values"]] for event in kept.events]
    assert shown == [["j1 started"], ["j2 started"]]
