"""What Alertmanager gets: labels that an alert is known by, and ends."""

from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from observability.detector.notify import Alertmanager, DeliveryFailed, Message, Places, page_of
from observability.detector.notify.alertmanager import annotations_of, labels_of
from observability.detector.notify.wording import as_text
from observability.detector.store import document_of
from tests.unit.observability.detector.incident_examples import ROUTE, T0, incident

Posts = list[list[dict[str, Any]]]
PLACES = Places("http://front", "https://barwatch.example/runbooks")
LABELS = {
    "alertname": "BarwatchIncident",
    "incident": "inc-1",
    "service": "barwatch",
    "route": ROUTE,
    "severity": "page",
    "cause": "permission_denied",
}


@pytest.fixture
async def receiver(aiohttp_server: AiohttpServer) -> tuple[str, Posts]:
    posts: Posts = []

    async def receive(request: web.Request) -> web.Response:
        posts.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/api/v2/alerts", receive)
    server = await aiohttp_server(app)
    return str(server.make_url("/")), posts


def message(previous: dict[str, Any] | None = None, **changes: object) -> Message:
    document = document_of(incident(**changes))  # type: ignore[arg-type]
    return Message("enriched", document, "inc-1", 1, synthetic=False, at=T0, since=T0, previous=previous)


def test_labels_are_what_routes_and_people_ask_for() -> None:
    assert labels_of(document_of(incident())) == LABELS


def test_what_is_not_known_gives_no_label() -> None:
    assert "route" not in labels_of(document_of(incident(route=None)))


def test_annotations_say_what_to_do_and_where_to_read_on() -> None:
    document = document_of(incident())
    said = annotations_of(document, PLACES)
    assert said["summary"] == "Upload died: may not write /srv/downloads"
    assert said["description"] == as_text(page_of("", document, PLACES))
    assert said["runbook_url"] == "https://barwatch.example/runbooks/permission_denied.md"


async def test_an_open_incident_ends_later_and_a_resolved_one_now(receiver: tuple[str, Posts]) -> None:
    url, posts = receiver
    async with aiohttp.ClientSession() as session:
        alertmanager = Alertmanager(session, [url], Places("http://front"))
        assert await alertmanager.send(message()) == {"labels": LABELS}
        await alertmanager.send(message({"labels": LABELS}, state="resolved"))
        await alertmanager.refresh([document_of(incident())], T0)
        await alertmanager.refresh([], T0)
    opened, resolved, refreshed = (alerts[0] for alerts in posts)
    assert (opened["startsAt"], opened["endsAt"]) == ("2025-11-07T19:00:19.123456Z", "2025-11-07T19:15:19.123456+00:00")
    assert resolved["endsAt"] == "2025-11-07T19:00:19.123456+00:00"
    assert refreshed == opened
    assert opened["annotations"]["runbook_url"] == "http://front/incidents/inc-1/runbook"
    assert opened["generatorURL"] == "http://front/incidents/inc-1"


async def test_an_alert_under_a_former_cause_ends_in_the_same_request(receiver: tuple[str, Posts]) -> None:
    url, posts = receiver
    before = LABELS | {"cause": "other"}
    async with aiohttp.ClientSession() as session:
        await Alertmanager(session, [url], Places("http://front")).send(message({"labels": before}))
    ended, now = posts[0]
    assert (ended["labels"]["cause"], ended["endsAt"]) == ("other", "2025-11-07T19:00:19.123456+00:00")
    assert now["labels"]["cause"] == "permission_denied"


async def test_one_member_of_a_cluster_is_enough(receiver: tuple[str, Posts]) -> None:
    url, posts = receiver
    async with aiohttp.ClientSession() as session:
        await Alertmanager(session, ["http://127.0.0.1:1", url], Places("")).send(message())
        assert len(posts) == 1
        with pytest.raises(DeliveryFailed, match="connection"):
            await Alertmanager(session, ["http://127.0.0.1:1"], Places("")).send(message())
