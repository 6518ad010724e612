"""A channel for tests of the outbox, and a clock that stands still."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from observability.detector.notify import DeliveryFailed, Message
from observability.detector.notify.channel import AT_ONCE, Purpose
from observability.detector.store import Tells
from tests.unit.observability.detector.incident_examples import T0


@dataclass
class Receiver:
    """A channel that does what the test says, one outcome a message, then takes all."""

    outcomes: list[DeliveryFailed | Exception | None] = field(default_factory=list)
    got: list[Message] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    name: str = "webhook"
    takes: frozenset[Purpose] = frozenset({"real", "selftest"})
    refresh_s: float | None = None
    tells: Tells = "each"
    parallel: int = 8
    patience: timedelta = AT_ONCE

    down: Callable[[Message], DeliveryFailed | None] = lambda _: None

    async def send(self, message: Message) -> dict[str, Any]:
        if (failure := self.down(message)) is not None:
            raise failure
        self.got.append(message)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        return {"number": len(self.got)}

    async def refresh(self, incidents: Sequence[dict[str, Any]], at: datetime) -> None:
        self.refreshed += [document["id"] for document in incidents]


@dataclass
class Hands:
    """A clock that moves when it is told to."""

    now: datetime = T0

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)
