"""The checks that this service runs at start, in `/readyz` and after a death: environment in, probes out."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from observability.config import load_observability
from observability.detector.signals import Check
from observability.preflight import (
    Probe,
    When,
    database,
    directory,
    file,
    importable,
    lives,
    memory,
    port_free,
    room,
)
from service.config import FIELDS, SettingsError, load_backend

FREE_BYTES: Final = 100_000_000  # an upload, what is made of it, and some air
MODULES: Final = ("dbos", "obstore", "psycopg", "sqlalchemy", "structlog")
CHILD_MODULES: Final = (
    "openpyxl",
    "python_calamine",
    "reportlab.pdfgen.canvas",
    "pypdfium2",
    "zxingcpp",
    "service.uploads.child",
)
_FONTS: Final = Path(__file__).parent / "uploads" / "render" / "fonts"
_START: Final[frozenset[When]] = frozenset({"start"})
_DEATH: Final[frozenset[When]] = frozenset({"death"})
_AFTER: Final[frozenset[When]] = frozenset({"death", "failure"})
_UNHURRIED: Final[frozenset[When]] = frozenset({"start", "ready", "death"})
FREE_MEMORY_BYTES: Final = 64 * 1024 * 1024  # less, and the next child that draws may be the end
_DIRECTORIES: Final = ("UPLOAD_DIR", "DOWNLOAD_DIR", "LOGS_DIR")


def checks(environ: Mapping[str, str]) -> tuple[Probe, ...]:
    """Return the probes for this environment. A setting that cannot be used is a probe that fails, never an exception."""
    defaults = {field.name: field.default for field in FIELDS}
    given = {name: environ.get(name, "").strip() or default for name, default in defaults.items()}
    state_dir = Path(given["STATE_DIR"]).absolute()
    url = given["DATABASE_URL"] or f"sqlite:///{state_dir / 'jobs.sqlite'}"
    return (
        Probe("settings", partial(_settings, environ)),
        *(Probe(name, partial(directory, name, given[name] or None)) for name in _DIRECTORIES),
        Probe("STATE_DIR", partial(directory, "STATE_DIR", state_dir)),
        *(
            Probe(f"room in {name}", partial(room, f"room in {name}", Path(given[name]), free_bytes=FREE_BYTES))
            for name in _DIRECTORIES
            if given[name]
        ),
        Probe("database", partial(database, "DATABASE_URL", url)),
        Probe("memory", partial(memory, "memory", os.getpid(), free_bytes=FREE_MEMORY_BYTES), _AFTER),
        Probe("recent starts", lambda: lives("recent starts", _log(given), datetime.now(UTC)), _AFTER),
        Probe("imports", partial(importable, "imports", MODULES), _UNHURRIED),
        # Some 60 MiB that the backend itself never loads: its children do, and at start they fail with a traceback.
        Probe("imports of children", partial(importable, "imports of children", CHILD_MODULES), _DEATH),
        *(Probe(f"font {path.name}", partial(file, "font", path)) for path in sorted(_FONTS.glob("*.ttf"))),
        *((Probe("LOGO_FILE", partial(_logo, Path(given["LOGO_FILE"]))),) if given["LOGO_FILE"] else ()),
        Probe("port", partial(port_free, "BACKEND_ADDR", given["BACKEND_ADDR"]), _START),
    )


def _log(given: Mapping[str, str]) -> Path:
    return Path(given["LOGS_DIR"]) / "backend.log"


def _logo(path: Path) -> Check:
    """Return whether the logo can be drawn. Only who has one pays for the library that reads pictures."""
    from service.uploads.render.logo import LogoError, load_logo

    what = f"LOGO_FILE={path}"
    try:
        logo = load_logo(path)
    except LogoError as error:
        remedy = f"Set LOGO_FILE to a PNG that uid {os.geteuid()} may read, or leave it out"
        return Check("LOGO_FILE", ok=False, what=what, found=error.found, remedy=remedy)
    return Check("LOGO_FILE", ok=True, what=what, found=f"{logo.width} × {logo.height} pixels", remedy="")


def _settings(environ: Mapping[str, str]) -> Check:
    """Return whether all settings can be used, apart from the directories, which have their own checks."""
    failures = []
    for load in (load_observability, load_backend):
        try:
            load(environ)
        except SettingsError as error:
            failures += [failure for failure in error.failures if failure.what not in _DIRECTORIES]
    if not failures:
        return Check("settings", ok=True, what="settings", found="all valid", remedy="")
    what = ", ".join(failure.what for failure in failures)
    found = "; ".join(failure.found for failure in failures)
    return Check("settings", ok=False, what=what, found=found, remedy="; ".join(failure.remedy for failure in failures))
