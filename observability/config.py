"""Environment to typed settings that every process of ours shares: who it is, how it logs, where traces and errors go."""

import os
import socket
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, cast, get_args
from urllib.parse import urlsplit

from observability.lines import Level, Source


@dataclass(frozen=True, slots=True)
class Field:
    """One environment variable, as documented."""

    name: str
    default: str  # "": not set, or worked out as `meaning` says
    meaning: str


FIELDS: Final = (
    Field("SERVICE_NAME", "barwatch", "Name of the service on log lines, spans and Sentry events"),
    Field("SERVICE_VERSION", "", "Release on log lines, spans and Sentry events; by default the version that is installed"),
    Field("INSTANCE", "", "Name of this replica; by default the host name"),
    Field("ENVIRONMENT", "production", "Deployment environment on spans and Sentry events"),
    Field("LOG_LEVEL", "info", "Least level that is logged: debug, info, warning, error or critical"),
    Field("OTEL_EXPORTER_OTLP_ENDPOINT", "", "OTLP over HTTP for spans, such as http://127.0.0.1:4318; empty: nowhere"),
    Field("TRACE_SAMPLE_RATIO", "1.0", "Share of new traces that is kept, 0 to 1; a caller's traceparent decides for its own"),
    Field("STAGE_JOURNAL", "", "File of the stage journal; the supervisor sets it for its child; empty: none is kept"),
    Field("SENTRY_DSN", "", "Sentry-compatible server that gets unexpected exceptions; empty: none"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invalid:
    """One bad or missing setting."""

    what: str  # NAME=value
    found: str
    remedy: str


class SettingsError(Exception):
    """The environment cannot be used. `failures` has every bad or missing value, not only the first."""

    def __init__(self, failures: tuple[Invalid, ...]) -> None:
        self.failures = failures
        super().__init__("\n".join(f"{f.what}: {f.found}. {f.remedy}" for f in failures))


@dataclass(frozen=True, slots=True)
class ObservabilitySettings:
    """What logs, traces, Sentry and the supervisor need to know."""

    service: str
    version: str
    instance: str
    environment: str
    log_level: Level
    otlp_endpoint: str | None
    sample_ratio: float
    sentry_dsn: str | None
    journal: Path | None

    def source(self) -> Source:
        """Return who logs, for this process."""
        return Source(self.service, self.version, self.instance, os.getpid())


def load_observability(environ: Mapping[str, str]) -> ObservabilitySettings:
    """Return the settings. Raises SettingsError with all that is wrong."""
    defaults = {field.name: field.default for field in FIELDS}
    given = {name: environ.get(name, "").strip() or default for name, default in defaults.items()}
    wrong = [bad for check in _CHECKS if (bad := check(given)) is not None]
    if wrong:
        raise SettingsError(tuple(wrong))
    return ObservabilitySettings(
        service=given["SERVICE_NAME"],
        version=given["SERVICE_VERSION"] or installed_version(),
        instance=given["INSTANCE"] or socket.gethostname(),
        environment=given["ENVIRONMENT"],
        log_level=cast(Level, given["LOG_LEVEL"].lower()),
        otlp_endpoint=given["OTEL_EXPORTER_OTLP_ENDPOINT"] or None,
        sample_ratio=float(given["TRACE_SAMPLE_RATIO"]),
        sentry_dsn=given["SENTRY_DSN"] or None,
        journal=Path(given["STAGE_JOURNAL"]) if given["STAGE_JOURNAL"] else None,
    )


def installed_version() -> str:
    """Return the version of the installed distribution; "0" in a checkout that was never installed."""
    try:
        return metadata.version("barwatch")
    except metadata.PackageNotFoundError:
        return "0"


def choose_stable_http_attributes(environ: MutableMapping[str, str]) -> None:
    """Ask the contrib instrumentation for `http.request.method` instead of `http.method`: it reads only the environment."""
    environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")


def _level(given: Mapping[str, str]) -> Invalid | None:
    if given["LOG_LEVEL"].lower() in get_args(Level):
        return None
    return Invalid(f"LOG_LEVEL={given['LOG_LEVEL']}", "no such level", f"Set one of {', '.join(get_args(Level))}")


def _endpoint(given: Mapping[str, str]) -> Invalid | None:
    value = given["OTEL_EXPORTER_OTLP_ENDPOINT"]
    if not value or _is_url(value):
        return None
    return Invalid(
        f"OTEL_EXPORTER_OTLP_ENDPOINT={value}", "not an http or https URL", "Set one such as http://127.0.0.1:4318"
    )


def _ratio(given: Mapping[str, str]) -> Invalid | None:
    value = given["TRACE_SAMPLE_RATIO"]
    try:
        if 0 <= float(value) <= 1:
            return None
    except ValueError:
        pass
    return Invalid(f"TRACE_SAMPLE_RATIO={value}", "not a number from 0 to 1", "Set 1.0 to keep every trace")


def _dsn(given: Mapping[str, str]) -> Invalid | None:
    value = given["SENTRY_DSN"]
    if not value or (_is_url(value) and urlsplit(value).username and urlsplit(value).path.strip("/")):
        return None
    return Invalid("SENTRY_DSN", "not a DSN", "Copy it from the project's settings: https://KEY@HOST/PROJECT")


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


_CHECKS: Final[tuple[Callable[[Mapping[str, str]], Invalid | None], ...]] = (_level, _endpoint, _ratio, _dsn)
