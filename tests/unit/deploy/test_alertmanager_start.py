"""deploy/alertmanager/start.sh: the shipped routes with the pager's URL in its place, or without one."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.compose import ROOT

SCRIPT = ROOT / "deploy/alertmanager/start.sh"


def start(tmp_path: Path, page_url: str) -> subprocess.CompletedProcess[str]:
    """Run it with a stand-in that ends at once, in the place of Alertmanager."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "PAGE_URL": page_url,
        "RUN_DIR": str(tmp_path),
        "ALERTMANAGER": "/bin/echo",
        "ALERTMANAGER_CONF": str(ROOT / "alerts/alertmanager.yml"),
    }
    return subprocess.run(["sh", SCRIPT], capture_output=True, text=True, check=False, env=environ)


def page(tmp_path: Path) -> dict[str, object]:
    conf = yaml.safe_load((tmp_path / "alertmanager.yml").read_text("utf-8"))
    found: dict[str, object] = next(receiver for receiver in conf["receivers"] if receiver["name"] == "page")
    return found


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/page?a=1&b=2", "https://hooks.example/T0/B0#x|y"])
def test_the_url_is_put_in_and_shown_to_nobody(tmp_path: Path, url: str) -> None:
    said = start(tmp_path, url)
    assert page(tmp_path)["webhook_configs"] == [{"send_resolved": True, "url": url}]
    assert url not in said.stdout + said.stderr
    assert (tmp_path / "alertmanager.yml").stat().st_mode & 0o077 == 0


def test_without_a_url_nobody_is_posted_to(tmp_path: Path) -> None:
    assert start(tmp_path, "").returncode == 0
    assert page(tmp_path) == {"name": "page"}


@pytest.mark.parametrize("url", ["ftp://x/", "http://x/' y", "http://x/\nreceivers: []"])
def test_what_is_no_url_is_refused(tmp_path: Path, url: str) -> None:
    said = start(tmp_path, url)
    assert said.returncode == 1
    assert said.stderr.startswith("PAGE_URL ")


@pytest.mark.e2e
@pytest.mark.parametrize("url", ["", "https://hooks.example/T0/B0?a=1&b=2"])
def test_alertmanager_accepts_it(tmp_path: Path, url: str) -> None:
    start(tmp_path, url)
    amtool = shutil.which("amtool")
    assert amtool, "amtool is missing: run deploy/install.sh servers"
    said = subprocess.run(
        [amtool, "check-config", tmp_path / "alertmanager.yml"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
