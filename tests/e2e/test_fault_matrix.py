"""The fault matrix: what kills or wounds a backend behind a real nginx, and the one incident that explains it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.chain import Chain, chain
from tests.e2e.fault_case import SILENCE_S, Fault, Surroundings, assert_explains, assert_told_once
from tests.e2e.faults_of_nobody import NOBODY
from tests.e2e.faults_of_processes import PROCESSES
from tests.e2e.faults_of_requests import REQUESTS
from tests.e2e.faults_of_surroundings import SURROUNDINGS

pytestmark = pytest.mark.e2e

FAULTS = {**REQUESTS, **PROCESSES, **SURROUNDINGS}


def surrounded(state: Path, about: Surroundings, **more: Any) -> AbstractAsyncContextManager[Chain]:
    """Return the chain with these surroundings."""
    given: dict[str, Any] = {
        "command": about.command,
        "options": about.options,
        "read_timeout_s": about.read_timeout_s,
        "wait_for_backend": about.wait_for_backend,
        "extra_env": about.env,
        "upstream": about.upstream,
    }
    return chain(state, **{**given, **more})


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_fault_gives_one_incident_with_its_cause(tmp_path: Path, fault: Fault) -> None:
    assert fault.expect is not None
    about = fault.surroundings
    with about.around(tmp_path) as more:
        async with surrounded(tmp_path, about, **more) as running:
            hurt = await fault.do(running)
            assert fault.status in (None, hurt.status)
            incident = await running.only_incident()
            assert_explains(incident, hurt, fault.expect)
            await assert_told_once(running, incident)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def peaceful(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    """One chain for all rows that nothing may come of: what one of them left behind, the next would find."""
    async with surrounded(tmp_path_factory.mktemp("peaceful"), Surroundings()) as running:
        yield running


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("fault", NOBODY.values(), ids=NOBODY)
async def test_what_is_no_fault_of_ours_gives_nothing(peaceful: Chain, fault: Fault) -> None:
    hurt = await fault.do(peaceful)
    assert fault.status in (None, hurt.status)
    await asyncio.sleep(SILENCE_S)
    found = await peaceful.incidents()
    assert found == [], [(item["title"], item["cause"]["code"], item["evidence"]) for item in found]
    assert peaceful.pages == []
