"""Environment to the settings of the channels: which there are, where they lead, and who is told when they fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from observability.config import Field, Invalid

FIELDS: Final = (
    Field("WEBHOOK_URL", "", "Gets every notification as JSON; empty: none"),
    Field("WEBHOOK_SECRET", "", "Signs what WEBHOOK_URL gets (docs/api.md says how to check it); empty: unsigned"),
    Field("ALERTMANAGER_URL", "", "Alertmanager, or all members of its cluster with commas between; empty: none"),
    Field("RUNBOOKS_URL", "", "Where alerts/runbooks is published, for links in alerts; by default the incident's own page of it"),
)  # fmt: skip
_SHORTEST_SECRET: Final = 16


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Where notifications go. What is empty is not told."""

    webhook_url: str = field(repr=False)  # its path is often a secret
    webhook_secret: str = field(repr=False)
    alertmanager_urls: tuple[str, ...]
    runbooks_url: str


def load_channels(given: Mapping[str, str]) -> ChannelSettings:
    """Return the settings, of values that passed CHECKS."""
    return ChannelSettings(
        webhook_url=given["WEBHOOK_URL"],
        webhook_secret=given["WEBHOOK_SECRET"],
        alertmanager_urls=listed(given["ALERTMANAGER_URL"]),
        runbooks_url=given["RUNBOOKS_URL"].rstrip("/"),
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
    urls = [(name, given[name]) for name in ("WEBHOOK_URL", "RUNBOOKS_URL") if given[name]]
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


CHECKS: Final[tuple[Callable[[Mapping[str, str]], list[Invalid]], ...]] = (_bad_urls, _bad_secret)
