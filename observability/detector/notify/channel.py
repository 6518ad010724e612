"""What a channel is: takes a message, returns what it needs to update it later, or says why not and whether to try again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

from observability.detector.incidents import Incident, IncidentChange
from observability.detector.life import Telling
from observability.detector.store import Tells
from observability.detector.synthetic import PROOF

Reason = Literal[
    "timeout",
    "connection",
    "tls",
    "rate_limited",
    "server_error",
    "misconfigured",
    "refused",
    "expired",
    "internal",
    "unknown",
]
Fields = dict[str, Any]
Purpose = Literal["real", "selftest", "proof"]  # a person's `barwatch selftest`; the detector's own on a schedule
REAL: Final[frozenset[Purpose]] = frozenset({"real"})
AT_ONCE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Message:
    """One change to tell. `dedup_key` is the same for the life of an incident."""

    change: str
    incident: dict[str, Any]  # DESIGN section 8
    dedup_key: str
    number: int  # of the change: the same when it is sent again
    synthetic: bool
    at: datetime  # now
    since: datetime  # when the change was kept
    previous: Fields | None  # what the channel returned for the last delivery about this incident


class DeliveryFailed(Exception):
    """A channel did not take a message. `detail` holds neither token nor full URL."""

    def __init__(self, reason: Reason, detail: str, *, retry: bool, after_s: float | None = None) -> None:
        self.reason: Reason = reason
        self.detail = detail
        self.retry = retry
        self.after_s = after_s  # what the receiver asked for
        super().__init__(f"{reason}: {detail}")


class Channel(Protocol):
    """One way to tell people."""

    name: str
    takes: frozenset[Purpose]  # never "selftest" or "proof" where it would wake somebody
    refresh_s: float | None  # how often open incidents are told again; None: the receiver remembers by itself
    tells: Tells  # what is made of the changes that wait
    parallel: int  # incidents told at the same time
    patience: timedelta  # how long a change waits before it is told here

    async def send(self, message: Message) -> Fields | None:
        """Deliver one change; return what the next one needs, or None: nothing was worth saying here. Raises DeliveryFailed."""
        ...

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        """Tell that these are still open. Raises DeliveryFailed."""
        ...


def recipients(telling: Telling | IncidentChange, channels: Sequence[Channel]) -> tuple[str, ...]:
    """Return the names of the channels that it is told on."""
    purpose = purpose_of(telling.incident)
    return tuple(channel.name for channel in channels if purpose in channel.takes)


def purpose_of(incident: Incident) -> Purpose:
    """Return what an incident is there for."""
    if not incident.synthetic:
        return "real"
    return "proof" if incident.service == PROOF.service else "selftest"
