"""Our incidents and the issues of a real Bugsink: one to one, with the same events, and a link that leads from one to the other."""

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.bugsink import Bugsink, bugsink
from tests.e2e.chain import Chain, chain, until
from tests.e2e.fault_actions import FAULTY, post

__all__ = ["bugsink"]
pytestmark = pytest.mark.e2e

CRASHES = (
    "bug", "chain_of_errors", "group_of_errors", "read_a_missing_file", "use_a_missing_variable", "recurse",
    "ask_a_service_that_refuses", "fill_the_disk", "await_a_cancelled_task",
)  # fmt: skip
TIMES = 3


async def crash(running: Chain) -> None:
    """Crash in each way, several times, one after the other and all mixed."""
    for n in range(TIMES):
        for fault in CRASHES:
            hurt = await post(running, f"at=draw&fault={fault}&n={n}")
            assert hurt.status == 500, fault


async def settled(running: Chain) -> list[dict[str, Any]]:
    """Return the incidents when all crashes are counted."""

    async def all_counted() -> bool:
        counted = [int(incident["occurrences"]) for incident in await running.incidents()]
        return sum(counted) >= TIMES * len(CRASHES)

    await until(all_counted, "all crashes to be counted")
    return await running.incidents()


async def test_incidents_and_issues_are_one_to_one(tmp_path: Path, bugsink: Bugsink) -> None:
    env = {"SENTRY_DSN": bugsink.dsn, "ERROR_LINK": bugsink.error_link}
    async with chain(tmp_path, FAULTY, options=(), extra_env=env) as running:
        await crash(running)
        incidents = await settled(running)
        events: list[dict[str, Any]] = []
        for _ in range(40):
            events = await asyncio.to_thread(bugsink.events)
            if len(events) >= TIMES * len(CRASHES):
                break
            await asyncio.sleep(0.2)
        assert len(events) == TIMES * len(CRASHES)
        assert_same(incidents, events)
        for incident in incidents:
            await assert_link_leads_to_its_issue(running, incident, events, bugsink.session)


def assert_same(incidents: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """Hold fingerprints against issues, in both directions, and the events of each."""
    by_issue: dict[str, set[str]] = defaultdict(set)
    of_issue: dict[str, set[str]] = defaultdict(set)
    for event in events:
        by_issue[event["issue"]].add(event["grouping"])
        of_issue[event["grouping"]].add(event["event"])
    assert [len(keys) for keys in by_issue.values()] == [1] * len(CRASHES)
    assert {incident["fingerprint"]: set(incident["sentry_event_ids"]) for incident in incidents} == dict(of_issue)
    assert {incident["occurrences"] for incident in incidents} == {TIMES}


async def assert_link_leads_to_its_issue(
    running: Chain, incident: dict[str, Any], events: list[dict[str, Any]], session: str
) -> None:
    link = incident["links"]["error"]
    (issue,) = {event["issue"] for event in events if event["grouping"] == incident["fingerprint"]}
    async with running.client.get(link, cookies={"sessionid": session}, allow_redirects=False) as answer:
        assert answer.status == 302, (link, answer.status)
        assert f"/issues/issue/{issue}/" in answer.headers["Location"]
