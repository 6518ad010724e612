"""The wheel, as the image installs it: all data is in it, and a place without the checkout starts from it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.chain import ROOT, free_addresses, until
from tests.e2e.test_up import said_until, upload

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
PACKAGES = ("alerts", "observability", "service")
# Beside the packages: rules are mounted into Prometheus, Alertmanager and Loki, and nothing in Python reads them.
MOUNTED = (".yml",)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it with no network, from a copy: a build leaves directories behind."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    _pip("wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(out), str(source))
    (built,) = out.glob("barwatch-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` of a new venv: the wheel is its own, the libraries are those of this one."""
    venv = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    _pip("--python", str(venv / "bin/python"), "install", "--no-deps", str(wheel))
    (site,) = venv.glob("lib/python3*/site-packages")
    # A path that comes this way has its own .pth files left alone: the checkout that is installed there stays out.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return venv / "bin"


def test_every_file_of_the_packages_is_in_it(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True)
    wanted = {name for name in tracked.stdout.split() if not name.endswith(MOUNTED)}
    assert len(wanted) > 200
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())


def test_what_the_image_starts_is_in_its_venv(installed: Path) -> None:
    (entry,) = [
        line
        for line in (ROOT / "deploy/Dockerfile").read_text("utf-8").splitlines()
        if line == 'ENTRYPOINT ["barwatch"]'
    ]
    assert (installed / entry.split('"')[1]).exists()
    where = subprocess.run(
        [installed / "python", "-c", "import service; print(service.__file__)"],
        cwd="/", env={}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert Path(where.stdout).is_relative_to(installed.parent)


async def test_labels_are_made_and_the_chain_proves_itself_without_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    names = ("FRONT_ADDR", "BACKEND_ADDR", "DETECTOR_ADDR")
    addresses = dict(zip(names, free_addresses(3), strict=True))
    env = {"PATH": f"{installed}:{os.environ['PATH']}", "STATE_DIR": str(tmp_path / "var"), **addresses}
    process = await asyncio.create_subprocess_exec(
        installed / "barwatch", "up", cwd=tmp_path, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    front = f"http://{addresses['FRONT_ADDR']}"
    try:
        await said_until(process, "Ctrl-C")
        async with aiohttp.ClientSession() as client:
            job = await upload(client, front)
            assert job["state"] == "succeeded"
            for page in ("/", "/incidents/sign-in"):
                async with client.get(front + page) as answer:
                    assert answer.status == 200, await answer.text()
            await until(lambda: _proved(client, addresses["DETECTOR_ADDR"]), "the detector's proof of itself")
        said = await asyncio.to_thread(_run, installed, "check", env=env, cwd=tmp_path)
        assert said.returncode == 0, said.stdout + said.stderr
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()


async def _proved(client: aiohttp.ClientSession, detector: str) -> bool:
    async with client.get(f"http://{detector}/metrics") as answer:
        return 'selftest_runs_total{outcome="passed"} 1.0' in await answer.text()


def _run(installed: Path, *command: str, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    state = cwd / "var"
    given = env | {
        "ACCESS_TOKEN": (state / "access-token").read_text("utf-8").strip(),
        "UPLOAD_DIR": str(state / "uploads"),
        "DOWNLOAD_DIR": str(state / "downloads"),
        "LOGS_DIR": str(state / "logs"),
    }
    return subprocess.run(
        [installed / "barwatch", *command], env=given, cwd=cwd,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", *arguments, "--no-index"],
        capture_output=True, text=True, check=False, env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
