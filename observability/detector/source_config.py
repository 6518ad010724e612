"""Environment to the settings of sources beyond the files: where Loki is, and what is read there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from observability.config import Field, Invalid
from observability.detector.channel_config import is_http, not_http

FIELDS: Final = (
    Field("LOKI_URL", "", "Loki whose entries are followed beside the files, such as http://127.0.0.1:3100; empty: none"),
    Field("LOKI_QUERY", "", "What is read there: a selector, perhaps with line filters; each shard has its own"),
    Field("LOKI_TENANT", "", "Sent to Loki as X-Scope-OrgID; empty: not sent"),
    Field("LOKI_TOKEN", "", "Sent to Loki as a bearer token; empty: not sent"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LokiSource:
    """Where to read what. `query` is a selector, perhaps with line filters."""

    url: str
    query: str
    tenant: str = ""
    token: str = field(default="", repr=False)

    def headers(self) -> dict[str, str]:
        """Return what tells Loki who asks."""
        said = {"X-Scope-OrgID": self.tenant, "Authorization": f"Bearer {self.token}" if self.token else ""}
        return {name: value for name, value in said.items() if value}


def load_loki(given: Mapping[str, str]) -> LokiSource | None:
    """Return where Loki is, of values that passed CHECKS; None: nowhere."""
    if not given["LOKI_URL"]:
        return None
    return LokiSource(given["LOKI_URL"].rstrip("/"), given["LOKI_QUERY"], given["LOKI_TENANT"], given["LOKI_TOKEN"])


def _bad_url(given: Mapping[str, str]) -> list[Invalid]:
    return [not_http("LOKI_URL")] if given["LOKI_URL"] and not is_http(given["LOKI_URL"]) else []


def _bad_query(given: Mapping[str, str]) -> list[Invalid]:
    query = given["LOKI_QUERY"]
    if not given["LOKI_URL"] or (query.startswith("{") and "}" in query and "=" in query):
        return []
    return [Invalid(f"LOKI_QUERY={query}", "not a selector", 'Set one such as {service=~"nginx|backend"}')]


CHECKS: Final[tuple[Callable[[Mapping[str, str]], list[Invalid]], ...]] = (_bad_url, _bad_query)
