"""The store on a real PostgreSQL: the same behaviour, and it outlives a restart of the server's connections."""

import psycopg
import pytest

from observability.detector.incidents import Opened
from observability.detector.store import StoreBusy, StoreUnavailable, open_store
from tests.postgres import postgres_server, postgres_url
from tests.unit.observability.detector.incident_examples import T0, incident
from tests.unit.observability.detector.store.store_suite import CHECKPOINT, StoreSuite

__all__ = ["postgres_server", "postgres_url"]
pytestmark = pytest.mark.e2e


class TestPostgres(StoreSuite):
    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url


def cut_off_all(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_lost_connection_is_made_anew(postgres_url: str) -> None:
    async with open_store(postgres_url) as store:
        await store.load()
        cut_off_all(postgres_url)
        try:
            await store.commit((), {"correlate": "{}"}, CHECKPOINT, now=T0)
        except StoreUnavailable:  # noticed only now: the pool connects anew for the next one
            await store.commit((), {"correlate": "{}"}, CHECKPOINT, now=T0)
        assert (await store.load()).checkpoints == CHECKPOINT


async def test_a_detector_that_lost_its_connection_does_not_write_beside_another(postgres_url: str) -> None:
    async with open_store(postgres_url) as first:
        await first.load()
        cut_off_all(postgres_url)
        async with open_store(postgres_url) as second:
            await second.load()
            with pytest.raises((StoreBusy, StoreUnavailable)):
                await first.commit((), {"correlate": "{}"}, CHECKPOINT, now=T0)
            with pytest.raises(StoreBusy):
                await first.commit((), {"correlate": "{}"}, CHECKPOINT, now=T0)
            assert (await second.load()).checkpoints == {}


async def test_ten_thousand_incidents_are_listed_in_the_order_of_an_index(postgres_url: str) -> None:
    async with open_store(postgres_url) as store:
        for start in range(0, 10_000, 1000):
            changes = [
                Opened(incident(f"i{number}", after_s=number, fingerprint=f"v1:{number}"))
                for number in range(start, start + 1000)
            ]
            await store.commit(changes, {}, CHECKPOINT, now=T0, tell=())
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("ANALYZE incidents")
        found = other.execute(
            "EXPLAIN SELECT document FROM incidents WHERE NOT synthetic AND route = 'GET /none' AND state = 'open'"
            " ORDER BY first_seen_us DESC, id DESC LIMIT 51"
        ).fetchall()
        same = other.execute("EXPLAIN SELECT document FROM incidents WHERE fingerprint IN ('v1:7', 'v1:8')").fetchall()
    assert any("ix_incidents_list" in row[0] for row in found), found
    assert not any("Sort" in row[0] for row in found), found
    assert any("ix_incidents_fingerprint" in row[0] for row in same), same
