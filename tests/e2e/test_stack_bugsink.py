"""Bugsink as docker-compose.yml runs it: its own container settings, our project without a click, under /errors behind nginx."""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from service.parts import Part, start
from tests.bugsink import VENV
from tests.compose import ROOT, made_secrets, services
from tests.e2e.chain import chain, free_addresses, until
from tests.e2e.fault_actions import FAULTY, post
from tests.e2e.test_stack_front import front

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
TEMPLATE = "bugsink/conf_templates/docker.py.template"


def _environ(home: Path, port: str, public_url: str) -> dict[str, str]:
    """Return what the container gets, with its paths in a directory of ours."""
    declared = services(made_secrets() | {"PUBLIC_URL": public_url})["bugsink"]["environment"]
    return {
        **declared,
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(home),
        "DJANGO_SETTINGS_MODULE": "bugsink_conf",
        "DATABASE_PATH": str(home / "db.sqlite3"),
        "PORT": port,
    }


def _settings(home: Path) -> None:
    """Write the settings of the image, with its temporary files in our directory."""
    (template,) = VENV.glob(f"lib/python*/site-packages/{TEMPLATE}")
    text = template.read_text("utf-8").replace("/tmp/snappea.sqlite3", str(home / "snappea.sqlite3"))
    (home / "bugsink_conf.py").write_text(
        f"{text}\nBUGSINK['INGEST_STORE_BASE_DIR'] = {str(home / 'ingestion')!r}\n"
        f"SNAPPEA['WAKEUP_CALLS_DIR'] = {str(home / 'wakeup')!r}\n",
        "utf-8",
    )


def _steps() -> list[list[str]]:
    """Return the commands of the container that end before the server starts."""
    words = services()["bugsink"]["command"][1:]
    steps: list[list[str]] = [[]]
    for word in words:
        if word in ("&&", "|||"):
            steps.append([])
        else:
            steps[-1].append(word.replace("/etc/barwatch/project.py", str(ROOT / "deploy/bugsink/project.py")))
    return [step for step in steps if step[0] == "bugsink-manage"]


@asynccontextmanager
async def bugsink(home: Path, address: str, public_url: str) -> AsyncIterator[None]:
    home.mkdir()
    environ = _environ(home, address.rpartition(":")[2], public_url)
    _settings(home)
    for step in _steps():
        argv = [str(VENV / "bin" / step[0]), *step[1:]]
        done = await asyncio.to_thread(subprocess.run, argv, env=environ, cwd=home, capture_output=True, text=True)
        assert done.returncode == 0, (step, done.stdout[-500:], done.stderr[-1500:])
    worker = await asyncio.create_subprocess_exec(VENV / "bin/bugsink-runsnappea", env=environ, cwd=home)
    server = (str(VENV / "bin/gunicorn"), "-b", address, "--workers=1", "bugsink.wsgi")
    running = await start(Part("bugsink", server, environ, home / "out.log", address, "/health/ready"))
    try:
        async with asyncio.timeout(60):
            await running.healthy()
        yield
    finally:
        await running.stop()
        worker.terminate()
        await worker.wait()


async def test_a_crash_is_an_issue_there_and_the_link_of_the_incident_leads_to_it(tmp_path: Path) -> None:
    address, public = free_addresses(2)
    public_url = f"http://{public}"
    declared = services(made_secrets() | {"PUBLIC_URL": public_url})
    dsn = declared["backend"]["environment"]["SENTRY_DSN"].replace("10.89.34.14:8000", address)
    links = {"SENTRY_DSN": dsn, "ERROR_LINK": declared["detector"]["environment"]["ERROR_LINK"]}
    async with (
        bugsink(tmp_path / "bugsink", address, public_url),
        chain(tmp_path / "chain", FAULTY, options=(), extra_env=links) as running,
        front(running, tmp_path, FRONT_ADDR=public, GRAFANA_ADDR=address, BUGSINK_ADDR=address) as url,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser,  # cookies of an address, too
    ):
        assert (await post(running, "at=draw&fault=bug")).status == 500
        incident = await running.only_incident()
        (raised,) = {
            said["fields"]["exceptions"][-1]["type"] for said in incident["evidence"] if said["kind"] == "traceback"
        }
        async with browser.get(f"{url}/errors/accounts/login/") as answer:
            page = await answer.text()
        assert answer.status == 200
        (style, *_) = re.findall(r'href="(/errors/static/[^"]+\.css)"', page)
        async with browser.get(url + style) as found:
            assert (found.status, found.content_type) == (200, "text/css")
        await _sign_in(browser, url, page)

        async def digested() -> bool:
            async with browser.get(incident["links"]["error"]) as shown:
                text = await shown.text()
                return shown.status == 200 and "/errors/issues/issue/" in str(shown.url) and raised in text

        await until(digested, "the event behind the incident's link", within_s=30)


async def _sign_in(client: aiohttp.ClientSession, url: str, page: str) -> None:
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    form = {
        "csrfmiddlewaretoken": token,
        "username": "on-call@barwatch.invalid",
        "password": made_secrets()["BUGSINK_ADMIN_PASSWORD"],
    }
    async with client.post(f"{url}/errors/accounts/login/", data=form, headers={"Referer": url}) as answer:
        assert answer.status == 200, await answer.text()
        assert "/accounts/login" not in str(answer.url)
