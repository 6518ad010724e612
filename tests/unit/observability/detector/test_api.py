"""The JSON API: what it gives, to whom, and how it says no."""

import pytest

from observability.detector.store import Store
from tests.unit.observability.detector.api_client import BEARER, Client, client, store

__all__ = ["client", "store"]


async def ids(client: Client, query: str = "") -> list[str]:
    async with client.get(f"/api/incidents{query}", headers=BEARER) as answer:
        assert answer.status == 200, await answer.text()
        return [incident["id"] for incident in (await answer.json())["incidents"]]


LISTS = {
    "newest first, without selftests": ("", ["inc-1", "inc-0"]),
    "by state": ("?state=open", ["inc-1"]),
    "by severity": ("?severity=ticket", ["inc-0"]),
    "by cause": ("?cause=deploy", []),
    "by route": ("?route=POST%20/api/barcodes/upload-excel&state=resolved", ["inc-0"]),
    "an empty filter is none": ("?state=&cause=", ["inc-1", "inc-0"]),
    "selftests when asked for": ("?synthetic=true", ["inc-9", "inc-1", "inc-0"]),
    "a page": ("?limit=1", ["inc-1"]),
}


@pytest.mark.parametrize(("query", "want"), LISTS.values(), ids=LISTS)
async def test_list(client: Client, query: str, want: list[str]) -> None:
    assert await ids(client, query) == want


async def test_pages_follow_one_another(client: Client) -> None:
    async with client.get("/api/incidents?limit=1", headers=BEARER) as answer:
        cursor = (await answer.json())["next_cursor"]
    async with client.get(f"/api/incidents?limit=1&cursor={cursor}", headers=BEARER) as answer:
        body = await answer.json()
    assert ([one["id"] for one in body["incidents"]], body["next_cursor"]) == (["inc-0"], None)


async def test_one_incident_has_links_and_notifications(client: Client) -> None:
    async with client.get("/api/incidents/inc-1", headers=BEARER) as answer:
        incident = await answer.json()
    assert incident["cause"]["code"] == "permission_denied"
    assert incident["links"] == {
        "logs": "https://logs.example/?q=req-1",
        "trace": None,
        "error": None,
        "dashboard": None,
    }
    (attempt,) = incident["notifications"]
    assert attempt == {
        "channel": "webhook",
        "at": "2025-11-07T19:00:19.123456Z",
        "change": "opened",
        "outcome": "retry",
        "reason": "timeout: no answer",
    }


REFUSALS = {
    "no token": ("GET", "/api/incidents", {}, 401, "unauthorized"),
    "a wrong token": ("GET", "/api/incidents/inc-1", {"Authorization": "Bearer wrong"}, 401, "unauthorized"),
    "nothing is told about paths without a token": ("GET", "/api/nothing", {}, 401, "unauthorized"),
    "an action without a token": ("POST", "/api/incidents/inc-1/resolve", {}, 401, "unauthorized"),
    "no such incident": ("GET", "/api/incidents/none", BEARER, 404, "not_found"),
    "a silence without an end": ("POST", "/api/incidents/inc-1/silence", BEARER, 400, "bad_request"),
    "a note that says nothing": ("POST", "/api/incidents/inc-1/notes", BEARER, 400, "bad_request"),
    "an action on none": ("POST", "/api/incidents/none/resolve", BEARER, 404, "not_found"),
    "no such action": ("POST", "/api/incidents/inc-1/delete", BEARER, 404, "not_found"),
    "a method that is not there": ("DELETE", "/api/incidents/inc-1", BEARER, 405, "method_not_allowed"),
    "a limit that is none": ("GET", "/api/incidents?limit=0", BEARER, 400, "bad_request"),
    "a cursor that is none": ("GET", "/api/incidents?cursor=zzz", BEARER, 400, "bad_request"),
}


@pytest.mark.parametrize(("method", "path", "headers", "status", "code"), REFUSALS.values(), ids=REFUSALS)
async def test_refusals_are_problem_documents(
    client: Client, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    async with client.request(method, path, headers={**headers, "X-Request-ID": "req-7"}) as answer:
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        problem = await answer.json()
    assert (problem["code"], problem["request_id"]) == (code, "req-7")
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


async def test_acknowledge_then_resolve_is_kept_and_told(client: Client, store: Store) -> None:
    for action, state in (("acknowledge", "acknowledged"), ("acknowledge", "acknowledged"), ("resolve", "resolved")):
        async with client.post(f"/api/incidents/inc-1/{action}", headers=BEARER) as answer:
            assert (answer.status, (await answer.json())["state"]) == (200, state)
    assert await ids(client, "?state=open") == []
    assert (await store.outbox_size()) == {"webhook": 5}  # three opened, one acknowledged, one resolved


async def test_who_when_what_is_in_the_incident(client: Client) -> None:
    for path, body in (
        ("acknowledge", {"for": "2h", "by": "Ann <ann@example>", "note": "on it"}),
        ("notes", {"by": "Bob", "note": "disk is full"}),
    ):
        async with client.post(f"/api/incidents/inc-1/{path}", headers=BEARER, json=body) as answer:
            incident = await answer.json()
    assert incident["acknowledged"] == {
        "at": "2025-11-07T19:00:19.123456Z",
        "until": "2025-11-07T21:00:19.123456Z",
        "by": "Ann <ann@example>",
        "note": "on it",
    }
    assert [(one["what"], one["by"], one["note"]) for one in incident["history"]] == [
        ("acknowledged", "Ann <ann@example>", "on it"),
        ("noted", "Bob", "disk is full"),
    ]
    async with client.post("/api/incidents/inc-1/resolve", headers=BEARER, json={"note": "mended"}) as answer:
        incident = await answer.json()
    assert (incident["acknowledged"], incident["history"][-1]["note"]) == (None, "a person said so: mended")


async def test_a_person_silences_an_incident_and_updates_are_held(client: Client, store: Store) -> None:
    waiting = await store.outbox_size()
    async with client.post("/api/incidents/inc-1/silence", headers=BEARER, json={"for": "2h", "by": "Ann"}) as answer:
        incident = await answer.json()
    assert (incident["silenced"]["until"], incident["silenced"]["by"]) == ("2025-11-07T21:00:19.123456Z", "Ann")
    async with client.post("/api/incidents/inc-1/acknowledge", headers=BEARER) as answer:
        assert (await answer.json())["state"] == "acknowledged"
    assert await store.outbox_size() == waiting
    assert await store.unresolved() == ()


async def test_the_silences_file_is_shown(client: Client) -> None:
    async with client.get("/api/incidents/silences", headers=BEARER) as answer:
        assert await answer.json() == {"file": None, "wrong": [], "silences": []}


BAD_BODIES = {
    "no JSON": "for=2h",
    "no object": "[]",
    "no duration": '{"for": "soon"}',
    "a number for a duration": '{"for": 2}',
    "too long": '{"for": "30d"}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
async def test_bad_bodies_are_refused_with_what_would_do(client: Client, body: str) -> None:
    async with client.post("/api/incidents/inc-1/acknowledge", headers=BEARER, data=body) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "bad_request")
    assert await ids(client, "?state=acknowledged") == []


async def test_health_and_metrics_need_no_token(client: Client) -> None:
    async with client.get("/healthz") as answer:
        assert answer.status == 200
    async with client.get("/readyz") as answer:
        assert (answer.status, (await answer.json())["checks"]) == (200, {"store": "ok", "pipeline": "ok"})
    async with client.get("/metrics") as answer:
        text = await answer.text()
    assert 'detector_outbox_rows{channel="webhook"} 3.0' in text
    assert 'detector_incidents_total{cause="segfault"} 0.0' in text
    assert 'detector_silences{standing="expired"} 0.0' in text
    assert "detector_silences_mistakes 0.0" in text


async def test_a_store_that_is_away_is_said_so(client: Client, store: Store) -> None:
    await store._run(lambda connection: connection.exec_driver_sql("DROP TABLE incidents"))
    async with client.get("/api/incidents", headers=BEARER) as answer:
        assert (answer.status, (await answer.json())["code"]) == (503, "unavailable")


async def test_all_paths_are_under_those_that_nginx_passes_on(client: Client) -> None:
    own = ("/api/incidents", "/incidents", "/healthz", "/readyz", "/metrics")
    resources = client.app.router.resources()
    assert [resource.canonical for resource in resources if not resource.canonical.startswith(own)] == []
