"""Every PromQL query of dashboards and rules on a real Prometheus that scraped a real run: uploads, a crash, an incident."""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest
import yaml

from dashboards.queries import PROMETHEUS
from tests.compose import ROOT
from tests.e2e.chain import Chain, chain, until
from tests.e2e.stack import asked, prometheus
from tests.lists import ean_list
from tests.queries import filled

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
UPLOAD = "/api/barcodes/upload-excel"


def _alerts() -> dict[str, str]:
    files = sorted((ROOT / "alerts/rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    return {rule.get("alert", rule.get("record")): rule["expr"] for group in groups for rule in group["rules"]}


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
            await until(
                lambda: asked(running.client, url, 'up{job="backend"} == 1'), "a scrape: rates need a beginning"
            )
            await a_day_at_work(running)
            await asyncio.sleep(6)
            assert await upload(running, ean_list(30)) == 200
            await asyncio.sleep(12)  # two scrapes and an evaluation of the rules
            answers = {name: await asked(running.client, url, filled(query)) for name, query in PROMETHEUS.items()}
            assert {name for name, found in answers.items() if not found} == set()
            for expression in _alerts().values():
                await asked(running.client, url, expression)
            rows = await asked(running.client, url, PROMETHEUS["incidents open"])
            shown = {(row["metric"]["incident"], row["metric"]["cause"]) for row in rows}
            assert shown == {(incident["id"], "killed") for incident in await running.incidents()}
            exemplars = await _exemplars(running.client, url)
            traces = {line["trace_id"] for line in running.lines("upload.stage.finished")}
            assert exemplars
            assert exemplars <= traces


async def _exemplars(client: aiohttp.ClientSession, url: str) -> set[str]:
    params = {"query": "upload_stage_duration_seconds_bucket", "start": "0", "end": "4000000000"}
    async with client.get(f"{url}/api/v1/query_exemplars", params=params) as answer:
        found = (await answer.json())["data"]
    return {exemplar["labels"]["trace_id"] for one in found for exemplar in one["exemplars"]}
