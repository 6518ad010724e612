"""A real PostgreSQL for a test session: `postgres_url` is an empty database of its own for each test."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest


def _bin() -> Path:
    """Return the directory of the server's programs; Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    assert on_path, "PostgreSQL is missing: run deploy/install.sh servers"
    return Path(on_path).parent


def _as_postgres(*argv: str) -> list[str]:
    """Return the command for the user that the server runs as: it refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *argv] if os.getuid() == 0 else list(argv)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server in a directory of its own, without fsync; give the URL of its `postgres` database."""
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.getuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    data, port = home / "data", _free_port()
    try:
        subprocess.run(
            _as_postgres(str(_bin() / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8"),
            check=True, capture_output=True, cwd=home,
        )  # fmt: skip
        options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        control = str(_bin() / "pg_ctl")
        start = (control, "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
        subprocess.run(_as_postgres(*start), check=True, stdout=subprocess.DEVNULL, cwd=home)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            stop = _as_postgres(control, "-D", str(data), "-m", "immediate", "stop")
            subprocess.run(stop, check=False, stdout=subprocess.DEVNULL, cwd=home)
    finally:
        with suppress(OSError):
            shutil.rmtree(home)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the URL of a server's own database."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """Give the URL of a new, empty database."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return postgres_server.removesuffix("postgres") + name
