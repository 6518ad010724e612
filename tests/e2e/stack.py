"""Prometheus and Alertmanager with the shipped configuration, wired as docker-compose.yml wires them."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from service.parts import Part, start
from tests.compose import ROOT
from tests.e2e.chain import free_addresses


def found(program: str) -> str:
    """Return where it is."""
    path = shutil.which(program)
    assert path, f"{program} is missing: run deploy/install.sh servers"
    return path


@asynccontextmanager
async def prometheus(home: Path, targets: dict[str, str]) -> AsyncIterator[str]:
    """Run the shipped configuration with targets of our own; yields its URL."""
    shutil.copytree(ROOT / "deploy/prometheus", home)
    shutil.copytree(ROOT / "alerts/rules", home / "rules")
    for file in (home / "targets").glob("*.yml"):
        file.unlink()
    (address,) = free_addresses(1)
    for name, target in {**targets, "prometheus": address}.items():
        (home / "targets" / f"{name}.yml").write_text(yaml.safe_dump([{"targets": [target]}]), "utf-8")
    argv = (
        found("prometheus"), f"--config.file={home / 'prometheus.yml'}", f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address={address}", "--enable-feature=exemplar-storage",
    )  # fmt: skip
    async with _up(Part("prometheus", argv, {"PATH": os.environ["PATH"]}, home / "out.log", address, "/-/ready")):
        yield f"http://{address}"


@asynccontextmanager
async def alertmanager(home: Path, page_url: str) -> AsyncIterator[str]:
    """Run start.sh with the shipped routes; yields its address. Pages come within seconds instead of the minutes of a repeat."""
    home.mkdir(parents=True)
    (address,) = free_addresses(1)
    environment = {
        "PATH": os.environ["PATH"],
        "PAGE_URL": page_url,
        "RUN_DIR": str(home),
        "DATA_DIR": str(home / "data"),
        "ALERTMANAGER": found("prometheus-alertmanager"),
        "ALERTMANAGER_CONF": str(ROOT / "alerts/alertmanager.yml"),
    }
    argv = ("sh", str(ROOT / "deploy/alertmanager/start.sh"), f"--web.listen-address={address}")
    async with _up(Part("alertmanager", argv, environment, home / "out.log", address, "/-/ready")):
        yield address


@asynccontextmanager
async def _up(part: Part) -> AsyncIterator[None]:
    running = await start(part)
    try:
        async with asyncio.timeout(30):
            await running.healthy()
        yield
    finally:
        await running.stop()


async def asked(client: aiohttp.ClientSession, url: str, query: str) -> list[dict[str, Any]]:
    """Return what a query answers now. Fails with Prometheus's own words where it is none."""
    async with client.get(f"{url}/api/v1/query", params={"query": query}) as answer:
        said = await answer.json()
    assert said["status"] == "success", f"{query}: {said.get('error')}"
    rows: list[dict[str, Any]] = said["data"]["result"]
    return rows
