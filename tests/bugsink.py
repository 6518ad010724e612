"""A real Bugsink, the Sentry-compatible server, for a test module: SQLite in a directory of its own, one project, no clicks."""

import json
import os
import secrets
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv-bugsink"
# Events are digested while they are taken in (TASK_ALWAYS_EAGER): no worker beside it, and what was answered is there.
_SETTINGS = """
from bugsink.settings.default import *

SECRET_KEY = {secret!r}
ALLOWED_HOSTS = ["*"]
DATABASES["default"]["NAME"] = {home!r} + "/db.sqlite3"
DATABASES["snappea"]["NAME"] = {home!r} + "/snappea.sqlite3"
SNAPPEA = {{"TASK_ALWAYS_EAGER": True, "NUM_WORKERS": 1, "PID_FILE": None, "WAKEUP_CALLS_DIR": {home!r} + "/wakeup"}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
BUGSINK = {{
    "BASE_URL": {url!r},
    "SINGLE_USER": True,
    "SINGLE_TEAM": True,
    "PHONEHOME": False,
    "INGEST_STORE_BASE_DIR": {home!r} + "/ingestion",
}}
"""
_MAKE_PROJECT = """
from django.contrib.auth import get_user_model
from django.test import Client
from projects.models import Project
from teams.models import Team
client = Client()
client.force_login(get_user_model().objects.create_superuser("labels", "labels@localhost", "labels"))
print("SESSION", client.cookies["sessionid"].value)
print("DSN", Project.objects.create(name="labels", team=Team.objects.create(name="labels")).dsn)
"""
_LIST = """
import json
from events.models import Event
rows = [
    {"issue": str(e.issue_id), "event": e.event_id.hex, "grouping": e.grouping.grouping_key, "type": e.calculated_type}
    for e in Event.objects.select_related("grouping")
]
print("ROWS", json.dumps(rows))
"""


@dataclass(frozen=True, slots=True)
class Bugsink:
    """A running server with one project."""

    url: str
    dsn: str
    session: str  # the cookie `sessionid` of somebody who may see all
    home: Path

    def events(self) -> list[dict[str, Any]]:
        """Return all events: issue, event (32 hex digits), grouping (the key that made the issue), type."""
        found: list[dict[str, Any]] = json.loads(_manage(self.home, "shell", "-c", _LIST).partition("ROWS ")[2])
        return found

    @property
    def error_link(self) -> str:
        """Return the template that leads from an event to its issue."""
        return f"{self.url}/issues/event/{{sentry_event_uuid}}/"


@contextmanager
def running_bugsink(home: Path) -> Iterator[Bugsink]:
    """Start it on a free port. Takes some seconds: its migrations are run from the first."""
    assert (VENV / "bin" / "gunicorn").exists(), "Bugsink is missing: run deploy/install.sh servers"
    url = f"http://127.0.0.1:{_free_port()}"
    settings = _SETTINGS.format(secret=secrets.token_hex(32), home=str(home), url=url)
    (home / "bugsink_conf.py").write_text(settings, "utf-8")
    _manage(home, "migrate", "--verbosity", "0")
    made = _manage(home, "shell", "-c", _MAKE_PROJECT)
    session, dsn = (made.partition(word)[2].split()[0] for word in ("SESSION ", "DSN "))
    with (home / "bugsink.out").open("wb") as output:
        argv = [str(VENV / "bin" / "gunicorn"), "-b", url.removeprefix("http://"), "--threads", "4", "bugsink.wsgi"]
        server = subprocess.Popen(argv, env=_environ(home), cwd=home, stdout=output, stderr=output)
        try:
            _until_ready(server, url, home)
            yield Bugsink(url, dsn, session, home)
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture(scope="module")
def bugsink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bugsink]:
    """Give a running Bugsink to the tests of a module."""
    with running_bugsink(tmp_path_factory.mktemp("bugsink")) as server:
        yield server


def _manage(home: Path, *command: str) -> str:
    argv = [str(VENV / "bin" / "bugsink-manage"), *command]
    done = subprocess.run(argv, env=_environ(home), cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _environ(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(home),
        "DJANGO_SETTINGS_MODULE": "bugsink_conf",
    }


def _until_ready(server: subprocess.Popen[bytes], url: str, home: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/accounts/login/", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            assert server.poll() is None, (home / "bugsink.out").read_text()[-2000:]
            time.sleep(0.05)
    raise AssertionError(f"Bugsink does not answer: {(home / 'bugsink.out').read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
