"""Who may see incidents."""

from datetime import timedelta

import pytest

from observability.detector.access import SESSION, Access
from tests.unit.observability.detector.incident_examples import T0

ACCESS = Access("a-secret-token")

HEADERS: dict[str, tuple[str | None, bool]] = {
    "the token opens": ("Bearer a-secret-token", True),
    "the scheme's case does not matter": ("bearer a-secret-token", True),
    "another token does not": ("Bearer a-secret-tokem", False),
    "a prefix does not": ("Bearer a-secret", False),
    "no token does not": ("Bearer ", False),
    "another scheme does not": ("Basic a-secret-token", False),
    "nothing does not": (None, False),
    "what is no ASCII does not": ("Bearer ä-secret-token\ud800", False),
}


@pytest.mark.parametrize(("header", "opens"), HEADERS.values(), ids=HEADERS)
def test_bearer(header: str | None, opens: bool) -> None:
    assert ACCESS.is_bearer(header) is opens


def test_a_session_holds_until_it_ends() -> None:
    cookie = ACCESS.new_session(T0)
    assert ACCESS.is_session(cookie, T0)
    assert not ACCESS.is_session(cookie, T0 + SESSION + timedelta(seconds=1))
    assert "secret" not in cookie


def test_a_session_cannot_be_made_up_or_prolonged() -> None:
    ends, name, signature = ACCESS.new_session(T0, "Ann").split(".")
    for forged in (
        f"{int(ends) + 1}.{name}.{signature}",
        f"{ends}..{signature}",
        f"{ends}.{name}.{'0' * 64}",
        f"{ends}.{name}.",
        f"{ends}.{signature}",
        ends,
        "",
        "x.y",
        f"²{ends}.{name}.{signature}",
        None,
    ):
        assert not ACCESS.is_session(forged, T0), forged


@pytest.mark.parametrize("name", ["", "Ann", "Zoë <b>", "a.b", "\ud800"])
def test_a_session_knows_who_opened_it(name: str) -> None:
    assert ACCESS.who(ACCESS.new_session(T0, name), T0) == name.replace("\ud800", "?")


def test_a_new_token_ends_all_sessions() -> None:
    assert not Access("another-token").is_session(ACCESS.new_session(T0), T0)


def test_a_form_key_fits_its_session_only() -> None:
    mine, other = ACCESS.new_session(T0), ACCESS.new_session(T0 + timedelta(hours=1))
    assert ACCESS.is_form_key(ACCESS.form_key(mine), mine)
    assert not ACCESS.is_form_key(ACCESS.form_key(mine), other)
    assert not ACCESS.is_form_key("", mine)
