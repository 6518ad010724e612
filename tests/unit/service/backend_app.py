"""The whole application in this process, on real files, SQLite, DBOS and children."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from observability.config import load_observability
from observability.tracing import tracer_provider
from service.app import Wiring, build_app
from service.config import load_backend
from tests.held_answers import held


def environment(state: Path) -> dict[str, str]:
    """Return a valid environment; the directories exist."""
    env = {"STATE_DIR": str(state), "EXECUTOR_ID": "test", "MAX_FILE_MB": "2", "BACKEND_ADDR": "127.0.0.1:1"}
    for name in ("UPLOAD_DIR", "DOWNLOAD_DIR", "LOGS_DIR"):
        env[name] = str(state / name.partition("_")[0].lower())
        Path(env[name]).mkdir(parents=True, exist_ok=True)
    return env


@asynccontextmanager
async def serving(state: Path, extra: Mapping[str, str] | None = None) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """Yield a client of the running application."""
    env = environment(state) | dict(extra or {})
    observability = load_observability(env)
    app = build_app(Wiring(load_backend(env), observability, tracer_provider(observability), env))
    async with TestClient(TestServer(app), trace_configs=[held()]) as client:
        yield client
