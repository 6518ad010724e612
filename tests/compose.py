"""docker-compose.yml as Compose reads it: merge keys resolved, variables filled in (Compose specification, 12-interpolation)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
SECRETS = (
    "ACCESS_TOKEN",
    "GRAFANA_ADMIN_PASSWORD",
    "BUGSINK_SECRET_KEY",
    "BUGSINK_ADMIN_PASSWORD",
    "BUGSINK_PROJECT_KEY",
)
# A variable whose own default holds no other one; the innermost are filled in first.
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_][A-Z0-9_]*)(?:(?P<how>:?[-?])(?P<word>[^${}]*(?:\{[a-z_]+\}[^${}]*)*))?\}")


class Missing(Exception):
    """Compose refuses to start: a variable that must be set is not."""


def made_secrets() -> dict[str, str]:
    """Return what `make stack` puts into .env, fit for reading only."""
    made = {name: f"{place:x}f3a9c1e77b204d58860f21bd94ce5a{place:x}" for place, name in enumerate(SECRETS, 1)}
    return made | {"BUGSINK_SECRET_KEY": 2 * made["BUGSINK_SECRET_KEY"]}


def variables(text: str) -> set[str]:
    """Return the names of all variables in the file."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z_][A-Z0-9_]*)", text))


def interpolated(text: str, environ: Mapping[str, str]) -> str:
    """Return the text with its variables filled in. Raises Missing."""

    def value(found: re.Match[str]) -> str:
        given = environ.get(found["name"])
        how, word = found["how"] or "", found["word"] or ""
        absent = given is None or (how.startswith(":") and given == "")
        if absent and how.endswith("?"):
            raise Missing(f"{found['name']}: {word}")
        return (word if how.endswith("-") else "") if absent else str(given)

    while (filled := _VARIABLE.sub(value, text)) != text:
        text = filled
    return text.replace("$$", "$")


def services(environ: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Return each service by its name."""
    found: dict[str, dict[str, Any]] = whole(environ)["services"]
    return found


def whole(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the file. Raises Missing."""
    loaded: dict[str, Any] = yaml.safe_load(
        interpolated(FILE.read_text("utf-8"), made_secrets() if environ is None else environ)
    )
    return loaded
