"""Which channels are told of everything, and which settings of an escalation are refused."""

from datetime import timedelta

import pytest

from observability.config import SettingsError
from observability.detector.notify import usual
from tests.unit.observability.detector.notify.receiver import Receiver

CHANNELS = (Receiver(name="webhook"), Receiver(name="slack"))


def test_a_step_is_not_told_of_everything() -> None:
    assert usual(CHANNELS, ()) == CHANNELS
    assert [channel.name for channel in usual(CHANNELS, ("slack",))] == ["webhook"]


WRONG = {
    "no such channel": (CHANNELS, ("pager",), "webhook, slack"),
    "nobody is left": (CHANNELS, ("slack", "webhook"), "told first"),
    "one that is told of all that is open": (
        (*CHANNELS, Receiver(name="alertmanager", refresh_s=60)), ("alertmanager",), "Name another",
    ),
    "the fallback": ((*CHANNELS, Receiver(name="mail", patience=timedelta(minutes=5))), ("mail",), "Name another"),
}  # fmt: skip


@pytest.mark.parametrize(("channels", "steps", "remedy"), WRONG.values(), ids=WRONG)
def test_refused(channels: tuple[Receiver, ...], steps: tuple[str, ...], remedy: str) -> None:
    with pytest.raises(SettingsError) as caught:
        usual(channels, steps)
    (wrong,) = caught.value.failures
    assert remedy in wrong.remedy
