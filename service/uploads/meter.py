"""How far a task has come: rows or labels go by, and eight times a second whoever waits for the task is told.

with told(progress):
    for row in passing(rows, len(rows)): ...

Who waits stands in a context variable, as the current span does: it need not be handed on through every reader and rule.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

Tell = Callable[[int, int], None]  # done, total; total 0: not known
Clock = Callable[[], float]
T = TypeVar("T")

EVERY_S: Final = 0.125
_LOOK_EVERY: Final = 16  # items: a look at the clock takes as long as a hundredth of drawing a label


def _nobody(_done: int, _total: int) -> None:
    """Nobody waits: the same code runs in tests and benchmarks too."""


_waiting: Final[ContextVar[Tell]] = ContextVar("waiting", default=_nobody)


@contextmanager
def told(tell: Tell) -> Iterator[None]:
    """Tell `tell` what goes by within."""
    token = _waiting.set(tell)
    try:
        yield
    finally:
        _waiting.reset(token)


class Meter:
    """Tells how many are done, if a moment has gone by since it last did."""

    def __init__(self, total: int = 0, clock: Clock = time.monotonic) -> None:
        self._tell: Final = _waiting.get()
        self._total: Final = total
        self._clock: Final = clock
        self._started: Final = clock()
        self._due = self._started + EVERY_S

    def at(self, done: int) -> None:
        """Note that so many are done. What calls this for each item costs less if it does so for every 16th only."""
        if (now := self._clock()) >= self._due:
            self._due = now + EVERY_S
            self._tell(done, self._total)

    def end(self, done: int) -> None:
        """Tell the last number, unless it was all over before anybody was told."""
        if self._due > self._started + EVERY_S:
            self._tell(done, self._total)


def passing(items: Iterable[T], total: int = 0, clock: Clock = time.monotonic) -> Iterator[T]:
    """Yield the items. One counts as done when the next is asked for."""
    meter = Meter(total, clock)
    done = 0
    for item in items:
        yield item
        done += 1
        if not done % _LOOK_EVERY:
            meter.at(done)
    meter.end(done)
