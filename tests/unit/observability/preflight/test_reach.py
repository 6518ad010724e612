"""Database, imports and port: answered, or said why not, without passwords."""

import os
import socket
from pathlib import Path

import pytest

from observability.preflight import database, importable, port_free, setting


def test_a_setting_is_there_or_said_how_it_looks() -> None:
    assert setting("ACCESS_TOKEN", "hunter2", example="$(openssl rand -hex 16)").ok
    assert "hunter2" not in str(setting("ACCESS_TOKEN", "hunter2", example=""))
    for value in (None, "", " "):
        check = setting("WEBHOOK_URL", value, example="https://chat.example/hook")
        assert (check.ok, check.found) == (False, "not set")
        assert check.remedy == "Set WEBHOOK_URL, such as WEBHOOK_URL=https://chat.example/hook"


def test_a_database_file_that_can_be_made_answers(tmp_path: Path) -> None:
    assert database("DATABASE_URL", f"sqlite:///{tmp_path}/jobs.db").ok


def test_a_database_file_in_no_directory_does_not(tmp_path: Path) -> None:
    check = database("DATABASE_URL", f"sqlite:///{tmp_path}/no/jobs.db")
    assert (check.ok, check.found) == (False, "unable to open database file")
    assert check.remedy == f"Run: ls -ld {tmp_path}/no {tmp_path}/no/jobs.db"


def test_a_server_that_is_down_is_said_so_without_the_password() -> None:
    check = database("DATABASE_URL", "postgresql+psycopg://app:hunter2@127.0.0.1:1/jobs")
    assert not check.ok
    assert "Connection refused" in check.found
    assert "hunter2" not in str(check)


@pytest.mark.parametrize("url", ["", "jobs.db", "mongodb://x/y"], ids=["empty", "a path", "another kind"])
def test_what_is_no_database_url_is_said_so(url: str) -> None:
    assert not database("DATABASE_URL", url).ok


def test_each_module_that_does_not_load_is_named() -> None:
    assert importable("imports", ["json", "observability.events"]).ok
    check = importable("imports", ["json", "no_such_module", "other_missing"])
    assert not check.ok
    assert "no_such_module: ModuleNotFoundError" in check.found
    assert "other_missing" in check.found


def test_a_port_that_is_taken_is_told_with_who_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        check = port_free("BACKEND_ADDR", address)
    assert (check.ok, check.what) == (False, f"BACKEND_ADDR={address}")
    assert f"taken by pid {os.getpid()} (" in check.found
    assert port_free("BACKEND_ADDR", address).ok


ADDRESSES: dict[str, str] = {
    "no port": "127.0.0.1",
    "a port that is no number": "127.0.0.1:http",
    "a port out of range": "127.0.0.1:70000",
    "a host of another machine": "192.0.2.1:8034",
    "a host that does not exist": "no.such.host.invalid:8034",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_that_cannot_be_used_has_a_remedy(address: str) -> None:
    check = port_free("BACKEND_ADDR", address)
    assert not check.ok
    assert check.remedy.startswith("Set BACKEND_ADDR")
