"""Each alert says how bad it is, what is wrong with its numbers, what to do and where to look; the rules fire when they should."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.build import all_dashboards
from tests.compose import ROOT

FILES = sorted((*(ROOT / "alerts/rules").glob("*.yml"), *(ROOT / "alerts/loki").glob("*.yml")))
SECTIONS = ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"]


def _alerts() -> list[dict[str, Any]]:
    groups = [group for file in FILES for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


ALERTS = _alerts()
each_alert = pytest.mark.parametrize("rule", ALERTS, ids=[rule["alert"] for rule in ALERTS])


def tool(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is missing: run deploy/install.sh servers"
    return found


def test_names_are_used_once() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)


@each_alert
def test_it_has_a_severity_a_summary_a_runbook_and_a_dashboard(rule: dict[str, Any]) -> None:
    severity, said = rule["labels"]["severity"], rule["annotations"]
    assert severity in ("page", "ticket", "none")
    assert rule["labels"]["service"] == "barwatch"
    assert said["summary"]
    if severity == "none":
        return
    runbook = ROOT / said["runbook_url"]
    assert runbook.stem == rule["alert"]
    text = runbook.read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("## ")] == SECTIONS
    assert "```sh\n" in text
    assert said["dashboard"].removeprefix("/grafana/d/") in {one["uid"] for one in all_dashboards().values()}


@each_alert
def test_the_coarse_ones_are_marked_as_the_second_way(rule: dict[str, Any]) -> None:
    assert ("the detector is not there" in rule["annotations"]["summary"]) == (rule["labels"].get("way") == "second")


def test_every_rules_file_of_prometheus_has_its_tests() -> None:
    assert {file.name for file in (ROOT / "alerts/rules").glob("*.yml")} == {
        file.name for file in (ROOT / "alerts/tests").glob("*.yml")
    }


@pytest.mark.e2e
@pytest.mark.parametrize("file", sorted((ROOT / "alerts/tests").glob("*.yml")), ids=lambda file: file.stem)
def test_promtool(file: Path) -> None:
    said = subprocess.run([tool("promtool"), "test", "rules", file], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        pytest.param(
            ("alertname=BarwatchIncident", "severity=page", "service=barwatch"), "page", id="an incident pages"
        ),
        pytest.param(("alertname=BackendDown", "severity=page", "way=second"), "page", id="so does the second way"),
        pytest.param(("alertname=StackPartDown", "severity=ticket"), "page", id="a ticket goes the same way, later"),
        pytest.param(("alertname=BarwatchIncident", "severity=info"), "nobody", id="what is only told"),
        pytest.param(("alertname=DetectorWorks", "severity=none"), "nobody", id="the sign of life"),
    ],
)
def test_routes(labels: tuple[str, ...], receiver: str) -> None:
    argv = [tool("amtool"), "config", "routes", "test", f"--config.file={ROOT / 'alerts/alertmanager.yml'}", *labels]
    said = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert said.stdout.split() == [receiver], said.stderr
