"""Settings are typed, and everything that is wrong is said at once."""

import stat
from ipaddress import ip_network
from pathlib import Path

import pytest

from service.config import FIELDS, SettingsError, load_backend, load_up

VALID = {"UPLOAD_DIR": "/srv/up", "DOWNLOAD_DIR": "/srv/down", "LOGS_DIR": "/srv/logs", "STATE_DIR": "/srv/state"}

WRONG: dict[str, tuple[dict[str, str], set[str]]] = {
    "a directory that is not set": ({"UPLOAD_DIR": ""}, {"UPLOAD_DIR"}),
    "blanks are not a value": ({"LOGS_DIR": "  "}, {"LOGS_DIR"}),
    "an address without a port": ({"BACKEND_ADDR": "localhost"}, {"BACKEND_ADDR=localhost"}),
    "a port beyond the last": ({"BACKEND_ADDR": "127.0.0.1:65536"}, {"BACKEND_ADDR=127.0.0.1:65536"}),
    "no number": ({"WORKERS": "many"}, {"WORKERS=many"}),
    "a number too small": ({"WORKER_MEMORY_MB": "1"}, {"WORKER_MEMORY_MB=1"}),
    "a URL without a scheme": ({"DATABASE_URL": "localhost/jobs"}, {"DATABASE_URL"}),
    "a proxy that is a name": ({"TRUSTED_PROXIES": "10.0.0.1,front"}, {"TRUSTED_PROXIES=10.0.0.1,front"}),
    "a network with bits of a host": ({"TRUSTED_PROXIES": "10.0.0.1/8"}, {"TRUSTED_PROXIES=10.0.0.1/8"}),
    "no uploads at all": ({"CLIENT_OPEN_UPLOADS": "0"}, {"CLIENT_OPEN_UPLOADS=0"}),
    "all at once": (
        {"UPLOAD_DIR": "", "DOWNLOAD_DIR": "", "QUEUE_LIMIT": "-1", "FRONT_ADDR": ":"},
        {"UPLOAD_DIR", "DOWNLOAD_DIR", "QUEUE_LIMIT=-1", "FRONT_ADDR=:"},
    ),
}


@pytest.mark.parametrize(("given", "what"), WRONG.values(), ids=WRONG)
def test_every_bad_value_is_named_with_its_remedy(given: dict[str, str], what: set[str]) -> None:
    with pytest.raises(SettingsError) as raised:
        load_backend(VALID | given)
    assert {failure.what for failure in raised.value.failures} == what
    assert all(failure.remedy for failure in raised.value.failures)


def test_trusted_proxies_are_addresses_and_networks() -> None:
    settings = load_backend(VALID | {"TRUSTED_PROXIES": "10.0.0.1, 2001:db8::/32,"})
    assert settings.trusted_proxies == (ip_network("10.0.0.1/32"), ip_network("2001:db8::/32"))
    assert load_backend(VALID).trusted_proxies == ()


def test_the_database_is_a_file_under_the_state_directory_unless_one_is_named() -> None:
    assert load_backend(VALID).database_url == "sqlite:////srv/state/jobs.sqlite"
    assert load_backend(VALID | {"DATABASE_URL": "postgresql://h/db"}).database_url == "postgresql://h/db"


def test_up_puts_what_is_not_set_under_the_state_directory() -> None:
    settings = load_up({"STATE_DIR": "/srv/state"})
    assert settings.upload_dir == Path("/srv/state/uploads")
    assert settings.download_dir == Path("/srv/state/downloads")
    assert settings.logs_dir == Path("/srv/state/logs")


def test_the_environment_of_the_parts_is_valid_for_the_backend(tmp_path: Path) -> None:
    settings = load_up({"STATE_DIR": str(tmp_path), "BACKEND_ADDR": "127.0.0.1:9"})
    assert load_backend(settings.environ({})).backend_addr == "127.0.0.1:9"


def test_a_token_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_up({"STATE_DIR": str(tmp_path)}).access_token()
    assert load_up({"STATE_DIR": str(tmp_path)}).access_token() == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "access-token").stat().st_mode) == 0o600
    assert load_up({"STATE_DIR": str(tmp_path), "ACCESS_TOKEN": "mine"}).access_token() == "mine"


def test_a_replica_keeps_its_name(tmp_path: Path) -> None:
    settings = VALID | {"STATE_DIR": str(tmp_path)}
    assert load_backend(settings).executor() == load_backend(settings).executor()
    assert load_backend(settings | {"EXECUTOR_ID": "two"}).executor() == "two"


def test_every_field_has_a_meaning_and_stands_once() -> None:
    names = [field.name for field in FIELDS]
    assert len(set(names)) == len(names)
    assert all(field.meaning for field in FIELDS)
