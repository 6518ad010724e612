"""URL to an open store: connects, migrates where needed, and holds the lock of the one active detector."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import QueuePool

from observability.detector.store.schema import upgrade
from observability.detector.store.store import Recipients, Store

# Any fixed number: the key of pg_try_advisory_lock for "a detector is active on this database".
_LOCK_KEY: Final = 0x6261_7277
_LOCK_WITHIN_S: Final = 3.0


class StoreBusy(Exception):
    """Another detector works on this store: two would tell everything twice."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(f"INCIDENTS_DATABASE_URL={url}: another detector is active on it. Stop it, or set another URL")


@asynccontextmanager
async def open_store(url: str, recipients: Recipients = lambda _: ()) -> AsyncIterator[Store]:
    """Open, migrate and lock the store. Raises StoreBusy, or SQLAlchemy's errors when it cannot be reached."""
    with ExitStack() as opened:
        engine = await asyncio.to_thread(_prepare, opened, url)
        store = Store(engine, recipients)
        try:
            yield store
        finally:
            await store.close()


def _prepare(opened: ExitStack, url: str) -> Engine:
    parsed = _with_driver(make_url(url))
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        opened.enter_context(_file_lock(Path(f"{parsed.database}.lock"), url))
        Path(parsed.database).touch(mode=0o600)  # log lines are in it; -wal and -shm take over its mode
    engine = _engine(parsed)
    opened.callback(engine.dispose)
    upgrade(engine)
    return engine


def _with_driver(url: URL) -> URL:
    """Take "postgresql://…" as people write it: psycopg 3 is the driver that is installed."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _engine(url: URL) -> Engine:
    """Return an engine with one connection, used by one thread at a time."""
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
        event.listen(engine, "connect", partial(_take_lock, url.render_as_string(hide_password=True)))
        return engine
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


@contextmanager
def _file_lock(path: Path, url: str) -> Iterator[None]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreBusy(url) from error
    finally:
        os.close(fd)


def _take_lock(shown_url: str, connection: Any, _record: object) -> None:
    """Take the session's lock with the connection that all work goes through: whoever loses one loses the other.

    Waits a little: the server may need a moment to see that a killed detector is gone.
    """
    deadline = time.monotonic() + _LOCK_WITHIN_S
    with connection.cursor() as cursor:
        while not cursor.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK_KEY,)).fetchone()[0]:
            if time.monotonic() > deadline:
                raise StoreBusy(shown_url)
            time.sleep(0.05)
    connection.commit()
