"""Every alert has a runbook, a test that it fires and one that it stays silent, and says the same things in the same way."""

import re
from pathlib import Path

import pytest

from observability.detector.runbooks import runbook_text

ALERTS = Path(__file__).parents[3] / "alerts"
RULES = "\n".join(path.read_text("utf-8") for path in sorted((ALERTS / "rules").glob("*.yml")))
TESTS = "\n".join(path.read_text("utf-8") for path in sorted((ALERTS / "tests").glob("*_test.yml")))
NAMES = re.findall(r"^\s*- alert: (\w+)$", RULES, re.M)
BLOCKS = dict(zip(NAMES, re.split(r"^\s*- alert: \w+$", RULES, flags=re.M)[1:], strict=True))
HEADINGS = ("## Meaning", "## Impact", "## Diagnosis", "## Mitigation")


def test_names_are_given_once() -> None:
    assert NAMES
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_says_how_bad_it_is_what_it_means_and_where_to_read_on(name: str) -> None:
    block = BLOCKS[name]
    assert re.search(r"^\s+severity: (page|ticket|info)$", block, re.M)
    assert re.search(r"^\s+summary: \S", block, re.M)
    assert re.search(r"^\s+description: \S", block, re.M)
    assert f"runbook_url: alerts/runbooks/{name}.md" in block


@pytest.mark.parametrize("name", NAMES)
def test_its_runbook_is_there_and_whole(name: str) -> None:
    text = runbook_text(f"alerts/runbooks/{name}.md")
    assert text is not None
    assert [line for line in text.splitlines() if line.startswith("#")] == [f"# {name}", *HEADINGS]
    assert "```sh" in text


@pytest.mark.parametrize("name", NAMES)
def test_it_is_tested_to_fire_and_to_stay_silent(name: str) -> None:
    assert re.search(rf"alertname: {name}\n\s+exp_alerts:", TESTS)
    assert re.search(rf"alertname: {name}\}}", TESTS)
