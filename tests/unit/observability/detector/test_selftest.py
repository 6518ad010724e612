"""Whether a webhook hears of a selftest, which then waits for it."""

import pytest

from observability.detector.config import load_detector
from observability.detector.selftest import heard

BOTH = {"WEBHOOK_URL": "http://hooks.example", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C1"}
CASES: dict[str, tuple[dict[str, str], bool]] = {
    "there is none": ({}, False),
    "there is one": (BOTH, True),
    "it is told only what others have failed to take": (BOTH | {"FALLBACK_CHANNEL": "webhook"}, False),
    "it is told only what nobody acknowledges": (BOTH | {"ESCALATE_TO": "webhook"}, False),
    "another one is": (BOTH | {"FALLBACK_CHANNEL": "slack"}, True),
}


@pytest.mark.parametrize(("given", "hears"), CASES.values(), ids=CASES)
def test_a_webhook_hears_of_it(given: dict[str, str], hears: bool) -> None:
    assert heard(load_detector(given)) is hears
