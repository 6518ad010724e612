"""Every PromQL query of dashboards and rules on a real Prometheus that scraped a real run: uploads, a crash, an incident."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from dashboards.queries import PROMETHEUS
from service.parts import Part, start
from tests.compose import ROOT
from tests.e2e.chain import Chain, chain, free_addresses, until
from tests.lists import ean_list
from tests.queries import filled

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
UPLOAD = "/api/barcodes/upload-excel"


def _alerts() -> dict[str, str]:
    files = sorted((ROOT / "alerts/rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    return {rule.get("alert", rule.get("record")): rule["expr"] for group in groups for rule in group["rules"]}


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
    program = shutil.which("prometheus")
    assert program, "Prometheus is missing: run deploy/install.sh servers"
    argv = (
        program, f"--config.file={home / 'prometheus.yml'}", f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address={address}", "--enable-feature=exemplar-storage",
    )  # fmt: skip
    running = await start(Part("prometheus", argv, {"PATH": os.environ["PATH"]}, home / "out.log", address, "/-/ready"))
    try:
        async with asyncio.timeout(30):
            await running.healthy()
        yield f"http://{address}"
    finally:
        await running.stop()


async def asked(client: aiohttp.ClientSession, url: str, query: str) -> list[dict[str, Any]]:
    """Return what a query answers now. Fails with Prometheus's own words where it is none."""
    async with client.get(f"{url}/api/v1/query", params={"query": query}) as answer:
        said = await answer.json()
    assert said["status"] == "success", f"{query}: {said.get('error')}"
    found: list[dict[str, Any]] = said["data"]["result"]
    return found


async def upload(running: Chain, content: bytes) -> int:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="list.xlsx")
    async with running.client.post(running.front + UPLOAD, data=form, headers={"Prefer": "wait=40"}) as answer:
        return answer.status


async def a_day_at_work(running: Chain) -> None:
    """Uploads that go well, one that is no list, and a crash in the middle of one."""
    assert await upload(running, ean_list(30)) == 200
    assert await upload(running, b"\0\0no list") == 415
    sending = asyncio.create_task(upload(running, ean_list(4_000)))
    await until(
        lambda: any(line["stage"] == "draw" for line in running.lines("upload.stage.started")[6:]), "draw", within_s=60
    )
    os.kill(running.backend_pid(), signal.SIGKILL)
    await sending
    await until(running.incidents, "the incident")
    await until(lambda: len(running.lines("process.started")) > 1, "the next backend")


async def test_every_query_of_dashboards_and_rules_answers(tmp_path: Path) -> None:
    async with chain(tmp_path / "chain") as running:
        detector = running.detector.removeprefix("http://")
        targets = {"backend": running.backend, "detector": detector}
        async with prometheus(tmp_path / "prometheus", targets) as url:
            await asyncio.sleep(6)  # one scrape before anything happens: rates need a beginning
            await a_day_at_work(running)
            await asyncio.sleep(6)
            assert await upload(running, ean_list(30)) == 200
            await asyncio.sleep(12)  # two scrapes and an evaluation of the rules
            answers = {name: await asked(running.client, url, filled(query)) for name, query in PROMETHEUS.items()}
            assert {name for name, found in answers.items() if not found} == set()
            for expression in _alerts().values():
                await asked(running.client, url, expression)
            incident = (await running.incidents())[0]
            (row,) = await asked(running.client, url, PROMETHEUS["incidents open"])
            assert row["metric"]["incident"] == incident["id"]
            assert row["metric"]["cause"] == "killed"
            exemplars = await _exemplars(running.client, url)
            traces = {line["trace_id"] for line in running.lines("upload.stage.finished")}
            assert exemplars
            assert exemplars <= traces


async def _exemplars(client: aiohttp.ClientSession, url: str) -> set[str]:
    params = {"query": "upload_stage_duration_seconds_bucket", "start": "0", "end": "4000000000"}
    async with client.get(f"{url}/api/v1/query_exemplars", params=params) as answer:
        found = (await answer.json())["data"]
    return {exemplar["labels"]["trace_id"] for one in found for exemplar in one["exemplars"]}
