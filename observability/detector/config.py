"""Environment to the detector's settings: typed, frozen, all errors in one message."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from observability.config import Field, Invalid, SettingsError
from observability.detector import channel_config, life_config, proof_config, proxied, source_config
from observability.detector.channel_config import ChannelSettings, is_http, listed, load_channels, not_http
from observability.detector.lifecycle import Policy
from observability.detector.presentation import LinkTemplates
from observability.detector.proof_config import ProofSettings, load_proof
from observability.detector.proxied import TrustedProxy, load_proxy
from observability.detector.source_config import LokiSource, load_loki
from observability.kept import kept

FIELDS: Final = (
    Field("STATE_DIR", "var", "Where everything lives that must outlive a restart"),
    Field("LOGS_DIR", "", "Directory of the logs that are followed; by default STATE_DIR/logs"),
    Field("LOG_FILES", "access.log,error.log,backend.log", "Names in LOGS_DIR, or whole paths; `*` stands for any number of files"),
    Field("DETECTOR_ADDR", "127.0.0.1:8035", "Where the detector listens: host:port"),
    Field("FRONT_ADDR", "127.0.0.1:8080", "Where nginx listens: links to incidents lead there"),
    Field("PUBLIC_URL", "", "The front as people see it, for links in notifications; by default http://FRONT_ADDR"),
    Field("ACCESS_TOKEN", "", "Opens incidents; by default STATE_DIR/access-token, generated at the first start"),
    Field("INCIDENTS_DATABASE_URL", "", "SQLite or PostgreSQL by URL; by default sqlite:///STATE_DIR/incidents.db"),
    Field("INCIDENTS_KEEP_DAYS", "90", "How long a resolved incident is kept after it was last seen"),
    *proxied.FIELDS,
    *source_config.FIELDS,
    *life_config.FIELDS,
    Field("LOGS_LINK", "", "URL of a request's logs, with {request_id}; empty: no link"),
    Field("TRACE_LINK", "", "URL of a trace, with {trace_id}; empty: no link"),
    Field("DASHBOARD_LINK", "", "URL of a dashboard, such as Grafana's; may hold {request_id}; empty: no link"),
    Field("ERROR_LINK", "", "URL of an error event, with {sentry_event_id} or {sentry_event_uuid}; empty: no link"),
    *channel_config.FIELDS,
    *proof_config.FIELDS,
)  # fmt: skip
SELFTEST_LOG: Final = "selftest.log"
_TOKEN_FILE: Final = "access-token"  # noqa: S105 (a file's name)
_LINKS: Final = ("LOGS_LINK", "TRACE_LINK", "ERROR_LINK", "DASHBOARD_LINK")
_URLS: Final = ("PUBLIC_URL", *_LINKS)


@dataclass(frozen=True, slots=True)
class Address:
    """host:port. An IPv6 host is kept without its brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """What the detector needs to know."""

    state_dir: Path
    logs_dir: Path
    log_files: tuple[Path, ...]  # with the selftest's own
    address: Address
    public_url: str
    given_token: str | None
    proxy: TrustedProxy | None
    database_url: str
    keep: timedelta
    links: LinkTemplates
    loki: LokiSource | None
    policy: Policy
    silences_file: Path | None
    channels: ChannelSettings
    proof: ProofSettings

    @property
    def token_file(self) -> Path:
        return self.state_dir / _TOKEN_FILE

    @property
    def selftest_log(self) -> Path:
        return self.logs_dir / SELFTEST_LOG


def load_detector(environ: Mapping[str, str]) -> DetectorSettings:
    """Return the settings. Raises SettingsError with all that is wrong."""
    given = {field.name: environ.get(field.name, "").strip() or field.default for field in FIELDS}
    wrong = [bad for check in _CHECKS for bad in check(given)]
    if wrong:
        raise SettingsError(tuple(wrong))
    state_dir = Path(given["STATE_DIR"])
    logs_dir = Path(given["LOGS_DIR"] or state_dir / "logs")
    return DetectorSettings(
        state_dir=state_dir,
        logs_dir=logs_dir,
        log_files=(*(logs_dir / name for name in listed(given["LOG_FILES"])), logs_dir / SELFTEST_LOG),
        address=_address(given["DETECTOR_ADDR"]) or Address("", 0),
        public_url=(given["PUBLIC_URL"] or f"http://{given['FRONT_ADDR']}").rstrip("/"),
        given_token=given["ACCESS_TOKEN"] or None,
        proxy=load_proxy(given),
        database_url=given["INCIDENTS_DATABASE_URL"] or f"sqlite:///{(state_dir / 'incidents.db').absolute()}",
        keep=timedelta(days=int(given["INCIDENTS_KEEP_DAYS"])),
        links=LinkTemplates(*(given[name] for name in _LINKS)),
        loki=load_loki(given),
        policy=life_config.load_policy(given),
        silences_file=Path(given["SILENCES_FILE"]) if given["SILENCES_FILE"] else None,
        channels=load_channels(given),
        proof=load_proof(given),
    )


def access_token(settings: DetectorSettings) -> str:
    """Return the token: as given, or from its file, which is made at the first start, readable by its owner only."""
    if settings.given_token:
        return settings.given_token
    return kept(settings.token_file, lambda: secrets.token_urlsafe(32))


def _address(value: str) -> Address | None:
    host, _, port = value.rpartition(":")
    plain = host.removeprefix("[").removesuffix("]")
    if not plain or (":" in plain) != host.startswith("[") or not (port.isascii() and port.isdigit()):
        return None
    return Address(plain, int(port)) if 0 < int(port) < 65536 else None


def _bad_addresses(given: Mapping[str, str]) -> list[Invalid]:
    wrong = [name for name in ("DETECTOR_ADDR", "FRONT_ADDR") if _address(given[name]) is None]
    return [Invalid(f"{name}={given[name]}", "not host:port", "Set one such as 127.0.0.1:8035") for name in wrong]


def _bad_urls(given: Mapping[str, str]) -> list[Invalid]:
    return [not_http(name) for name in _URLS if given[name] and not is_http(given[name])]


def _bad_database(given: Mapping[str, str]) -> list[Invalid]:
    url = given["INCIDENTS_DATABASE_URL"]
    if not url or re.match(r"(sqlite:///.|postgres(ql)?(\+psycopg)?://.)", url):
        return []
    return [
        Invalid(
            "INCIDENTS_DATABASE_URL",
            "neither a SQLite file nor PostgreSQL",
            "Set one such as sqlite:////var/lib/barwatch/incidents.db or postgresql://user@host/name",
        )
    ]


def _bad_days(given: Mapping[str, str]) -> list[Invalid]:
    days = given["INCIDENTS_KEEP_DAYS"]
    if days.isascii() and days.isdigit() and 0 < int(days) <= 36500:
        return []
    return [Invalid(f"INCIDENTS_KEEP_DAYS={days}", "not a number of days", "Set one such as 90")]


def _bad_token(given: Mapping[str, str]) -> list[Invalid]:
    token = given["ACCESS_TOKEN"]
    if not token or (len(token) >= 8 and token.isascii() and token.isprintable() and " " not in token):
        return []
    return [Invalid("ACCESS_TOKEN", "not a token of at least 8 printable characters", "Make one: openssl rand -hex 32")]


_CHECKS: Final[tuple[Callable[[Mapping[str, str]], list[Invalid]], ...]] = (
    _bad_addresses,
    _bad_urls,
    _bad_database,
    _bad_days,
    _bad_token,
    *proxied.CHECKS,
    *source_config.CHECKS,
    *life_config.CHECKS,
    *channel_config.CHECKS,
    *proof_config.CHECKS,
)
