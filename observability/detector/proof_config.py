"""Environment to the settings of the detector's self-proof."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from observability.config import Field, Invalid
from observability.detector.channel_config import is_http, not_http
from observability.detector.durations import duration_of

FIELDS: Final = (
    Field("SELFTEST_EVERY", "5m", "How often a synthetic crash goes from a log's line to a page that nobody gets; off: never"),
    Field("HEARTBEAT_URL", "", "Asked each minute while such a crash has come through lately (a dead man's switch); empty: none"),
)  # fmt: skip
_OFF: Final = "off"
_SHORTEST: Final = timedelta(seconds=10)
_LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProofSettings:
    """How the detector proves that it works. `every` is None where it does not."""

    every: timedelta | None
    heartbeat_url: str = field(repr=False)  # its path is the secret


def load_proof(given: Mapping[str, str]) -> ProofSettings:
    """Return the settings, of values that passed CHECKS."""
    return ProofSettings(duration_of(given["SELFTEST_EVERY"]), given["HEARTBEAT_URL"])


def _bad_every(given: Mapping[str, str]) -> list[Invalid]:
    every = duration_of(given["SELFTEST_EVERY"])
    if given["SELFTEST_EVERY"] == _OFF or (every is not None and _SHORTEST <= every <= _LONGEST):
        return []
    what = f"SELFTEST_EVERY={given['SELFTEST_EVERY']}"
    return [Invalid(what, "neither off nor a duration from 10s to 1d", "Set one such as 5m")]


def _bad_heartbeat(given: Mapping[str, str]) -> list[Invalid]:
    url = given["HEARTBEAT_URL"]
    if not url:
        return []
    if not is_http(url):
        return [not_http("HEARTBEAT_URL")]
    if given["SELFTEST_EVERY"] == _OFF:
        return [
            Invalid(
                "HEARTBEAT_URL", "it beats only after selftests, and SELFTEST_EVERY is off", "Set SELFTEST_EVERY=5m"
            )
        ]
    return []


CHECKS: Final[tuple[Callable[[Mapping[str, str]], list[Invalid]], ...]] = (_bad_every, _bad_heartbeat)
