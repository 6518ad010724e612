"""Links of an incident: only to what it knows, and never somewhere else."""

import pytest

from observability.detector.presentation import LinkTemplates, links
from observability.detector.store import document_of
from tests.unit.observability.detector.incident_examples import incident

TEMPLATES = LinkTemplates(
    logs="https://logs.example/?q={request_id}",
    trace="https://t.example/{trace_id}",
    error="https://e.example/{sentry_event_id}",
)

CASES: dict[str, tuple[dict[str, object], str | None]] = {
    "the suspect's logs first": ({"suspect_request_id": "b", "request_ids": ("a", "b")}, "https://logs.example/?q=b"),
    "else those of the first request": (
        {"suspect_request_id": None, "request_ids": ("a", "b")},
        "https://logs.example/?q=a",
    ),
    "no request, no link": ({"suspect_request_id": None, "request_ids": ()}, None),
    "an id that is none leads nowhere": ({"suspect_request_id": "x&next=//evil"}, None),
}


@pytest.mark.parametrize(("changes", "want"), CASES.values(), ids=CASES)
def test_logs_link(changes: dict[str, object], want: str | None) -> None:
    assert links(document_of(incident(**changes)), TEMPLATES)["logs"] == want  # type: ignore[arg-type]


def test_what_is_not_set_up_has_no_link() -> None:
    assert links(document_of(incident()), LinkTemplates()) == {
        "logs": None,
        "trace": None,
        "error": None,
        "dashboard": None,
    }


def test_an_error_event_that_is_not_known_has_no_link() -> None:
    found = links(document_of(incident()), TEMPLATES)
    assert (found["trace"], found["error"]) == ("https://t.example/0af7651916cd43dd8448eb211c80319c", None)


EVENT = "eb2f222cd4c54b448cd355cef2f74ddf"
UUIDS: dict[str, tuple[str, str | None]] = {
    "with dashes, as Bugsink wants it": (EVENT, "https://b.example/issues/event/eb2f222c-d4c5-4b44-8cd3-55cef2f74ddf/"),
    "not of what is none": ("../../admin", None),
}


@pytest.mark.parametrize(("event_id", "want"), UUIDS.values(), ids=UUIDS)
def test_an_error_event_by_its_uuid(event_id: str, want: str | None) -> None:
    templates = LinkTemplates(error="https://b.example/issues/event/{sentry_event_uuid}/")
    assert links(document_of(incident(sentry_event_ids=(event_id,))), templates)["error"] == want
