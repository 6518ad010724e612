"""What services behind apprise get: a page, a follow-up where the cause is another, the end. Tried on its own json:// service."""

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from observability.config import SettingsError
from observability.detector.incidents import CauseCode, Incident
from observability.detector.notify import DeliveryFailed
from observability.detector.notify.apprise import Apprise, open_apprise, split, worth_saying
from tests.unit.observability.detector.notify.examples import PLACES, full, message
from tests.unit.observability.detector.notify.stand_in import Got, StandIn, listening


def check(got: Got) -> None:
    """Fail for what is not the documented payload of apprise's custom JSON notifications."""
    assert got.json.keys() == {"version", "title", "message", "attachments", "type"}
    assert got.json["version"] == "1.0"
    assert got.json["type"] in {"info", "success", "warning", "failure"}


async def told(service: StandIn, *life: tuple[str, Incident]) -> list[tuple[str, str]]:
    """Tell each change; return title and type of what came out."""
    previous: dict[str, Any] | None = None
    async with listening(service) as (_, url):
        (channel,) = open_apprise(url.replace("http://", "json://"), PLACES)
        for change, one in life:
            previous = await channel.send(message(change, one, previous)) or previous
    return [(got.json["title"].partition(":")[0], got.json["type"]) for got in service.got]


def caused(code: CauseCode, **changes: Any) -> Incident:
    return full(cause=replace(full().cause, code=code), **changes)


async def test_a_page_carries_every_part() -> None:
    service = StandIn(check)
    assert await told(service, ("opened", full())) == [("Open", "failure")]
    body = service.got[0].json["message"]
    for part in (
        "upstream prematurely closed",
        "service/files.py:12 in put",
        "Stage: publish",
        "97% sure",
        "ls -ld /srv/downloads",
    ):
        assert part in body
    assert "https://labels.example/incidents/inc-1" in body


async def test_only_another_cause_is_worth_a_follow_up() -> None:
    life = [
        ("opened", caused("other")), ("enriched", caused("other", stage="draw")), ("enriched", caused("killed")),
        ("enriched", caused("killed", occurrences=2)), ("recurred", caused("killed")), ("enriched", caused("other")),
        ("resolved", caused("killed", state="resolved")), ("reopened", caused("killed", severity="ticket")),
    ]  # fmt: skip
    assert await told(StandIn(check), *life) == [
        ("Open", "failure"), ("Open", "failure"), ("Resolved", "success"), ("Back", "warning"),
    ]  # fmt: skip


WORTH: dict[str, tuple[str, list[str], bool]] = {
    "a new incident": ("opened", [], True),
    "an end of what was told": ("resolved", ["killed"], True),
    "an end of what nobody was told": ("resolved", [], False),
    "a recurrence of what was told": ("recurred", ["killed"], False),
    "a recurrence of what was refused at first": ("recurred", [], True),
    "the same cause, surer": ("enriched", ["killed"], False),
    "a cause that was told before another one": ("enriched", ["killed", "other"], False),
    "another cause": ("enriched", ["other"], True),
    "one that is back": ("reopened", ["killed"], True),
}


@pytest.mark.parametrize(("change", "causes", "worth"), WORTH.values(), ids=WORTH)
def test_what_is_worth_saying(change: str, causes: list[str], worth: bool) -> None:
    assert worth_saying(change, "killed", causes) is worth


async def test_what_a_service_does_not_take_is_tried_again() -> None:
    with pytest.raises(DeliveryFailed) as failed:
        await told(StandIn(check, [web.Response(status=500)]), ("opened", full()))
    assert (failed.value.reason, failed.value.retry) == ("unknown", True)
    assert "127.0.0.1" not in str(failed.value)


async def test_a_plugin_that_raises_has_not_delivered() -> None:
    def broken(*_: str) -> bool:
        raise RuntimeError

    with pytest.raises(DeliveryFailed, match="did not take it"):
        await Apprise("apprise-x", broken, PLACES).send(message("opened", full()))


async def test_a_service_that_hangs_holds_up_nobody_and_is_not_asked_twice_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("observability.detector.notify.apprise.TIMEOUT_S", 0.01)
    go, asked = threading.Event(), []

    def hangs(*words: str) -> bool:
        asked.append(words)
        return go.wait(30)

    channel = Apprise("apprise-x", hangs, PLACES)
    for words in ("did not answer", "still hangs"):
        with pytest.raises(DeliveryFailed, match=words) as failed:
            await channel.send(message("opened", full()))
        assert (failed.value.reason, failed.value.retry) == ("timeout", True)
    assert len(asked) == 1
    go.set()
    while channel._taken and not channel._taken.done():
        await asyncio.sleep(0.001)
    monkeypatch.setattr("observability.detector.notify.apprise.TIMEOUT_S", 10)
    assert await channel.send(message("opened", full())) == {"causes": ["permission_denied"]}


def test_each_url_is_a_channel_named_by_its_scheme() -> None:
    channels = open_apprise(
        "json://a.example, tgram://123456789:abcdefg_hijklmnop/12315544/\njson://b.example?to=x,y", PLACES
    )
    assert [channel.name for channel in channels] == ["apprise-json", "apprise-tgram", "apprise-json-3"]


def test_urls_that_apprise_does_not_take_are_named_without_their_secrets() -> None:
    with pytest.raises(SettingsError) as error:
        open_apprise("nothing://secret json://ok.example tgram://secret", PLACES)
    assert [failure.what for failure in error.value.failures] == [
        "APPRISE_URLS, entry 1 (nothing://…)", "APPRISE_URLS, entry 3 (tgram://…)",
    ]  # fmt: skip
    assert "secret" not in str(error.value)


def test_a_comma_inside_of_a_url_is_its_own() -> None:
    assert split(" mailto://u:p@h?to=a@x,b@y,json://h\n\n") == ("mailto://u:p@h?to=a@x,b@y", "json://h")
