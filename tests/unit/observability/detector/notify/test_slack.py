"""What Slack gets: held against the documented limits of chat.postMessage, chat.update and Block Kit."""

from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.incidents import Evidence, Incident
from observability.detector.notify import DeliveryFailed, Slack
from observability.detector.notify.slack_blocks import cut, escaped
from tests.unit.observability.detector.incident_examples import T0
from tests.unit.observability.detector.notify.examples import PLACES, full, message
from tests.unit.observability.detector.notify.stand_in import Got, StandIn, listening

TOKEN = "xoxb-a-token"
_TOP = {"channel", "ts", "text", "blocks", "unfurl_links"}


def check(got: Got) -> None:
    """Fail for what Slack would refuse (docs.slack.dev: the methods' arguments, Block Kit's reference)."""
    assert got.path in ("/chat.postMessage", "/chat.update")
    assert got.headers["Authorization"] == f"Bearer {TOKEN}"
    assert got.headers["Content-Type"].startswith("application/json")
    body = got.json
    assert body.keys() <= _TOP
    assert isinstance(body["channel"], str)
    assert ("ts" in body) == (got.path == "/chat.update")
    assert 0 < len(body["text"]) <= 4_000
    blocks = body.get("blocks", [])
    assert len(blocks) <= 50
    for block in blocks:
        check_block(block)
    assert sum(len(text) for block in blocks for text in texts(block)) < 10_000


def check_block(block: dict[str, Any]) -> None:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": text}}:
            assert 0 < len(text) <= 150
        case {"type": "section", "text": {"type": "mrkdwn", "text": text}}:
            assert 0 < len(text) <= 3_000
        case {"type": "context", "elements": [*elements]}:
            assert 0 < len(elements) <= 10
            assert all(element["type"] == "mrkdwn" and element["text"] for element in elements)
        case _:
            raise AssertionError(f"not a block that we know: {block}")


def texts(block: dict[str, Any]) -> list[str]:
    return [block["text"]["text"]] if "text" in block else [element["text"] for element in block["elements"]]


def ok(got: Got) -> web.Response:
    return web.json_response({"ok": True, "channel": "C0123456789", "ts": got.json.get("ts", "1503435956.000247")})


def refused(word: str) -> web.Response:
    return web.json_response({"ok": False, "error": word})


def stand_in(*answers: Any) -> StandIn:
    return StandIn(check, [*answers, *[ok] * 9])


async def told(slack: StandIn, *life: tuple[str, Incident], previous: dict[str, Any] | None = None) -> list[str]:
    """Tell each change; return the method of each call, with the ts that it names."""
    async with listening(slack) as (session, url):
        channel = Slack(session, url, TOKEN, "#on-call", PLACES)
        for change, one in life:
            previous = await channel.send(message(change, one, previous))
    return [f"{got.path[6:]} {got.json.get('ts', '')}".strip() for got in slack.got]


async def test_a_message_is_posted_once_and_then_updated() -> None:
    slack = stand_in()
    calls = await told(
        slack, ("opened", full()), ("enriched", full(stage="draw")), ("recurred", full(occurrences=2)),
        ("resolved", full(state="resolved")),
    )  # fmt: skip
    assert calls == ["postMessage", *["update 1503435956.000247"] * 3]
    assert [got.json["channel"] for got in slack.got] == ["#on-call", *["C0123456789"] * 3]
    assert slack.got[-1].json["blocks"][0]["text"]["text"].startswith("Resolved: ")


async def test_a_detector_that_was_restarted_updates_the_same_message() -> None:
    slack = stand_in()
    kept = {"channel": "C0123456789", "ts": "1.2"}
    assert await told(slack, ("enriched", full()), previous=kept) == ["update 1.2"]


async def test_what_comes_back_is_a_new_message_because_an_update_notifies_nobody() -> None:
    slack = stand_in()
    assert await told(slack, ("reopened", full()), previous={"channel": "C1", "ts": "1.2"}) == ["postMessage"]


async def test_a_message_that_somebody_deleted_is_posted_anew() -> None:
    slack = stand_in(refused("message_not_found"))
    calls = await told(slack, ("enriched", full()), previous={"channel": "C1", "ts": "1.2"})
    assert calls == ["update 1.2", "postMessage"]


async def test_blocks_that_slack_does_not_take_are_left_out_not_the_page() -> None:
    slack = stand_in(refused("invalid_blocks"))
    assert await told(slack, ("opened", full())) == ["postMessage", "postMessage"]
    assert "blocks" not in slack.got[1].json


async def test_a_message_has_every_part() -> None:
    slack = stand_in()
    await told(slack, ("opened", full()))
    said = "\n".join(text for block in slack.got[0].json["blocks"] for text in texts(block))
    for part in (
        "upstream prematurely closed", "service/files.py:12 in put", "stage publish", "permission_denied, 97% sure",
        "ls -ld /srv/downloads", "<https://labels.example/incidents/inc-1|incident>", "<https://logs.example/req1|logs>",
    ):  # fmt: skip
        assert part in said


async def test_a_log_calls_nobody() -> None:
    """`<!channel>`, `<@U1>` and `<url|text>` are Slack's only ways to do more than show text."""
    hostile = "<!channel> <@U1> <https://evil.example|click> ``` & done"
    evidence = (Evidence("upstream_reset", T0, "error.log", 1, hostile, {}, "opened_it", 1.0),)
    one = replace(full(), title=hostile, evidence=evidence, route=hostile)
    one = replace(one, cause=replace(one.cause, summary=hostile, next_steps=(hostile,)))
    slack = stand_in()
    await told(slack, ("opened", one))
    body = slack.got[0].json
    marked = [body["text"], *(text for block in body["blocks"][1:-1] for text in texts(block))]
    assert not any("<" in text or ">" in text for text in marked)
    assert all(text.count("```") in (0, 2) for text in marked[1:])


async def test_nothing_is_too_long_for_it() -> None:
    long = replace(full(), title="<" * 9_000, route="&" * 9_000)
    listed = "&" * 9_000 + "\n<" * 900
    long = replace(long, cause=replace(long.cause, summary=listed, next_steps=("<x>" * 900,) * 50))
    long = replace(long, evidence=(Evidence("upstream_reset", T0, "e", 1, "&<" * 9_000, {}, "opened_it", 1.0),))
    await told(stand_in(), ("opened", long))


ANSWERS: dict[str, tuple[web.Response, str, bool, float | None]] = {
    "it asks for patience, and says how long": (
        web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "30"}),
        "rate_limited", True, 30.0,
    ),
    "the token was revoked": (refused("token_revoked"), "misconfigured", True, None),
    "the bot was not invited": (refused("not_in_channel"), "misconfigured", True, None),
    "it is ill": (refused("internal_error"), "server_error", True, None),
    "a limit by a word": (refused("rate_limited"), "rate_limited", True, None),
    "a word that is not documented": (refused("something_new"), "misconfigured", True, None),
    "a proxy answers in its place": (web.Response(text="<html>sign in</html>"), "misconfigured", True, None),
    "it refuses this text": (refused("msg_too_long"), "refused", False, None),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "reason", "retry", "after_s"), ANSWERS.values(), ids=ANSWERS)
async def test_its_answers(answer: web.Response, reason: str, retry: bool, after_s: float | None) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        await told(stand_in(answer), ("opened", full()))
    assert (failed.value.reason, failed.value.retry, failed.value.after_s) == (reason, retry, after_s)
    assert TOKEN not in str(failed.value)


@given(st.text("&<>ab", max_size=60), st.integers(1, 60))
def test_no_entity_is_cut_in_two(text: str, most: int) -> None:
    shown = cut(escaped(text), most)
    assert len(shown) <= most
    assert all(rest.startswith(("amp;", "lt;", "gt;")) for rest in shown.split("&")[1:])
