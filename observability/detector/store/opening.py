"""URL to an open store: connects, migrates where needed, and holds the lock of the one active detector."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url

from observability.detector.store.engine import engine_of
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
async def open_store(
    url: str, recipients: Recipients = lambda _: (), migrate: Callable[[Engine], None] = upgrade
) -> AsyncIterator[Store]:
    """Open, migrate and lock the store. Raises StoreBusy, or SQLAlchemy's errors when it cannot be reached."""
    with ExitStack() as opened:
        engine = await asyncio.to_thread(_prepare, opened, url, migrate)
        store = Store(engine, recipients)
        try:
            yield store
        finally:
            await store.close()


def _prepare(opened: ExitStack, url: str, migrate: Callable[[Engine], None]) -> Engine:
    parsed = _with_driver(make_url(url))
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        opened.enter_context(_file_lock(Path(f"{parsed.database}.lock"), url))
        Path(parsed.database).touch(mode=0o600)  # log lines are in it; -wal and -shm take over its mode
    engine = engine_of(parsed)
    if parsed.get_backend_name() != "sqlite":
        event.listen(engine, "connect", partial(_take_lock, parsed.render_as_string(hide_password=True)))
    opened.callback(engine.dispose)
    migrate(engine)
    return engine


def _with_driver(url: URL) -> URL:
    """Take "postgresql://…" as people write it: psycopg 3 is the driver that is installed."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


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
