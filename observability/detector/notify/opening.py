"""Settings to channels, in the order in which they are told. A channel without its settings is none."""

import aiohttp

from observability.detector.channel_config import ChannelSettings
from observability.detector.notify.alertmanager import Alertmanager
from observability.detector.notify.apprise import open_apprise
from observability.detector.notify.channel import Channel
from observability.detector.notify.page import Places
from observability.detector.notify.pagerduty import PagerDuty
from observability.detector.notify.slack import Slack
from observability.detector.notify.webhook import Webhook


def open_channels(session: aiohttp.ClientSession, given: ChannelSettings, public_url: str) -> tuple[Channel, ...]:
    """Return the channels that are set up. Raises SettingsError where apprise does not take a URL."""
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
    return (*channels, *open_apprise(given.apprise_urls, places))
