"""Environment to settings: defaults, all errors at once, the token's file."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from observability.config import SettingsError
from observability.detector.config import FIELDS, access_token, load_detector


def test_an_empty_environment_is_enough() -> None:
    settings = load_detector({})
    assert settings.log_files == tuple(
        Path("var/logs") / name for name in ("access.log", "error.log", "backend.log", "selftest.log")
    )
    assert (str(settings.address), settings.public_url) == ("127.0.0.1:8035", "http://127.0.0.1:8080")
    assert settings.database_url == f"sqlite:///{Path('var/incidents.db').absolute()}"
    assert (settings.channels.webhook_url, settings.channels.alertmanager_urls, settings.given_token) == ("", (), None)


def test_what_is_set_is_taken() -> None:
    settings = load_detector({
        "STATE_DIR": "/srv", "LOGS_DIR": "/logs", "LOG_FILES": "a.log, /elsewhere/b.log", "DETECTOR_ADDR": "[::1]:9",
        "PUBLIC_URL": "https://labels.example/", "ALERTMANAGER_URL": "http://a:9093,http://b:9093",
        "INCIDENTS_DATABASE_URL": "postgresql://u@h/d",
    })  # fmt: skip
    assert settings.log_files == (Path("/logs/a.log"), Path("/elsewhere/b.log"), Path("/logs/selftest.log"))
    assert (settings.address.host, settings.address.port, str(settings.address)) == ("::1", 9, "[::1]:9")
    assert settings.public_url == "https://labels.example"
    assert settings.channels.alertmanager_urls == ("http://a:9093", "http://b:9093")


WRONG = {
    "DETECTOR_ADDR": "8035",
    "FRONT_ADDR": "here:99999",
    "PUBLIC_URL": "labels.example",
    "WEBHOOK_URL": "hooks.example/secret",
    "WEBHOOK_SECRET": "hush",
    "RUNBOOKS_URL": "runbooks",
    "PAGERDUTY_ROUTING_KEY": "a REST key",
    "PAGERDUTY_URL": "events.pagerduty.com",
    "SLACK_BOT_TOKEN": "https://hooks.slack.com/services/hidden",
    "SLACK_URL": "slack.com/api",
    "FALLBACK_AFTER": "soon",
    "SELFTEST_EVERY": "1s",
    "HEARTBEAT_URL": "hc-ping.com/hidden",
    "ALERTMANAGER_URL": "http://a:9093,b:9093",
    "INCIDENTS_DATABASE_URL": "mysql://h/d",
    "INCIDENTS_KEEP_DAYS": "a week",
    "ACCESS_TOKEN": "short",
    "ACKNOWLEDGE_FOR": "30d",
    "FLAPPING_AFTER": "1",
    "STORM_AFTER": "often",
    "ESCALATE_AFTER": "soon",
}


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        load_detector(WRONG)
    assert {failure.what.partition("=")[0] for failure in error.value.failures} == WRONG.keys() | {"SLACK_CHANNEL"}
    assert all(failure.remedy for failure in error.value.failures)


@pytest.mark.parametrize("name", WRONG)
def test_each_setting_is_checked(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_detector({name: WRONG[name]})


HALF: dict[str, tuple[dict[str, str], str]] = {
    "a secret that signs nothing": ({"WEBHOOK_SECRET": "s" * 16}, "WEBHOOK_SECRET: set without WEBHOOK_URL"),
    "a bot without a channel": ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_CHANNEL: not set"),
    "a channel without a bot": ({"SLACK_CHANNEL": "C1"}, "SLACK_BOT_TOKEN: not set"),
    "a heart that nothing makes beat": (
        {"HEARTBEAT_URL": "https://hc.example/1", "SELFTEST_EVERY": "off"}, "HEARTBEAT_URL: it beats only after selftests",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "said"), HALF.values(), ids=HALF)
def test_what_needs_another_setting_says_which(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_detector(given)


def test_selftests_may_be_off() -> None:
    assert load_detector({}).proof.every == timedelta(minutes=5)
    assert load_detector({"SELFTEST_EVERY": "off"}).proof.every is None


def test_secrets_are_not_repeated() -> None:
    with pytest.raises(SettingsError) as error:
        load_detector(WRONG)
    assert "hooks.example" not in str(error.value)
    assert not any(value in str(error.value) for value in ("short", "hush", "hidden", "a REST key"))


def test_every_setting_has_a_meaning() -> None:
    assert all(field.meaning for field in FIELDS)
    assert len({field.name for field in FIELDS}) == len(FIELDS)


def test_the_token_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = load_detector({"STATE_DIR": str(tmp_path / "var")})
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: access_token(settings), range(8)))
    assert len(tokens) == 1
    assert stat.S_IMODE(settings.token_file.stat().st_mode) == 0o600
    assert [path.name for path in settings.state_dir.iterdir()] == ["access-token"]
    assert len(next(iter(tokens))) >= 32


def test_a_given_token_goes_before_the_file(tmp_path: Path) -> None:
    assert access_token(load_detector({"STATE_DIR": str(tmp_path), "ACCESS_TOKEN": "given-token"})) == "given-token"
    assert list(tmp_path.iterdir()) == []
