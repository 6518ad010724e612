"""What the guides show is run: the ten lines of another application, nginx's log format, a proxy with TLS, backup and restore."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.chain import ROOT, Chain, chain, until
from tests.e2e.test_upload_in_the_chain import ended, post
from tests.lists import ean_list

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
GUIDES = ROOT / "docs/guides"
# The guide says to add one: the chain asks for it before it begins.
_HEALTH = """
async def well(_: web.Request) -> web.Response:
    return web.Response()

app.router.add_get("/healthz", well)
"""


def block(guide: str, language: str, number: int = 0) -> str:
    """Return a code block of a guide."""
    found = re.findall(rf"```{language}\n(.*?)```", (GUIDES / guide).read_text("utf-8"), re.S)
    return str(found[number])


async def test_the_ten_lines_of_another_application_are_watched(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    lines = block("own-app.md", "python")
    start = "import os\nhost, _, port = os.environ['BACKEND_ADDR'].rpartition(':')\n"
    lines = lines.replace('address="127.0.0.1:8034"', "address=os.environ['BACKEND_ADDR']").replace(
        "port=8034", "port=int(port)"
    )
    lines = lines.replace("watch(app", f"{_HEALTH}watch(app")
    app.write_text(start + lines, "utf-8")
    async with chain(tmp_path / "chain", (sys.executable, str(app)), options=()) as running:
        async with running.client.post(f"{running.front}/orders", data={"amount": "seven"}) as answer:
            assert answer.status == 500
        incident = await running.only_incident()
        assert (incident["route"], incident["stage"]) == ("POST /orders", "charge")
        assert incident["request_ids"] == [answer.headers["X-Request-ID"]]


def test_the_log_format_is_the_one_that_we_ship() -> None:
    shipped = (ROOT / "service/nginx.conf.template").read_text("utf-8")

    def fields(text: str) -> list[tuple[str, str]]:
        found = re.search(r"log_format barwatch escape=json(.*?);", text, re.S)
        assert found
        return re.findall(r'"([a-z_]+)":"?\$([a-z_]+)', found[1])

    ours = [pair for pair in fields(shipped) if pair[0] != "traceparent"]
    assert [pair for pair in fields(block("own-nginx.md", "nginx")) if pair[0] != "traceparent"] == ours


@pytest.mark.parametrize("guide", ["own-nginx.md", "operating.md"])
def test_nginx_accepts_what_a_guide_shows(guide: str, tmp_path: Path) -> None:
    key, pem = tmp_path / "labels.key", tmp_path / "labels.pem"
    make = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=labels",
        "-keyout",
        key,
        "-out",
        pem,
    )
    subprocess.run(make, check=True, capture_output=True)
    (tmp_path / "log").mkdir()
    shown = (
        block(guide, "nginx")
        .replace("/etc/ssl/labels", str(tmp_path / "labels"))
        .replace("/var/log/nginx", str(tmp_path / "log"))
    )
    if guide == "own-nginx.md":
        passed = block(guide, "nginx", 1)
        shown += f"server {{ listen 127.0.0.1:18998; location / {{ {passed} proxy_pass http://127.0.0.1:1; }} }}"
    conf = tmp_path / "nginx.conf"
    conf.write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ {shown.replace('listen 443', 'listen 127.0.0.1:18997')} }}", "utf-8"
    )
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert nginx, "nginx is missing: run deploy/install.sh servers"
    said = subprocess.run([nginx, "-t", "-q", "-c", conf, "-p", tmp_path], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_every_setting_that_a_guide_names_exists() -> None:
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/configuration.md").read_text("utf-8"), re.M))
    known |= set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/stack.md").read_text("utf-8"), re.M))
    named = {
        name for guide in GUIDES.glob("*.md") for name in re.findall(r"`([A-Z]+_[A-Z_]+)[`=]", guide.read_text("utf-8"))
    }
    assert named <= known, named - known


async def test_what_was_copied_while_it_stood_still_is_all_there_afterwards(tmp_path: Path) -> None:
    state, copy = tmp_path / "state", tmp_path / "copy"
    async with chain(state) as running:
        _, job = await post(running, ean_list(30))
        await _crash(running)
        (before,) = await running.incidents()
    shutil.copytree(state, copy, ignore=shutil.ignore_patterns("nginx"))
    shutil.rmtree(state)
    shutil.copytree(copy, state)
    async with chain(state) as running:
        (after,) = await running.incidents()
        assert (after["id"], after["occurrences"]) == (before["id"], before["occurrences"])
        again = await ended(running, job["id"])
        assert again["state"] == "succeeded"
        async with running.client.get(running.front + again["links"]["labels_pdf"]) as pdf:
            assert (await pdf.read()).startswith(b"%PDF")


async def _crash(running: Chain) -> None:
    os.kill(running.backend_pid(), signal.SIGKILL)
    await until(running.incidents, "the incident")
    await until(lambda: len(running.lines("process.started")) > 1, "the next backend")
