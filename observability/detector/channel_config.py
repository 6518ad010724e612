"""Environment to the settings of the channels: which there are, where they lead, and who is told when they fail."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from observability.config import Field, Invalid
from observability.detector.durations import duration_of

FIELDS: Final = (
    Field("WEBHOOK_URL", "", "Gets every notification as JSON; empty: none"),
    Field("WEBHOOK_SECRET", "", "Signs what WEBHOOK_URL gets (docs/api.md says how to check it); empty: unsigned"),
    Field("ALERTMANAGER_URL", "", "Alertmanager, or all members of its cluster with commas between; empty: none"),
    Field("RUNBOOKS_URL", "", "Where alerts/runbooks is published, for links in alerts; by default the incident's own page of it"),
    Field("PAGERDUTY_ROUTING_KEY", "", "Integration key of a PagerDuty service (Events API v2); empty: none"),
    Field("PAGERDUTY_URL", "https://events.pagerduty.com", "Where its events go; accounts in the EU: https://events.eu.pagerduty.com"),
    Field("SLACK_BOT_TOKEN", "", "Bot token of a Slack app that may chat:write, xoxb-…; empty: none"),
    Field("SLACK_CHANNEL", "", "Channel that the bot was invited to, best by its id, such as C0123456789"),
    Field("SLACK_URL", "https://slack.com/api", "Where Slack's methods are"),
    Field("APPRISE_URLS", "", "Services in apprise's form, such as mailto://… or tgram://…, with spaces between; empty: none"),
    Field("FALLBACK_CHANNEL", "", "One of the channels, told only what all others have failed to take; empty: none"),
    Field("FALLBACK_AFTER", "5m", "For how long the others must have failed before FALLBACK_CHANNEL is told"),
)  # fmt: skip
_URLS: Final = ("WEBHOOK_URL", "RUNBOOKS_URL", "PAGERDUTY_URL", "SLACK_URL")
_SHORTEST_SECRET: Final = 16
_LONGEST_AFTER: Final = timedelta(days=1)
_ROUTING_KEY: Final = re.compile(r"[A-Za-z0-9]{32}", re.ASCII)  # "should be 32 characters", PagerDuty answers otherwise


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Where notifications go. What is empty is not told."""

    webhook_url: str = field(repr=False)  # its path is often a secret
    webhook_secret: str = field(repr=False)
    alertmanager_urls: tuple[str, ...]
    runbooks_url: str
    pagerduty_key: str = field(repr=False)
    pagerduty_url: str
    slack_token: str = field(repr=False)
    slack_channel: str
    slack_url: str
    apprise_urls: str = field(repr=False)
    fallback: str
    fallback_after: timedelta


def load_channels(given: Mapping[str, str]) -> ChannelSettings:
    """Return the settings, of values that passed CHECKS."""
    return ChannelSettings(
        webhook_url=given["WEBHOOK_URL"],
        webhook_secret=given["WEBHOOK_SECRET"],
        alertmanager_urls=listed(given["ALERTMANAGER_URL"]),
        runbooks_url=given["RUNBOOKS_URL"].rstrip("/"),
        pagerduty_key=given["PAGERDUTY_ROUTING_KEY"],
        pagerduty_url=given["PAGERDUTY_URL"],
        slack_token=given["SLACK_BOT_TOKEN"],
        slack_channel=given["SLACK_CHANNEL"],
        slack_url=given["SLACK_URL"],
        apprise_urls=given["APPRISE_URLS"],
        fallback=given["FALLBACK_CHANNEL"],
        fallback_after=duration_of(given["FALLBACK_AFTER"]) or timedelta(),
    )


def listed(value: str) -> tuple[str, ...]:
    """Return what stands between commas."""
    return tuple(part for part in (one.strip() for one in value.split(",")) if part)


def is_http(url: str) -> bool:
    """Return whether this is a whole http or https URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def not_http(name: str) -> Invalid:
    """Return what is said of a bad URL. The value is not shown: a webhook's URL is a secret."""
    return Invalid(name, "not an http or https URL", "Set one such as https://example.org/path, or nothing")


def _bad_urls(given: Mapping[str, str]) -> list[Invalid]:
    urls = [(name, given[name]) for name in _URLS if given[name]]
    urls += [("ALERTMANAGER_URL", url) for url in listed(given["ALERTMANAGER_URL"])]
    return [not_http(name) for name, url in urls if not is_http(url)]


def _bad_secret(given: Mapping[str, str]) -> list[Invalid]:
    secret = given["WEBHOOK_SECRET"]
    if not secret:
        return []
    if len(secret) < _SHORTEST_SECRET:
        found = f"not a secret of at least {_SHORTEST_SECRET} characters"
        return [Invalid("WEBHOOK_SECRET", found, "Make one: openssl rand -hex 32")]
    if not given["WEBHOOK_URL"]:
        return [Invalid("WEBHOOK_SECRET", "set without WEBHOOK_URL", "Set WEBHOOK_URL too, or neither")]
    return []


def _bad_pagerduty(given: Mapping[str, str]) -> list[Invalid]:
    key = given["PAGERDUTY_ROUTING_KEY"]
    if not key or _ROUTING_KEY.fullmatch(key):
        return []
    remedy = "Copy the integration key of an Events API v2 integration of the service"
    return [Invalid("PAGERDUTY_ROUTING_KEY", "not 32 letters and digits", remedy)]


def _bad_slack(given: Mapping[str, str]) -> list[Invalid]:
    token, channel = given["SLACK_BOT_TOKEN"], given["SLACK_CHANNEL"]
    wrong = []
    if token and not (token.startswith("xox") and token.isascii() and token.isprintable() and " " not in token):
        wrong.append(
            Invalid("SLACK_BOT_TOKEN", "not a bot token", "Copy it from the app's page OAuth & Permissions: xoxb-…")
        )
    if bool(token) != bool(channel):
        missing = "SLACK_CHANNEL" if token else "SLACK_BOT_TOKEN"
        wrong.append(Invalid(missing, "not set, but the other of the two is", "Set both, or neither"))
    return wrong


def _bad_fallback(given: Mapping[str, str]) -> list[Invalid]:
    after = duration_of(given["FALLBACK_AFTER"])
    if after is not None and after <= _LONGEST_AFTER:
        return []
    return [
        Invalid(f"FALLBACK_AFTER={given['FALLBACK_AFTER']}", "not a duration of at most a day", "Set one such as 5m")
    ]


CHECKS: Final[tuple[Callable[[Mapping[str, str]], list[Invalid]], ...]] = (
    _bad_urls,
    _bad_secret,
    _bad_pagerduty,
    _bad_slack,
    _bad_fallback,
)
