"""Tables in docs/ say what is there, no more and no less."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from prometheus_client.metrics import MetricWrapperBase

import observability.config
import observability.detector.config
import service.config
from observability import events
from observability.detector.measures import Measures, ProofMeasures
from observability.metrics import new_registry
from observability.middleware import observe
from observability.stage import stages
from observability.tracing import tracer_provider
from service.cli import main

ROOT = Path(__file__).parents[2]
MONITORING = (ROOT / "docs/monitoring.md").read_text("utf-8")
# Import names that do not follow from the library's name.
MODULES = {
    "opentelemetry-api": "opentelemetry",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry.exporter.otlp.proto.http",
    "opentelemetry-instrumentation-aiohttp-server": "opentelemetry.instrumentation.aiohttp_server",
    "opentelemetry-sdk": "opentelemetry.sdk",
    "pillow": "PIL",
    "python-barcode": "barcode",
    "python-bidi": "bidi",
    "zint-bindings": "zint",
    "zxing-cpp": "zxingcpp",
}


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!; ]", requirement, maxsplit=1)[0] for requirement in requirements}


def _expanded(cell: str) -> list[str]:
    """Return the names of a cell; "-sdk" after "opentelemetry-api" stands for "opentelemetry-sdk"."""
    names = [name.strip() for name in cell.split(",")]
    head = names[0].split("-", 1)[0]
    return [f"{head}{name}" if name.startswith("-") else name for name in names]


def test_each_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = _names(project["dependencies"]) | _names(extras["dev"]) | _names(extras["build"])
    rows = re.findall(r"^\| ([a-z][\w, -]+) \|", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.M)
    documented = {name for row in rows if row != "library" for name in _expanded(row)}
    assert documented == declared


def test_each_dependency_is_used() -> None:
    """A library that no module imports is a line to delete."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    sources = "\n".join(
        path.read_text("utf-8") for package in ("service", "observability") for path in (ROOT / package).rglob("*.py")
    )
    by_url = {"psycopg"}  # SQLAlchemy and DBOS load it by the name in the URL
    unused = [
        name
        for name in sorted(_names(project["dependencies"]) - by_url)
        if not re.search(
            rf"^\s*(?:import|from) {re.escape(MODULES.get(name, name.replace('-', '_')))}\b", sources, re.M
        )
    ]
    assert unused == []


def test_each_setting_has_its_line_with_its_default() -> None:
    fields = (*service.config.FIELDS, *observability.config.FIELDS, *observability.detector.config.FIELDS)
    declared = {(field.name, f"`{field.default}`" if field.default else "–") for field in fields}
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\S.*?) \| \S", (ROOT / "docs/configuration.md").read_text("utf-8"), re.M)
    assert set(rows) == declared
    assert len(rows) == len(set(rows))


def test_readme_shows_what_explain_says(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT / "tests/corpus/readme")
    assert main(["explain", "error.log", "backend.log", "--format", "text"]) == 0
    said = capsys.readouterr().out.strip().splitlines()
    block = "\n".join(f"    {line}".rstrip() for line in ["$ barwatch explain error.log backend.log", *said])
    assert block in (ROOT / "README.md").read_text("utf-8")


def _metrics() -> dict[str, tuple[str, ...]]:
    """Return each metric of ours with its metric labels, as the wiring makes them."""
    backend = new_registry(service="barwatch", version="0")
    detector = new_registry(service="barwatch", version="0")
    observe(web.Application(), registry=backend, provider=tracer_provider(observability.config.load_observability({})))
    stages("upload", ("receive",)).connect(registry=backend)
    Measures(detector, ("webhook",))
    ProofMeasures(detector, every_s=0, beats_every_s=0)
    made = [collector for registry in (backend, detector) for collector in registry._collector_to_names]
    return {metric._name: tuple(metric._labelnames) for metric in made if isinstance(metric, MetricWrapperBase)}


def test_each_metric_has_its_line_with_its_labels() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (–|`[a-z_` ]+`) \|", MONITORING, re.M)
    assert {name: tuple(re.findall(r"[a-z_]+", labels)) for name, labels in rows} == _metrics()


def test_each_event_has_its_line() -> None:
    words = {name: value for name, value in vars(events).items() if isinstance(value, str) and "." in value}
    plain = {value for name, value in words.items() if name.startswith(("PROCESS", "PREFLIGHT", "REQUEST", "LOG"))}
    of_uploads = {f"upload.{value}" for name, value in words.items() if name.startswith(("STAGE", "JOB"))}
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_.]+)` \| ", MONITORING, re.M)
    assert set(rows) == plain | of_uploads


def test_each_alert_has_its_line_with_its_severity() -> None:
    files = (path for kind in ("rules", "loki") for path in (ROOT / "alerts" / kind).glob("*.yml"))
    groups = [group for path in files for group in yaml.safe_load(path.read_text("utf-8"))["groups"]]
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    declared = [(rule["alert"], rule["labels"]["severity"]) for rule in rules]
    assert sorted(re.findall(r"^\| `(\w+)` \| (page|ticket|info|none) \|", MONITORING, re.M)) == sorted(declared)
