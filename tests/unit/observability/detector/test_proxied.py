"""Whom a reverse proxy may name, and who may not name themself."""

import pytest

from observability.config import SettingsError
from observability.detector.config import load_detector

SETTINGS = {"TRUSTED_USER_HEADER": "X-Forwarded-User", "TRUSTED_USER_PROXIES": "127.0.0.1, 10.0.0.0/8, ::1"}
NAMED = {"X-Forwarded-User": " Ann  B "}

CASES: dict[str, tuple[dict[str, str], str | None, str | None]] = {
    "the proxy itself": (NAMED, "10.0.0.5", "Ann B"),
    "the proxy through our nginx": (NAMED | {"X-Forwarded-For": "10.0.0.5"}, "127.0.0.1", "Ann B"),
    "over IPv6": (NAMED, "::1", "Ann B"),
    "an IPv4 address that came over IPv6": (NAMED, "::ffff:10.0.0.5", "Ann B"),
    "a client that names itself through our nginx": (NAMED | {"X-Forwarded-For": "203.0.113.7"}, "127.0.0.1", None),
    "a client that also makes up a way": (NAMED | {"X-Forwarded-For": "10.0.0.5, 203.0.113.7"}, "127.0.0.1", None),
    "a stranger": (NAMED, "203.0.113.7", None),
    "an address that is none": (NAMED | {"X-Forwarded-For": "unknown"}, "127.0.0.1", None),
    "nobody connected": (NAMED, None, None),
    "nobody was named": ({}, "10.0.0.5", None),
    "an empty name": ({"X-Forwarded-User": "  "}, "10.0.0.5", None),
}


@pytest.mark.parametrize(("headers", "peer", "name"), CASES.values(), ids=CASES)
def test_a_name_is_believed_of_trusted_addresses_only(
    headers: dict[str, str], peer: str | None, name: str | None
) -> None:
    proxy = load_detector(SETTINGS).proxy
    assert proxy is not None
    assert proxy.user(headers, peer) == name


def test_nobody_is_believed_by_default() -> None:
    assert load_detector({}).proxy is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"TRUSTED_USER_HEADER": "X User"}, "TRUSTED_USER_HEADER=X User"),
        ({"TRUSTED_USER_HEADER": "X-User"}, "TRUSTED_USER_PROXIES"),
        ({"TRUSTED_USER_PROXIES": "10.0.0.0/8,proxy.example"}, "TRUSTED_USER_PROXIES=proxy.example"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_detector(wrong)
