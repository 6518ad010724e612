"""A group and what follows from it alone: drawn once, as long as the group stays what it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from observability.detector.causes import Facts, conclude
from observability.detector.correlate.describe import stage_of
from observability.detector.correlate.fingerprints import Print, print_of
from observability.detector.correlate.grouping import Group
from observability.detector.correlate.keys import identity, is_hard
from observability.detector.correlate.state import YOUNG_S
from observability.detector.incidents import CauseCode
from observability.detector.signals import Access, Signal, Traceback, UpstreamError

# What better evidence usually follows at once: a refused connection may be a deploy whose stop is not read yet,
# an access line with 502 has its error line in another file, and an error line its access line, which alone says the
# request id (nginx writes it within a millisecond): without it, a traceback of that request would look like another crash.
_ERROR_HOLD_S: Final = 0.2
_REFUSED_HOLD_S: Final = 0.5
_ACCESS_HOLD_S: Final = 2.0
_CLIENT_LEFT: Final = 499  # nginx ngx_http_request.h: NGX_HTTP_CLIENT_CLOSED_REQUEST
_EXPECTED: frozenset[CauseCode] = frozenset({"bad_input", "other", "asyncio_cancel"})


@dataclass(frozen=True)
class Finding:
    """A group with the stage marks of its requests."""

    group: Group

    @cached_property
    def expected(self) -> bool:
        """All that happened is a problem that the backend handled: a bad file is its user's, not on-call's."""
        if not self._hard or not all(isinstance(s, Traceback) and s.handled for s in self._hard):
            return False
        return conclude(Facts(self._hard)).cause.code in _EXPECTED

    @cached_property
    def given_up(self) -> bool:
        """A request was only cancelled because its client had left."""
        signals = self.group.signals
        return self._cancelled and any(
            s.kind == "client_abort" or (isinstance(s, Access) and s.status == _CLIENT_LEFT) for s in signals
        )

    @cached_property
    def ripe_at(self) -> datetime:
        """When to report: at once, unless only weak signs are there, which wait for better ones."""
        signals, hard = self.group.signals, self._hard
        first = min(s.origin.read_at for s in signals)
        if self._cancelled:
            return first + timedelta(seconds=_ACCESS_HOLD_S)
        if self.group.death or any(not isinstance(s, UpstreamError) for s in hard):
            return first
        if any(not _refused(s) for s in hard):
            met = any(isinstance(s, Access) for s in signals)
            return first if met else first + timedelta(seconds=_ERROR_HOLD_S)
        return first + timedelta(seconds=_REFUSED_HOLD_S if hard else _ACCESS_HOLD_S)

    @cached_property
    def settles_at(self) -> datetime:
        """From when on it is what it is."""
        return self.group.anchor.origin.read_at + timedelta(seconds=YOUNG_S)

    @cached_property
    def print(self) -> Print:
        """Its fingerprint."""
        return print_of(self.group, stage_of(self.group.signals))

    @cached_property
    def shape(self) -> str:
        """What tells whether anything moved since the last step."""
        return "\n".join(f"{identity(j.signal)} {j.joined_by} {j.confidence}" for j in self.group.members)

    @cached_property
    def _hard(self) -> tuple[Signal, ...]:
        return tuple(s for s in self.group.signals if is_hard(s))

    @cached_property
    def _cancelled(self) -> bool:
        return bool(self._hard) and all(
            isinstance(s, Traceback) and bool(s.exceptions) and s.exceptions[-1].type.endswith("CancelledError")
            for s in self._hard
        )


def _refused(signal: Signal) -> bool:
    return isinstance(signal, UpstreamError) and signal.kind in ("upstream_refused", "no_live_upstreams")
