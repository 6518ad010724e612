"""Settings to channels, and which of them is the fallback."""

import aiohttp
import pytest

from observability.config import SettingsError
from observability.detector.config import load_detector
from observability.detector.notify import Channel, open_channels
from observability.detector.notify.fallback import Fallback

ALL = {
    "WEBHOOK_URL": "http://hooks.example/a",
    "ALERTMANAGER_URL": "http://am.example",
    "PAGERDUTY_ROUTING_KEY": "0" * 32,
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_CHANNEL": "C1",
    "APPRISE_URLS": "json://a.example json://b.example",
}
NAMES = ["webhook", "alertmanager", "pagerduty", "slack", "apprise-json", "apprise-json-2"]


async def opened(**environ: str) -> tuple[Channel, ...]:
    async with aiohttp.ClientSession() as session:
        return open_channels(session, load_detector(environ).channels, "http://front")


async def test_nothing_is_set_up_by_default() -> None:
    assert await opened() == ()


async def test_what_is_set_is_told_in_one_order() -> None:
    channels = await opened(**ALL)
    assert [channel.name for channel in channels] == NAMES
    assert [channel.name for channel in channels if "selftest" in channel.takes] == ["webhook"]
    assert not any("proof" in channel.takes for channel in channels)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "alertmanager"])
async def test_any_channel_that_remembers_may_be_the_fallback(name: str) -> None:
    channels = await opened(**ALL, FALLBACK_CHANNEL=name, FALLBACK_AFTER="7m")
    assert [channel.name for channel in channels] == NAMES
    (fallback,) = (channel for channel in channels if isinstance(channel, Fallback))
    assert (fallback.name, fallback.patience.total_seconds()) == (name, 420)


async def test_a_fallback_that_is_not_set_up_is_said_so() -> None:
    with pytest.raises(SettingsError, match=r"FALLBACK_CHANNEL=slack: .* set up are webhook, and"):
        await opened(WEBHOOK_URL="http://hooks.example", FALLBACK_CHANNEL="slack")


async def test_alertmanager_is_no_fallback_because_it_forgets_what_it_is_not_told_again() -> None:
    with pytest.raises(SettingsError, match="FALLBACK_CHANNEL=alertmanager: it is told of all that is open"):
        await opened(**ALL, FALLBACK_CHANNEL="alertmanager")


async def test_a_fallback_without_another_channel_is_none() -> None:
    with pytest.raises(SettingsError, match="one beside another"):
        await opened(WEBHOOK_URL="http://hooks.example", FALLBACK_CHANNEL="webhook")


def test_no_secret_is_shown_with_the_settings() -> None:
    shown = repr(load_detector({**ALL, "WEBHOOK_SECRET": "s" * 20}).channels)
    assert not any(secret in shown for secret in ("hooks.example", "0" * 32, "xoxb-1", "json://", "sss"))
