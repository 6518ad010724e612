"""What PagerDuty's Events API v2 gets, held against its published schema."""

from dataclasses import replace
from typing import Any

import jsonschema
import orjson
import pytest
from aiohttp import web

from observability.detector.notify import DeliveryFailed, PagerDuty
from observability.detector.notify.pagerduty import fitted
from tests.unit.observability.detector.notify.examples import NGINX, PLACES, full, message
from tests.unit.observability.detector.notify.stand_in import Got, StandIn, listening

KEY = "0123456789abcdef0123456789abcdef"
# developer.pagerduty.com/docs/events-api-v2/trigger-events, field by field.
TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://"}
PAYLOAD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["summary", "source", "severity"],
    "properties": {
        "summary": {**TEXT, "maxLength": 1024},
        "source": TEXT,
        "severity": {"enum": ["critical", "error", "warning", "info"]},
        "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
        "component": TEXT,
        "group": TEXT,
        "class": TEXT,
        "custom_details": {"type": "object"},
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["routing_key", "event_action", "dedup_key"],
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
        "payload": PAYLOAD,
        "client": TEXT,
        "client_url": URL,
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["href"],
                "properties": {"href": URL, "text": TEXT},
            },
        },
    },
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
}


def check(got: Got) -> None:
    """Fail for what PagerDuty would refuse."""
    assert got.path == "/v2/enqueue"
    assert got.headers["Content-Type"] == "application/json"
    assert len(got.body) <= 512 * 1024
    jsonschema.validate(got.json, SCHEMA)


def accepted(got: Got) -> web.Response:
    body = {"status": "success", "message": "Event processed", "dedup_key": got.json["dedup_key"]}
    return web.json_response(body, status=202)


def stand_in(*answers: Any) -> StandIn:
    return StandIn(check, list(answers) or [accepted] * 9)


async def test_an_incident_is_one_alert_through_its_life() -> None:
    pagerduty, previous = stand_in(), None
    life = [
        ("opened", full()),
        ("enriched", full(stage="draw")),
        ("enriched", full(state="acknowledged")),
        ("enriched", full(state="acknowledged", stage="verify")),
        ("resolved", full(state="resolved")),
        ("reopened", full()),
    ]
    async with listening(pagerduty) as (session, url):
        channel = PagerDuty(session, url, KEY, PLACES)
        for change, told in life:
            previous = await channel.send(message(change, told, previous))
    assert [(got.json["event_action"], got.json["dedup_key"]) for got in pagerduty.got] == [
        ("trigger", "inc-1"), ("trigger", "inc-1"), ("acknowledge", "inc-1"), ("trigger", "inc-1"), ("resolve", "inc-1"),
        ("trigger", "inc-1"),
    ]  # fmt: skip


async def test_what_pages_anew_while_its_alert_stands_is_a_new_alert_because_a_trigger_would_wake_nobody() -> None:
    pagerduty = stand_in()
    async with listening(pagerduty) as (session, url):
        channel = PagerDuty(session, url, KEY, PLACES)
        for before in ("acknowledge", "trigger", "resolve"):
            await channel.send(message("reopened", full(), {"action": before}))
    actions = [got.json["event_action"] for got in pagerduty.got]
    assert actions == ["resolve", "trigger", "resolve", "trigger", "trigger"]


async def test_a_trigger_says_what_on_call_needs() -> None:
    pagerduty = stand_in()
    async with listening(pagerduty) as (session, url):
        await PagerDuty(session, url, KEY, PLACES).send(message("opened", full()))
    event = pagerduty.got[0].json
    payload, details = event["payload"], event["payload"]["custom_details"]
    assert (payload["summary"], payload["severity"]) == ("Upload died: may not write /srv/downloads", "critical")
    assert (payload["source"], payload["component"], payload["class"]) == ("barwatch", "publish", "permission_denied")
    assert details["nginx"] == NGINX
    assert details["frames"][-1] == "/app/service/files.py:12 in put: path.write_bytes(data)"
    assert details["cause"] == "Stage publish may not write /srv/downloads (permission_denied, 97% sure)"
    assert (details["stage"], details["next_steps"]) == ("publish", ["ls -ld /srv/downloads", "barwatch check"])
    assert details["links"]["logs"] == "https://logs.example/req1"
    assert {"href": "https://labels.example/incidents/inc-1", "text": "incident"} in event["links"]


SEVERITIES = {"page": "critical", "ticket": "warning", "info": "info"}


@pytest.mark.parametrize(("ours", "theirs"), SEVERITIES.items())
async def test_severity_is_in_their_words(ours: str, theirs: str) -> None:
    pagerduty = stand_in()
    async with listening(pagerduty) as (session, url):
        await PagerDuty(session, url, KEY, PLACES).send(message("opened", full(severity=ours)))
    assert pagerduty.got[0].json["payload"]["severity"] == theirs


async def test_nothing_is_too_long_for_it() -> None:
    told = full(title="💥" * 5_000, service=None, route=None)
    told = replace(told, cause=replace(told.cause, summary="x" * 70_000, next_steps=("💥" * 900,) * 5_000))
    pagerduty = stand_in()
    async with listening(pagerduty) as (session, url):
        await PagerDuty(session, url, KEY, PLACES).send(message("opened", told))
    event = pagerduty.got[0].json
    assert event["payload"]["summary"].endswith("…")
    assert event["payload"]["source"] == "barwatch"
    assert event["payload"]["custom_details"]["nginx"] == NGINX


def test_the_longest_detail_is_cut_and_the_others_stay() -> None:
    event = {"payload": {"custom_details": {"long": "y" * 5_000, "short": "kept", "list": ["a", "b"]}}}
    cut = orjson.loads(fitted(event, 1_000))["payload"]["custom_details"]
    assert (cut["short"], cut["list"]) == ("kept", ["a", "b"])
    assert cut["long"].endswith("y…")


ANSWERS: dict[str, tuple[int, str, str, bool]] = {
    "it refuses this event": (400, '{"status":"invalid event","errors":["\'payload.severity\' is invalid"]}', "refused", False),
    "the routing key is wrong, which can be mended": (
        400, '{"status":"invalid event","errors":["Length of \'routing_key\' is incorrect"]}', "misconfigured", True,
    ),
    "it asks for patience": (429, "", "rate_limited", True),
    "it is ill": (503, "", "server_error", True),
}  # fmt: skip


@pytest.mark.parametrize(("status", "body", "reason", "retry"), ANSWERS.values(), ids=ANSWERS)
async def test_its_answers(status: int, body: str, reason: str, retry: bool) -> None:
    pagerduty = stand_in(web.Response(status=status, text=body))
    async with listening(pagerduty) as (session, url):
        with pytest.raises(DeliveryFailed) as failed:
            await PagerDuty(session, url, KEY, PLACES).send(message("opened", full()))
    assert (failed.value.reason, failed.value.retry) == (reason, retry)
    assert KEY not in str(failed.value)
