"""URL to an engine: one connection, and how SQLite is to write."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool


def engine_of(url: URL) -> Engine:
    """Return an engine with one connection, used by one thread at a time."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
    # Migration runs in another thread than the queries.
    own = {"check_same_thread": False}
    engine = create_engine(url, pool_size=1, max_overflow=0, poolclass=QueuePool, connect_args=own)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """WAL lets others read beside us; NORMAL survives the death of the process, and a power cut keeps the database whole.

    The only fsync is that of WAL's checkpoint, and it stands in the way of a page: every 16 MB instead of every 4 MB.
    """
    connection.isolation_level = None  # we begin ourselves: Python 3.11 would leave DDL outside of the transaction
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
