"""One failed request through everything that is shipped: the same ids in incident, page, metrics, logs, trace and error event."""

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.alloy import read_config, shipped, targets
from tests.bugsink import Bugsink, bugsink
from tests.e2e.chain import Chain, chain, until, webhook
from tests.e2e.fault_actions import FAULTY, post
from tests.e2e.stack import alertmanager, asked, prometheus
from tests.e2e.test_upload_in_the_chain import LIST
from tests.e2e.test_upload_in_the_chain import post as upload
from tests.loki import Loki, loki
from tests.otlp import Span, otlp

__all__ = ["bugsink"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


async def ship(running: Chain, server: Loki) -> None:
    """Push each line of the logs to Loki, as the shipped configuration of Alloy says."""
    for target, process in targets(read_config()):
        log = running.logs / target["__path__"].rpartition("/")[2]
        for line in log.read_text("utf-8").splitlines() if log.exists() else ():
            entry = shipped(line, target, process, datetime.now(UTC))
            body = {"stream": entry.labels, "values": [[str(entry.at_ns), line, entry.metadata]]}
            async with running.client.post(f"{server.url}/loki/api/v1/push", json={"streams": [body]}) as answer:
                assert answer.status == 204, await answer.text()


def _alerts(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [alert for page in pages for alert in page["alerts"] if alert["labels"]["alertname"] == "BarwatchIncident"]


async def test_an_exception_is_one_story_everywhere(tmp_path: Path, bugsink: Bugsink) -> None:
    pages: list[dict[str, Any]] = []
    spans: list[Span] = []
    async with (
        webhook(pages) as page_url,
        alertmanager(tmp_path / "alertmanager", page_url) as pager,
        otlp(spans) as endpoint,
        loki() as logs,
    ):
        extra = {
            "ALERTMANAGER_URL": f"http://{pager}",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "SENTRY_DSN": bugsink.dsn,
            "ERROR_LINK": bugsink.error_link,
        }
        async with (
            chain(tmp_path / "chain", FAULTY, options=(), extra_env=extra) as running,
            prometheus(tmp_path / "prometheus", {"detector": running.detector.removeprefix("http://")}) as url,
        ):
            hurt = await post(running, "at=draw&fault=bug")
            assert hurt.status == 500
            incident = await running.only_incident()
            assert incident["request_ids"] == [hurt.request_id]
            (trace_id,) = incident["trace_ids"]

            await until(lambda: _alerts(pages), "the page from Alertmanager")
            assert _alerts(pages)[0]["labels"]["incident"] == incident["id"]

            row = f'detector_incident_open_since_seconds{{incident="{incident["id"]}"}}'
            await until(lambda: asked(running.client, url, row), "the incident in Prometheus")

            await until(lambda: any(span.trace_id == trace_id and span.failed for span in spans), "the failed span")
            assert {span.service for span in spans} == {"barwatch"}

            events = await asyncio.to_thread(bugsink.events)
            (event,) = [one for one in events if one["event"] in incident["sentry_event_ids"]]
            assert event["grouping"] == incident["fingerprint"]

            await ship(running, logs)
            found = [entry for entry in logs.entries if entry.shown().get("request_id") == hurt.request_id]
            assert {entry.labels["log"] for entry in found} == {"access", "backend"}
            assert {entry.shown().get("trace_id") for entry in found} == {trace_id}


async def test_a_silent_death_leaves_the_same_ids_in_trace_and_logs(tmp_path: Path) -> None:
    spans: list[Span] = []
    async with otlp(spans) as endpoint, loki() as logs:
        extra = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
        async with chain(tmp_path / "chain", extra_env=extra) as running:
            sending = asyncio.create_task(upload(running, LIST))
            await until(lambda: _drawing(running), "stage draw", within_s=60)
            os.kill(running.backend_pid(), signal.SIGKILL)
            await sending
            incident = await running.only_incident()
            (trace_id,) = incident["trace_ids"]
            await until(
                lambda: any(span.trace_id == trace_id and span.name.endswith("publish") for span in spans),
                "the trace to go on in the next process",
                within_s=90,
            )
            await ship(running, logs)
    told = {entry.shown().get("event") for entry in logs.entries if entry.shown().get("trace_id") == trace_id}
    assert {"upload.stage.started", "upload.stage.interrupted", "upload.stage.finished"} <= told


def _drawing(running: Chain) -> bool:
    return any(line["stage"] == "draw" for line in running.lines("upload.stage.started"))
