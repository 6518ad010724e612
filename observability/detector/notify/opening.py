"""Settings to channels, in the order in which they are told. A channel without its settings is none."""

from collections.abc import Sequence

import aiohttp

from observability.config import Invalid, SettingsError
from observability.detector.channel_config import ChannelSettings
from observability.detector.notify.alertmanager import Alertmanager
from observability.detector.notify.apprise import open_apprise
from observability.detector.notify.channel import Channel
from observability.detector.notify.fallback import Fallback
from observability.detector.notify.page import Places
from observability.detector.notify.pagerduty import PagerDuty
from observability.detector.notify.slack import Slack
from observability.detector.notify.webhook import Webhook


def open_channels(session: aiohttp.ClientSession, given: ChannelSettings, public_url: str) -> tuple[Channel, ...]:
    """Return the channels that are set up. Raises SettingsError for a URL of apprise or a fallback that is none."""
    places = Places(public_url, given.runbooks_url)
    channels: list[Channel] = []
    if given.webhook_url:
        channels.append(Webhook(session, given.webhook_url, given.webhook_secret, places))
    if given.alertmanager_urls:
        channels.append(Alertmanager(session, given.alertmanager_urls, places))
    if given.pagerduty_key:
        channels.append(PagerDuty(session, given.pagerduty_url, given.pagerduty_key, places))
    if given.slack_token:
        channels.append(Slack(session, given.slack_url, given.slack_token, given.slack_channel, places))
    channels += open_apprise(given.apprise_urls, places)
    return _with_fallback(channels, given)


def _with_fallback(channels: Sequence[Channel], given: ChannelSettings) -> tuple[Channel, ...]:
    if not given.fallback:
        return tuple(channels)
    names = [channel.name for channel in channels]
    others = [name for name in names if name != given.fallback]
    if (why := _unfit(channels, others, given.fallback)) is not None:
        raise SettingsError((Invalid(f"FALLBACK_CHANNEL={given.fallback}", why, "Set up another channel and name it"),))
    return tuple(
        Fallback(channel, others, given.fallback_after) if channel.name == given.fallback else channel
        for channel in channels
    )


def _unfit(channels: Sequence[Channel], others: Sequence[str], name: str) -> str | None:
    """Return why this channel can't be the fallback, or None."""
    chosen = next((channel for channel in channels if channel.name == name), None)
    if chosen is None or not others:
        there = ", ".join(channel.name for channel in channels) or "none"
        return f"the channels that are set up are {there}, and it must be one beside another"
    return "it is told of all that is open, again and again" if chosen.refresh_s is not None else None
