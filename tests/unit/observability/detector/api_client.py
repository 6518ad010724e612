"""The detector's application on a real SQLite store, for tests of API and pages."""

from collections.abc import AsyncIterator
from datetime import UTC
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request
from pytest_aiohttp.plugin import AiohttpClient

from observability.detector.access import Access
from observability.detector.api import Parts, build_api
from observability.detector.incidents import Attempt, Opened
from observability.detector.life import Life
from observability.detector.lifecycle import Policy
from observability.detector.measures import Measures
from observability.detector.pipeline import Pipeline
from observability.detector.presentation import LinkTemplates, present
from observability.detector.proxied import TrustedProxy
from observability.detector.silences_file import SilencesFile
from observability.detector.store import Loaded, Store, Wanted, open_store
from observability.detector.web import add_pages
from observability.metrics import new_registry
from tests.unit.observability.detector.incident_examples import T0, incident

TOKEN = "a-secret-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
LINKS = LinkTemplates(logs="https://logs.example/?q={request_id}", error="https://errors.example/{sentry_event_id}")
Client = TestClient[Request, Application]

__all__ = ["BEARER", "TOKEN", "Client", "client", "store"]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Give a store that holds one open incident, one that is resolved and one of a selftest."""
    async with open_store(f"sqlite:///{tmp_path}/incidents.db", lambda _: ("webhook",)) as opened:
        await opened.load()
        found = (
            incident("inc-1"),
            incident("inc-0", after_s=-60, state="resolved", severity="ticket"),
            incident("inc-9", after_s=60, synthetic=True),
        )
        lived = {one.id: Life(told=one.state == "open") for one in found}
        await opened.commit([Opened(one) for one in found], {}, {}, now=T0, lived=lived)
        for due in await opened.due(Wanted("webhook", 8)):
            await opened.record(due, Attempt("webhook", T0, "retry", "timeout: no answer", "opened"))
        yield opened


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, store: Store) -> Client:
    """Give a client of the whole application."""
    registry = new_registry(service="barwatch", version="1")
    measures = Measures(registry, ("webhook",))
    pipeline = Pipeline(
        store, Loaded({}, {}), measures, Policy(), clock=lambda: T0, zone=lambda: UTC, wake=lambda: None
    )
    parts = Parts(
        store=store,
        access=Access(TOKEN),
        act=pipeline.act,
        present=lambda document, attempts: present(document, LINKS, attempts),
        measures=measures,
        registry=registry,
        alive=lambda: True,
        clock=lambda: T0,
        silences=SilencesFile(None, lambda: T0).shown,
        proxy=TrustedProxy("X-Forwarded-User", (ip_network("127.0.0.0/8"),)),
    )
    app = build_api(parts)
    add_pages(app)
    return await aiohttp_client(app)
