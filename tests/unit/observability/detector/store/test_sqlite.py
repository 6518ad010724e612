"""The store on SQLite, the embedded default."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from observability.detector.store import Filters, StoreUnavailable, incidents, open_store
from observability.detector.store.schema import HEAD, MIGRATIONS
from observability.detector.store.tables import METADATA
from tests.unit.observability.detector.incident_examples import T0
from tests.unit.observability.detector.store.store_suite import CHECKPOINT, StoreSuite


class TestSqlite(StoreSuite):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/deep/incidents.db"


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/incidents.db"

    async def make() -> None:
        async with open_store(url):
            pass

    asyncio.run(make())
    with create_engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_head_that_the_code_knows_is_the_last_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


APART = {"here": ("", ["True", "False"]), "apart": (", migrate=store.upgrade_apart", ["False", "False"])}


@pytest.mark.parametrize(("migrate", "loaded"), APART.values(), ids=APART)
def test_alembic_is_loaded_only_where_something_is_migrated_here(
    tmp_path: Path, migrate: str, loaded: list[str]
) -> None:
    program = (
        "import asyncio, sys; from observability.detector import store\n"
        "async def go():\n"
        f"    async with store.open_store('sqlite:///{tmp_path}/incidents.db'{migrate}) as opened:\n"
        "        await opened.load()\n"
        "asyncio.run(go()); print('alembic' in sys.modules)"
    )
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True) for _ in "12"]
    assert [run.stdout.strip() for run in runs] == loaded


PLANS = {
    "the list": (Filters(), "USING INDEX ix_incidents_list"),
    "those of one cause": (Filters(cause="deploy"), "USING INDEX ix_incidents_list"),
    "those of one route and severity": (Filters(route="GET /", severity="page"), "USING INDEX ix_incidents_list"),
    "open ones": (Filters(state="open"), "USING INDEX ix_incidents_list"),
    "those of one fingerprint": (Filters(fingerprint="v1:x"), "USING INDEX ix_incidents_fingerprint"),
}


@pytest.mark.parametrize(("filters", "wanted"), PLANS.values(), ids=PLANS)
async def test_the_list_is_read_in_the_order_of_an_index(tmp_path: Path, filters: Filters, wanted: str) -> None:
    seen: list[str] = []

    def explain(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(seen.append)
        incidents.list_incidents(connection, filters, 50, "MTIzOmE")
        driver.set_trace_callback(None)
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {seen[-1]}").all()
        seen[:] = [row[3] for row in plan]

    async with open_store(f"sqlite:///{tmp_path}/incidents.db") as store:
        await store._run(explain)
    assert len(seen) == 1, seen  # no "USE TEMP B-TREE FOR ORDER BY"
    assert wanted in seen[0]


async def test_a_database_that_fails_is_said_so_and_the_commit_can_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "incidents.db"
    async with open_store(f"sqlite:///{path}") as store:
        await store.load()
        with sqlite3.connect(path) as other:
            other.execute("ALTER TABLE checkpoints RENAME TO hidden")
        with pytest.raises(StoreUnavailable, match="no such table"):
            await store.commit((), {}, CHECKPOINT, now=T0)
        with sqlite3.connect(path) as other:
            other.execute("ALTER TABLE hidden RENAME TO checkpoints")
        await store.commit((), {}, CHECKPOINT, now=T0)
        assert (await store.load()).checkpoints == CHECKPOINT
