"""The pages: sign-in, forms that only we can make, and text of logs that stays text."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from observability.detector.access import COOKIE
from observability.detector.incidents import Cause, Evidence, Opened
from observability.detector.life import Flapping, Life
from observability.detector.store import Store
from tests.unit.observability.detector.api_client import BEARER, TOKEN, Client, client, store
from tests.unit.observability.detector.incident_examples import T0, incident

__all__ = ["client", "store"]
OUR_SCRIPT = '<script src="/incidents/static/incidents.js" defer></script>'


@pytest.fixture
async def browser(client: Client) -> Client:
    """Give a client that has signed in."""
    async with client.post("/incidents/sign-in", data={"token": TOKEN}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/incidents")
        cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/incidents"))
    assert TOKEN not in cookie
    return client


async def page(client: Client, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        text = await answer.text()
    assert scripts(text) == [OUR_SCRIPT]
    assert not re.search(r"\bon\w+=|style=", text)
    return text


def scripts(text: str) -> list[str]:
    """Return every script element of a page, up to its end tag."""
    return re.findall(r"<script.*?</script>", text, re.S)


async def form_key(client: Client) -> str:
    found = re.search(r'name="key" value="([0-9a-f]+)"', await page(client, "/incidents"))
    assert found
    return found[1]


async def test_a_stranger_is_asked_to_sign_in_and_comes_back(client: Client) -> None:
    async with client.get("/incidents/inc-1", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/incidents/sign-in?next=/incidents/inc-1")
    form = {"token": TOKEN, "next": "/incidents/inc-1"}
    async with client.post("/incidents/sign-in", data=form, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/incidents/inc-1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/incidents/../x", "/incidents//evil", ""]
)
async def test_the_sign_in_leads_to_our_pages_only(client: Client, target: str) -> None:
    form = {"token": TOKEN, "next": target}
    async with client.post("/incidents/sign-in", data=form, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/incidents"


async def test_a_wrong_token_gets_no_cookie(client: Client) -> None:
    async with client.post("/incidents/sign-in", data={"token": "wrong"}) as answer:
        assert (answer.status, "Set-Cookie" in answer.headers) == (401, False)
        assert "not the access token" in await answer.text()


async def test_behind_https_the_cookie_stays_on_https(client: Client) -> None:
    headers = {"X-Forwarded-Proto": "https"}
    async with client.post(
        "/incidents/sign-in", data={"token": TOKEN}, headers=headers, allow_redirects=False
    ) as answer:
        assert "Secure" in answer.headers["Set-Cookie"]


async def test_the_list_names_what_is_there_and_hides_selftests(browser: Client) -> None:
    text = await page(browser, "/incidents")
    assert "/incidents/inc-1" in text
    assert "/incidents/inc-9" not in text
    assert "/incidents/inc-0" not in text  # it is over
    assert "/incidents/inc-0" in await page(browser, "/incidents?state=resolved")
    assert "No incidents are acknowledged" in await page(browser, "/incidents?state=acknowledged")
    assert 'href="/incidents?limit=1&amp;state=any&amp;cursor=' in await page(browser, "/incidents?limit=1&state=any")


FOUND: dict[str, tuple[str, bool]] = {
    "its request": ("request_id=req-1", True),
    "its trace": ("trace_id=0af7651916cd43dd8448eb211c80319c", True),
    "a word of its title, capital or not": ("text=UPLOAD died", True),
    "a piece of a line, with what JSON escapes": ("text=%3Cb%3Eclosed%3C/b%3E", True),
    "its severity": ("severity=page", True),
    "another request": ("request_id=req-2", False),
    "a word that stands nowhere": ("text=zebra", False),
    "a wildcard is no wildcard": ("text=up%25load", False),
}


@pytest.mark.parametrize(("query", "found"), FOUND.values(), ids=FOUND)
async def test_the_address_says_what_to_look_for(browser: Client, query: str, found: bool) -> None:
    text = await page(browser, f"/incidents?{query}")
    assert ('href="/incidents/inc-1"' in text, "No incidents match" in text) == (found, not found)


async def test_incidents_of_a_storm_are_folded(browser: Client, store: Store) -> None:
    storm = "storm-20251107T190019-inc-1"
    ones = [incident(f"inc-s{number}", after_s=number) for number in range(3)]
    lived = {one.id: Life(told=True, storm=storm) for one in ones}
    lived["inc-s3"] = Life(told=True, flapping=Flapping(T0, T0, 5))
    await store.commit(map(Opened, [*ones, incident("inc-s3", after_s=3)]), {}, {}, now=T0, lived=lived, tell=())
    text = await page(browser, "/incidents")
    assert "3 incidents at one time" in text
    assert f'href="/incidents/{storm}"' in text
    assert text.count("comes and goes") == 1


async def test_where_nothing_is_broken_the_list_says_so(browser: Client) -> None:
    async with browser.post("/incidents/inc-1/resolve", data={"key": await form_key(browser)}) as answer:
        assert answer.status == 200
    assert "All is well" in await page(browser, "/incidents")


async def test_what_cannot_be_done_is_said_on_a_page(browser: Client) -> None:
    as_browser = {"Accept": "text/html"}
    form = {"key": await form_key(browser), "for": "9d"}
    async with browser.post("/incidents/inc-1/silence", data=form, headers=as_browser) as answer:
        assert (answer.status, answer.content_type) == (400, "text/html")
        assert "for is at most 7 days" in await answer.text()
    async with browser.get("/incidents/nothing", headers=as_browser) as answer:
        assert (answer.status, "No such incident" in await answer.text()) == (404, True)


async def test_the_page_explains_the_incident(browser: Client) -> None:
    text = await page(browser, "/incidents/inc-1")
    for shown in (
        "Upload died: may not write /srv/downloads", "Permission denied", "97 % sure", "almost certain", "barwatch check",
        "nginx → backend", "failed", "error.log:12", "opened the incident, 100 % sure", "the cause rests on it",
        "nobody asked for a stop",
        "OOM killer", "https://logs.example/?q=req-1", "opened, retry: timeout: no answer", "2025-11-07 19:00:19.123 UTC",
        "Mitigation",
    ):  # fmt: skip
        assert shown.replace("'", "&#39;") in text, shown


async def test_the_runbook_of_the_cause_is_a_click_away(browser: Client, store: Store) -> None:
    assert 'href="/incidents/inc-1/runbook"' in await page(browser, "/incidents/inc-1")
    assert "Mitigation" in await page(browser, "/incidents/inc-1/runbook")
    without = incident("inc-3")
    await store.commit(
        [Opened(replace(without, cause=replace(without.cause, runbook="../../pyproject.toml")))], {}, {}, now=T0
    )
    async with browser.get("/incidents/inc-3/runbook") as answer:
        assert answer.status == 404


async def test_a_request_is_shown_stage_by_stage_with_what_it_took(browser: Client, store: Store) -> None:
    def mark(stage: str, edge: str, after_s: float, **said: object) -> Evidence:
        fields = {"stage": stage, "edge": edge, "request_id": "req-1", **said}
        return Evidence("stage_mark", T0 + timedelta(seconds=after_s), "backend.log", 1, "", fields, "request_id", 1.0)

    marks = (
        mark("read", "started", 0), mark("read", "finished", 0.25, rows_done=40, rss_bytes=5 << 20),
        mark("draw", "started", 0.25), mark("draw", "interrupted", 9, rows_done=7, moved_at="2025-11-07T19:00:21.873456Z"),
        mark("late", "started", 9),
    )  # fmt: skip
    await store.commit([Opened(incident("inc-5", evidence=marks))], {}, {}, now=T0, tell=())
    text = " ".join(re.sub(r"<[^>]+>", " ", await page(browser, "/incidents/inc-5")).split())
    assert "read ✓ finished 250 ms 40 5 MiB draw ✗ interrupted 2.5 s 7 – late … started – – –" in text


async def test_a_storm_has_a_page_and_stands_in_no_list(browser: Client, store: Store) -> None:
    cause = Cause("other", "Storm: 3 new incidents within a minute:\n- Upload died (inc-1)", 1.0)
    storm = incident(
        "storm-20251107T190019-inc-1", title="Storm: 3 new incidents", cause=cause, evidence=(), route=None
    )
    await store.commit([Opened(storm)], {}, {}, now=T0, tell=())
    assert "Upload died (inc-1)" in await page(browser, "/incidents/storm-20251107T190019-inc-1")
    assert "Storm:" not in await page(browser, "/incidents")


async def test_text_of_a_log_stays_text(browser: Client, store: Store) -> None:
    hostile = "<script>alert(1)</script>\" onload='x'"
    await store.commit(
        [Opened(incident("inc-2", title=hostile, route=hostile, request_ids=(hostile,), fingerprint=hostile))],
        {},
        {},
        now=T0,
    )
    for path in ("/incidents", "/incidents/inc-2"):
        async with browser.get(path) as answer:
            text = await answer.text()
        assert scripts(text) == [OUR_SCRIPT]
        assert "&lt;script&gt;" in text
    assert "upstream &lt;b&gt;closed&lt;/b&gt;" in await page(browser, "/incidents/inc-1")


async def test_a_form_of_ours_acts(browser: Client) -> None:
    key = await form_key(browser)
    async with browser.post("/incidents/inc-1/acknowledge", data={"key": key}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/incidents/inc-1")
    assert "acknowledged" in await page(browser, "/incidents/inc-1")


async def test_what_a_person_does_stands_in_the_history_with_their_name(client: Client) -> None:
    async with client.post("/incidents/sign-in", data={"token": TOKEN, "name": "Ann <b>"}) as answer:
        assert answer.status == 200
    own = {"key": await form_key(client)}
    done = {
        "acknowledge": {"for": "2h", "note": "swapping the disk"},
        "notes": {"note": "<script>one</script>\ntwo", "by": "somebody else"},
        "silence": {"for": "1h", "note": "known"},
        "resolve": {"note": "swapped"},
    }
    for action, fields in done.items():
        async with client.post(f"/incidents/inc-1/{action}", data=own | fields, allow_redirects=False) as answer:
            assert answer.status == 303, action
    text = await page(client, "/incidents/inc-1")
    for shown in ("swapping the disk", "&lt;script&gt;one&lt;/script&gt;\ntwo", "Nobody is told", "swapped"):
        assert shown in text, shown
    assert text.count("by Ann &lt;b&gt;") == 4
    assert "somebody else" not in text


@pytest.mark.parametrize("key", ["", "0" * 64])
async def test_a_form_of_another_site_does_not(browser: Client, key: str) -> None:
    async with browser.post("/incidents/inc-1/resolve", data={"key": key}) as answer:
        assert answer.status == 403
    async with browser.get("/api/incidents/inc-1", headers=BEARER) as answer:
        assert (await answer.json())["state"] == "open"


async def test_the_cookie_opens_no_api(browser: Client) -> None:
    async with browser.post("/api/incidents/inc-1/resolve") as answer:
        assert answer.status == 401


async def test_signing_out_ends_the_session_of_this_browser(browser: Client) -> None:
    async with browser.post(
        "/incidents/sign-out", data={"key": await form_key(browser)}, allow_redirects=False
    ) as answer:
        assert f'{COOKIE}=""' in answer.headers["Set-Cookie"]
    async with browser.get("/incidents", allow_redirects=False) as answer:
        assert answer.status == 303


async def test_who_is_signed_in_by_the_proxy_needs_no_token_and_forms_that_we_made(client: Client) -> None:
    ann = {"X-Forwarded-User": "Ann", "X-Forwarded-For": "127.0.0.1"}
    async with client.get("/incidents/inc-1", headers=ann) as answer:
        found = re.search(r'name="key" value="([0-9a-f]+)"', await answer.text())
        assert found
    note = {"key": found[1], "note": "seen"}
    for headers, status in ((ann, 303), (ann | {"X-Forwarded-User": "Ben"}, 403)):
        async with client.post("/incidents/inc-1/notes", data=note, headers=headers, allow_redirects=False) as answer:
            assert answer.status == status
    async with client.get("/api/incidents/inc-1", headers=BEARER) as answer:
        assert [(entry["by"], entry["note"]) for entry in (await answer.json())["history"]] == [("Ann", "seen")]
    async with client.get("/incidents/signed-in", headers=ann) as answer:
        assert answer.status == 204


async def test_a_client_cannot_name_itself(client: Client) -> None:
    headers = {"X-Forwarded-User": "Ann", "X-Forwarded-For": "203.0.113.7"}
    async with client.get("/incidents", headers=headers, allow_redirects=False) as answer:
        assert answer.status == 303


async def test_the_style_sheet_is_there_without_a_session(client: Client) -> None:
    async with client.get("/incidents/static/incidents.css") as answer:
        assert (answer.status, answer.content_type) == (200, "text/css")
    async with client.get("/incidents/static/../pages.py") as answer:
        assert answer.status in (200, 303, 404)
        assert "def " not in await answer.text()


async def test_a_browser_gets_the_incident_as_json_and_as_markdown(browser: Client) -> None:
    async with browser.get("/incidents/inc-1/json") as answer:
        assert (await answer.json())["cause"]["code"] == "permission_denied"
    async with browser.get("/incidents/inc-1/markdown") as answer:
        assert answer.content_type == "text/plain"
        assert "## Root cause" in await answer.text()


async def test_json_and_markdown_ask_a_stranger_to_sign_in(client: Client) -> None:
    for path in ("/incidents/inc-1/json", "/incidents/inc-1/markdown", "/incidents/events"):
        async with client.get(path, allow_redirects=False) as answer:
            assert answer.status == 303, path


async def test_the_same_crash_after_a_resolved_one_is_called_a_regression(browser: Client) -> None:
    text = await page(browser, "/incidents/inc-1")
    assert "regression" in text
    assert 'href="/incidents/inc-0"' in text
    assert "regression" not in await page(browser, "/incidents/inc-0")


async def test_a_page_that_follows_along_hears_of_a_change(browser: Client, store: Store) -> None:
    async with browser.get("/incidents/events") as answer:
        assert answer.content_type == "text/event-stream"
        assert b"hello" in await answer.content.readuntil(b"\n\n")
        await store.commit([Opened(incident("inc-4"))], {}, {}, now=T0)
        assert b"event: changed" in await answer.content.readuntil(b"\n\n")


async def test_a_stream_ends_with_the_detector(browser: Client) -> None:
    async with browser.get("/incidents/events") as answer:
        await answer.content.readuntil(b"\n\n")
        await browser.app.shutdown()
        assert await answer.content.read() == b""


LONG = "Traceback (most recent call last):\n" + '  File "/srv/app/draw.py", line 4, in draw\n    canvas.draw()\n' * 150
MANY = tuple(
    Evidence("traceback", T0, "backend.log", number, f"{number} {LONG}", {}, "request_id", 1.0) for number in range(20)
) + tuple(
    Evidence(
        "access",
        T0,
        "access.log",
        number,
        f'{{"request_id": "{number:032x}", "status": 502}}' * 3,
        {},
        "death_window",
        0.9,
    )
    for number in range(200)
)


async def test_no_page_takes_more_than_100_kilobytes_over_the_wire(client: Client, store: Store) -> None:
    async with client.post("/incidents/sign-in", data={"token": TOKEN}) as answer:
        assert answer.status == 200
    requests = tuple(f"{number:032x}" for number in range(500))
    large = [incident(f"inc-l{number}", evidence=MANY, request_ids=requests) for number in range(60)]
    await store.commit(map(Opened, large), {}, {}, now=T0, tell=())
    for path in ("/incidents", "/incidents/inc-l1"):
        assert (
            await on_the_wire(client, path)
            + await on_the_wire(client, "/incidents/static/incidents.css")
            + await on_the_wire(client, "/incidents/static/incidents.js")
            <= 100_000
        )


async def on_the_wire(client: Client, path: str) -> int:
    """Return the size of an answer's body as it was sent."""
    async with client.session.get(
        client.make_url(path), headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    ) as answer:
        assert answer.status == 200
        return len(await answer.read())
