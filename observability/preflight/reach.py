"""What must be set, answer, load or be free: settings, database, imports, port."""

import errno
import importlib
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from observability.detector.signals import Check
from observability.preflight.verdicts import failed, passed

_TIMEOUT_S: Final = 2
_LISTEN: Final = "0A"  # /proc/net/tcp: TCP_LISTEN


def setting(name: str, value: str | None, *, example: str) -> Check:
    """Return whether a setting that has no default was given. Its value is not shown: it may be a secret."""
    if value is not None and value.strip():
        return passed(name, name, "set")
    return failed(name, name, "not set", f"Set {name}, such as {name}={example}")


def database(name: str, url: str) -> Check:
    """Return whether the database answers, and can be written where it is a file. Never shows the password."""
    import sqlalchemy  # heavy: only where a database is checked

    try:
        parsed = sqlalchemy.make_url(url)
    except sqlalchemy.exc.ArgumentError:
        return failed(name, name, "not a database URL", f"Set {name}=postgresql+psycopg://USER@HOST/DB")
    what = f"{name}={parsed.render_as_string(hide_password=True)}"
    sqlite = parsed.get_backend_name() == "sqlite"
    options: dict[str, int] = {"timeout": _TIMEOUT_S} if sqlite else {"connect_timeout": _TIMEOUT_S}
    try:
        engine = sqlalchemy.create_engine(parsed, poolclass=sqlalchemy.NullPool, connect_args=options)
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else "SELECT 1")
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError) as error:
        return _refused(name, what, error, sqlite_file=parsed.database if sqlite else None)
    return passed(name, what, "answers")


def _refused(name: str, what: str, error: Exception, sqlite_file: str | None) -> Check:
    text = str(getattr(error, "orig", None) or error).strip().splitlines()
    found = text[0] if text else type(error).__name__
    if sqlite_file is not None and "locked" in found:
        return passed(name, what, "answers; another process is writing")
    if sqlite_file is not None:
        remedy = f"Run: ls -ld {Path(sqlite_file).absolute().parent} {sqlite_file}"
    else:
        remedy = f"Start the server, or correct {name}; try: pg_isready -d '<the URL>'"
    return failed(name, what, found, remedy)


def importable(name: str, modules: Sequence[str]) -> Check:
    """Return whether all modules load, with each one that does not."""
    failures = [failure for module in modules if (failure := _import_failure(module)) is not None]
    what = f"{name}: {', '.join(modules)}"
    if not failures:
        return passed(name, what, "all load")
    return failed(name, what, "; ".join(failures), "Install what is missing: make install")


def _import_failure(module: str) -> str | None:
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 — the edge: a module may raise anything while it loads, OSError for a missing .so
        return f"{module}: {type(error).__name__}: {error}"
    return None


def port_free(name: str, address: str) -> Check:
    """Return whether this process could listen on "host:port", and who does where it is taken. For `start` only."""
    host, _, port_text = address.rpartition(":")
    what = f"{name}={address}"
    if not port_text.isdigit() or not 0 < int(port_text) < 65536:
        return failed(name, what, "not host:port", f"Set {name}=127.0.0.1:8034")
    port, family = int(port_text), socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host.strip("[]") or "0.0.0.0", port))
            listener.listen()
    except OSError as error:
        return _not_free(name, what, port, error)
    return passed(name, what, "free")


def _not_free(name: str, what: str, port: int, error: OSError) -> Check:
    if error.errno == errno.EADDRINUSE:
        holder = holder_of(port)
        found = f"port {port} is taken by {holder}" if holder else f"port {port} is taken"
        return failed(name, what, found, f"Stop it (ss -ltnp 'sport = :{port}'), or set another {name}")
    if error.errno == errno.EACCES:
        return failed(name, what, f"uid {os.geteuid()} may not use port {port}", f"Set {name} to a port above 1023")
    return failed(name, what, str(error.strerror or error), f"Set {name} to an address of this machine: ip addr")


def holder_of(port: int, proc: Path = Path("/proc")) -> str | None:
    """Return "pid 123 (nginx)" for who listens on a port; None where it cannot be seen (another user's, another namespace's)."""
    wanted = {f"socket:[{inode}]" for inode in _listening(port, proc)}
    for entry in proc.iterdir():
        if entry.name.isdigit() and wanted & set(_links(entry / "fd")):
            return f"pid {entry.name} ({_read(entry / 'comm').strip()})"
    return None


def _listening(port: int, proc: Path) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        for line in _read(proc / "net" / table).splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _links(folder: Path) -> Iterator[str]:
    try:
        for link in folder.iterdir():
            yield str(link.readlink())
    except OSError:
        return


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
