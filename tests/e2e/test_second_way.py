"""The second way to page: shut while the detector works, open when it is dead, with the shipped rules and routes."""

import asyncio
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.chain import ROOT, Chain, chain, free_addresses, until, webhook
from tests.e2e.stack import alertmanager, asked, prometheus

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
STATED = re.search(r"within (\d+) s of the crash", (ROOT / "docs/stack.md").read_text("utf-8"))
assert STATED
STATED_S = float(STATED[1])


def _names(pages: list[dict[str, Any]]) -> set[str]:
    return {alert["labels"]["alertname"] for page in pages for alert in page["alerts"] if alert["status"] == "firing"}


def _targets(running: Chain, pager: str) -> dict[str, str]:
    return {"backend": running.backend, "detector": running.detector.removeprefix("http://"), "alertmanager": pager}


async def _scraped(running: Chain, url: str, query: str) -> None:
    async def answers() -> bool:
        return bool(await asked(running.client, url, query))

    await until(answers, query, within_s=40)


async def test_a_crash_is_paged_as_an_incident_and_not_a_second_time(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    async with webhook(pages) as page_url, alertmanager(tmp_path / "alertmanager", page_url) as pager:
        extra = {"ALERTMANAGER_URL": f"http://{pager}"}
        async with (
            chain(tmp_path / "chain", extra_env=extra) as running,
            prometheus(tmp_path / "prometheus", _targets(running, pager)) as url,
        ):
            await _scraped(running, url, 'ALERTS{alertname="DetectorWorks"}')
            await asyncio.sleep(6)  # Alertmanager knows it, too
            os.kill(running.backend_pid(), signal.SIGKILL)
            await until(lambda: "BarwatchIncident" in _names(pages), "the page of the incident")
            await asyncio.sleep(20)  # scrape, evaluation and group_wait of the second way have passed
            assert _names(pages) == {"BarwatchIncident"}
            (alert,) = [one for page in pages for one in page["alerts"]][:1]
            assert alert["labels"]["cause"] == "killed"


async def test_without_the_detector_a_crash_is_paged_within_the_stated_time(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = []
    (nobody,) = free_addresses(1)
    async with (
        webhook(pages) as page_url,
        alertmanager(tmp_path / "alertmanager", page_url) as pager,
        chain(tmp_path / "chain") as running,
        prometheus(tmp_path / "prometheus", _targets(running, pager) | {"detector": nobody}) as url,
    ):
        await _scraped(running, url, 'up{job="backend"} == 1')
        os.kill(running.backend_pid(), signal.SIGKILL)
        await until(lambda: "BackendRestarted" in _names(pages), "the page of the second way", within_s=STATED_S)
        await until(lambda: "DetectorDead" in _names(pages), "the page that the detector is dead", within_s=STATED_S)
