"""Environment to typed settings of the backend and of `barwatch up`; every bad or missing value in one error."""

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from observability.config import Field, Invalid, SettingsError
from observability.kept import kept

__all__ = ["FIELDS", "BackendSettings", "SettingsError", "UpSettings", "load_backend", "load_up"]

FIELDS: Final = (
    Field("FRONT_ADDR", "127.0.0.1:8080", "Where nginx listens: upload page, API and incidents"),
    Field("BACKEND_ADDR", "127.0.0.1:8034", "Where the backend listens"),
    Field("DETECTOR_ADDR", "127.0.0.1:8035", "Where the detector listens"),
    Field("STATE_DIR", "var", "Directory of all state"),
    Field("UPLOAD_DIR", "", "Directory of uploads and of jobs at work; `barwatch up` sets STATE_DIR/uploads"),
    Field("DOWNLOAD_DIR", "", "Directory of finished labels; `barwatch up` sets STATE_DIR/downloads"),
    Field("LOGS_DIR", "", "Directory of the logs of nginx and the backend; `barwatch up` sets STATE_DIR/logs"),
    Field("ACCESS_TOKEN", "", "Token for incidents; by default one is made and kept in STATE_DIR/access-token"),
    Field("DATABASE_URL", "", "Database of the jobs, such as postgresql://USER@HOST/DB; by default STATE_DIR/jobs.sqlite"),
    Field("FILES_URL", "", "Object store for files, such as s3://BUCKET/PREFIX, where replicas share no disk"),
    Field("EXECUTOR_ID", "", "Name under which this replica finds its jobs again; by default kept in STATE_DIR/executor-id"),
    Field("MAX_FILE_MB", "20", "Largest file that is accepted, in MB of 1,000,000 bytes"),
    Field("WORKERS", "", "Children that read and draw at once; by default the number of processors, at least 2"),
    Field("WORKER_MEMORY_MB", "1024", "Memory of one child, in MiB"),
    Field("READ_SECONDS", "60", "Time that reading one file may take"),
    Field("LOGO_FILE", "", "PNG that is drawn on each label that has room for it; layouts say where"),
    Field("QUEUE_LIMIT", "500", "Jobs that may wait or run at once; more are refused with 429"),
    Field("CLIENT_UPLOADS_PER_MINUTE", "60", "Uploads that one address may send in a minute; more are refused with 429"),
    Field("CLIENT_OPEN_UPLOADS", "16", "Uploads of one address that may be under way at once; more are refused with 429"),
    Field("TRUSTED_PROXIES", "", "Proxies whose X-Forwarded-For is believed, beside this machine, such as 10.0.7.0/24,192.0.2.1"),
    Field("KEEP_HOURS", "168", "How long a finished job and its files are kept"),
    Field("READ_TIMEOUT_S", "75", "How long nginx waits for the backend's answer"),
)  # fmt: skip

Network = IPv4Network | IPv6Network
_WHOLE: Final = {
    "MAX_FILE_MB": (1, 2_000),
    "WORKERS": (1, 256),
    "WORKER_MEMORY_MB": (128, 65_536),
    "READ_SECONDS": (1, 3_600),
    "QUEUE_LIMIT": (1, 100_000),
    "CLIENT_UPLOADS_PER_MINUTE": (1, 1_000_000),
    "CLIENT_OPEN_UPLOADS": (1, 100_000),
    "KEEP_HOURS": (1, 87_600),
    "READ_TIMEOUT_S": (1, 3_600),
}
_ADDRESSES: Final = ("FRONT_ADDR", "BACKEND_ADDR", "DETECTOR_ADDR")
_DIRECTORIES: Final = ("UPLOAD_DIR", "DOWNLOAD_DIR", "LOGS_DIR")


@dataclass(frozen=True, slots=True)
class BackendSettings:
    """What `barwatch backend` runs with."""

    backend_addr: str
    state_dir: Path
    upload_dir: Path
    download_dir: Path
    logs_dir: Path
    database_url: str
    files_url: str | None
    executor_id: str | None  # None: kept in STATE_DIR
    max_file_bytes: int
    workers: int
    worker_memory_bytes: int
    read_seconds: int
    queue_limit: int
    client_uploads_per_minute: int
    client_open_uploads: int
    trusted_proxies: tuple[Network, ...]
    keep_hours: int
    logo_file: Path | None

    @property
    def host(self) -> str:
        return self.backend_addr.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.backend_addr.rpartition(":")[2])

    @property
    def journal(self) -> Path:
        return self.state_dir / "stages.journal"

    def executor(self) -> str:
        """Return the stable name of this replica; made once where it is not set. Raises OSError."""
        if self.executor_id is not None:
            return self.executor_id
        return kept(self.state_dir / "executor-id", lambda: f"{socket.gethostname()}-{secrets.token_hex(4)}")


@dataclass(frozen=True, slots=True)
class UpSettings:
    """What `barwatch up` starts its parts with."""

    state_dir: Path
    upload_dir: Path
    download_dir: Path
    logs_dir: Path
    front_addr: str
    backend_addr: str
    detector_addr: str
    max_file_bytes: int
    read_timeout_s: int
    given_token: str | None

    def access_token(self) -> str:
        """Return the token for incidents; made once where it is not set. Raises OSError."""
        return self.given_token or kept(self.state_dir / "access-token", lambda: secrets.token_urlsafe(24))

    def environ(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of the parts: `base` with every directory and address spelled out."""
        return {
            **base,
            "STATE_DIR": str(self.state_dir),
            "UPLOAD_DIR": str(self.upload_dir),
            "DOWNLOAD_DIR": str(self.download_dir),
            "LOGS_DIR": str(self.logs_dir),
            "FRONT_ADDR": self.front_addr,
            "BACKEND_ADDR": self.backend_addr,
            "DETECTOR_ADDR": self.detector_addr,
            "ACCESS_TOKEN": self.access_token(),
        }


def load_backend(environ: Mapping[str, str]) -> BackendSettings:
    """Return the backend's settings. Raises SettingsError with all that is bad or missing."""
    given = _given(environ)
    wrong = [*_bad_values(given), *(_not_set(name) for name in _DIRECTORIES if not given[name])]
    if wrong:
        raise SettingsError(tuple(wrong))
    state_dir = Path(given["STATE_DIR"]).absolute()
    return BackendSettings(
        backend_addr=given["BACKEND_ADDR"],
        state_dir=state_dir,
        upload_dir=Path(given["UPLOAD_DIR"]).absolute(),
        download_dir=Path(given["DOWNLOAD_DIR"]).absolute(),
        logs_dir=Path(given["LOGS_DIR"]).absolute(),
        database_url=given["DATABASE_URL"] or f"sqlite:///{state_dir / 'jobs.sqlite'}",
        files_url=given["FILES_URL"] or None,
        executor_id=given["EXECUTOR_ID"] or None,
        max_file_bytes=int(given["MAX_FILE_MB"]) * 1_000_000,
        workers=int(given["WORKERS"] or max(2, os.cpu_count() or 1)),
        worker_memory_bytes=int(given["WORKER_MEMORY_MB"]) << 20,
        read_seconds=int(given["READ_SECONDS"]),
        queue_limit=int(given["QUEUE_LIMIT"]),
        client_uploads_per_minute=int(given["CLIENT_UPLOADS_PER_MINUTE"]),
        client_open_uploads=int(given["CLIENT_OPEN_UPLOADS"]),
        trusted_proxies=tuple(map(ip_network, _listed(given["TRUSTED_PROXIES"]))),
        keep_hours=int(given["KEEP_HOURS"]),
        logo_file=Path(given["LOGO_FILE"]).absolute() if given["LOGO_FILE"] else None,
    )


def load_up(environ: Mapping[str, str]) -> UpSettings:
    """Return the settings of `barwatch up`: what is not set lies under STATE_DIR. Raises SettingsError."""
    given = _given(environ)
    if wrong := tuple(_bad_values(given)):
        raise SettingsError(wrong)
    state_dir = Path(given["STATE_DIR"]).absolute()
    return UpSettings(
        state_dir=state_dir,
        upload_dir=Path(given["UPLOAD_DIR"] or state_dir / "uploads").absolute(),
        download_dir=Path(given["DOWNLOAD_DIR"] or state_dir / "downloads").absolute(),
        logs_dir=Path(given["LOGS_DIR"] or state_dir / "logs").absolute(),
        front_addr=given["FRONT_ADDR"],
        backend_addr=given["BACKEND_ADDR"],
        detector_addr=given["DETECTOR_ADDR"],
        max_file_bytes=int(given["MAX_FILE_MB"]) * 1_000_000,
        read_timeout_s=int(given["READ_TIMEOUT_S"]),
        given_token=given["ACCESS_TOKEN"] or None,
    )


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    return {field.name: environ.get(field.name, "").strip() or field.default for field in FIELDS}


def _bad_values(given: Mapping[str, str]) -> list[Invalid]:
    checks: tuple[tuple[tuple[str, ...], Callable[[str, str], Invalid | None]], ...] = (
        (_ADDRESSES, _address),
        (tuple(_WHOLE), _whole),
        (("DATABASE_URL", "FILES_URL"), _url),
        (("TRUSTED_PROXIES",), _networks),
    )
    found = [check(name, given[name]) for names, check in checks for name in names if given[name]]
    return [bad for bad in found if bad is not None]


def _address(name: str, value: str) -> Invalid | None:
    host, _, port = value.rpartition(":")
    if host and port.isascii() and port.isdigit() and 0 < int(port) < 65_536:
        return None
    return Invalid(f"{name}={value}", "not host:port", f"Set one such as {name}=127.0.0.1:8034")


def _whole(name: str, value: str) -> Invalid | None:
    least, most = _WHOLE[name]
    if value.isascii() and value.isdigit() and least <= int(value) <= most:
        return None
    return Invalid(f"{name}={value}", f"not a whole number from {least} to {most}", f"Set {name}={least} or more")


def _url(name: str, value: str) -> Invalid | None:
    if urlsplit(value).scheme:
        return None
    return Invalid(name, "not a URL", f"Set {name} to one with a scheme, or leave it out")  # it may hold a password


def _listed(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _networks(name: str, value: str) -> Invalid | None:
    for item in _listed(value):
        try:
            ip_network(item)
        except ValueError as error:
            return Invalid(f"{name}={value}", str(error), f"Set {name} to addresses or networks such as 10.0.7.0/24")
    return None


def _not_set(name: str) -> Invalid:
    return Invalid(name, "not set", f"Set {name} to a directory that uid {os.geteuid()} may write")
