"""Each state of the incident pages at once, on a real store: what tests of looks and screenshots look at."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from observability.detector.access import Access
from observability.detector.api import Parts, build_api
from observability.detector.fate import Fate
from observability.detector.incidents import Attempt, Incident, Opened
from observability.detector.life import Acknowledged, Entry, Flapping, Life, Silenced
from observability.detector.lifecycle import Policy
from observability.detector.measures import Measures
from observability.detector.pipeline import Pipeline
from observability.detector.presentation import LinkTemplates, present
from observability.detector.silences_file import SilencesFile
from observability.detector.store import Loaded, Store, Wanted, open_store
from observability.detector.web import add_failed_page, add_pages
from observability.metrics import new_registry
from tests.e2e.browser.showpieces import HOSTILE, NOON, PIECES, STORM
from tests.e2e.chain import TOKEN

NOW = NOON + timedelta(minutes=10)
LINKS = LinkTemplates(
    "https://logs.example/?q={request_id}",
    "https://traces.example/{trace_id}",
    "",
    "https://dashboards.example/barwatch",
)
KEPT = Fate("kept", "3f2a", "draw", "inc-crash", "open")
# A name for each state, and where it is seen.
STATES = {
    "sign-in": "/incidents/sign-in",
    "list": "/incidents",
    "list-resolved": "/incidents?state=resolved",
    "list-no-match": "/incidents?text=zebra",
    "incident": "/incidents/inc-crash",
    "incident-acknowledged": "/incidents/inc-ack",
    "incident-resolved": "/incidents/inc-over",
    "incident-several-causes": "/incidents/inc-unsure",
    "incident-hostile": "/incidents/inc-hostile",
    "storm": f"/incidents/{STORM}",
    "runbook": "/incidents/inc-crash/runbook",
    "wrong": "/incidents/inc-nowhere",
}


# What nginx asks for when a request got no answer, and as what.
FAILED = (
    "/failed-request",
    {"X-Request-ID": "7a1c2d90f3b84c7e9d21aa0b5c6e7f80", "X-Failed-Request": "POST /api/barcodes/upload-excel"},
)


@dataclass(frozen=True, slots=True)
class Gallery:
    """Where the pages are: with everything, and of a detector that has nothing to show."""

    full: str
    empty: str


@asynccontextmanager
async def gallery(state: Path) -> AsyncIterator[Gallery]:
    """Serve both."""
    async with AsyncExitStack() as opened:
        urls = []
        for name in ("full", "empty"):
            store = await opened.enter_async_context(open_store(f"sqlite:///{state}/{name}.db", lambda _: ("webhook",)))
            await store.load()
            urls.append(await opened.enter_async_context(_served(store)))
            if name == "full":
                await _fill(store)
        yield Gallery(*urls)


@asynccontextmanager
async def _served(store: Store) -> AsyncIterator[str]:
    registry = new_registry(service="barwatch", version="1")
    measures = Measures(registry, ("webhook",))

    def clock() -> datetime:
        return NOW

    pipeline = Pipeline(store, Loaded({}, {}), measures, Policy(), clock=clock, zone=lambda: UTC, wake=lambda: None)
    app = build_api(
        Parts(
            store=store, access=Access(TOKEN), act=pipeline.act, present=lambda one, tried: present(one, LINKS, tried),
            measures=measures, registry=registry, alive=lambda: True, clock=clock,
            silences=SilencesFile(None, clock).shown,
        )
    )  # fmt: skip
    add_pages(app)
    add_failed_page(app, lambda _: KEPT)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _fill(store: Store) -> None:
    await store.commit(map(Opened, PIECES), {}, {}, now=NOW, lived={piece.id: _life(piece) for piece in PIECES})
    for due in await store.due(Wanted("webhook", 50)):
        await store.record(due, Attempt("webhook", NOW, "retry", "timeout: no answer within 10 s", "opened"))
        await store.record(due, Attempt("webhook", NOW + timedelta(seconds=2), "delivered", "", "opened"))


def _life(piece: Incident) -> Life:
    opened = (Entry(piece.first_seen, "opened"),)
    until = NOW + timedelta(hours=2)
    match piece.id:
        case "inc-ack":
            on_it = Entry(NOW, "acknowledged", "Ann", "restarting with more memory")
            return Life(True, Acknowledged(NOW, until, "Ann", on_it.note), history=(*opened, on_it))
        case "inc-over":
            return Life(history=(*opened, Entry(piece.last_seen, "resolved", "", "8 uploads went well")))
        case "inc-unsure":
            return Life(True, flapping=Flapping(piece.first_seen, until, 5), history=opened)
        case "inc-hostile":
            said = Silenced(NOW, until, HOSTILE, HOSTILE, person=True)
            return Life(True, silenced=said, history=(Entry(NOW, "noted", HOSTILE, HOSTILE),))
        case _:
            return Life(True, storm=STORM if piece.id.startswith("inc-s") else None, history=opened)
