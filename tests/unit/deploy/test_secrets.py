"""deploy/secrets.sh: random secrets for the owner alone, and no start with one that anybody could guess."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.compose import ROOT, SECRETS, made_secrets

SCRIPT = ROOT / "deploy/secrets.sh"


def run(*arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin", **(environ or {})}
    return subprocess.run(["sh", SCRIPT, *arguments], capture_output=True, text=True, check=False, env=environ)


def _pairs(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_what_it_makes_is_random_long_and_private(tmp_path: Path) -> None:
    one, other = tmp_path / "one.env", tmp_path / "other.env"
    for file in (one, other):
        assert run("make", str(file)).returncode == 0
        assert file.stat().st_mode & 0o777 == 0o600
    made, again = _pairs(one), _pairs(other)
    assert set(made) == {*SECRETS, "COMPOSE_PROFILES"}
    assert all(re.fullmatch(r"[0-9a-f]{32,64}", made[name]) and made[name] != again[name] for name in SECRETS)
    assert len(made["BUGSINK_SECRET_KEY"]) >= 50, "Bugsink asks for that"
    assert run("check", environ=made).returncode == 0


def test_a_second_run_keeps_what_is_there_and_adds_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PUBLIC_URL=https://labels.example\nACCESS_TOKEN=5b1e0c6a4d2f4f0e9a3b5c6d7e8f9a0b\n", "utf-8")
    run("make", str(file))
    made = _pairs(file)
    assert (made["PUBLIC_URL"], made["ACCESS_TOKEN"]) == ("https://labels.example", "5b1e0c6a4d2f4f0e9a3b5c6d7e8f9a0b")
    assert set(SECRETS) <= set(made)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("changeme", "is an example", id="the example of a manual"),
        pytest.param("my-super-secret-token-of-2026", "is an example", id="an example in other words"),
        pytest.param("Admin123456Admin123456Admin", "is an example", id="admin and a number"),
        pytest.param("7f3a9c1e77b2", "fewer than 24", id="short"),
        pytest.param("abababababababababababababab", "repeats itself", id="two letters in turn"),
        pytest.param("$(touch /tmp/never)`id`0123", "", id="what a shell would run is only text"),
    ],
)
def test_what_is_refused(value: str, found: str) -> None:
    said = run("check", environ=made_secrets() | {"ACCESS_TOKEN": value})
    assert (said.returncode, found in said.stderr) == (1 if found else 0, True)
    if found:
        assert "ACCESS_TOKEN" in said.stderr
        assert "make stack" in said.stderr
    assert not value or value not in said.stderr
