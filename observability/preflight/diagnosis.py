"""An unexpected exception → the same look around that a death gets, as `preflight.checked` of the request that failed."""

import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from observability.preflight.probes import Probe, log_checks, run_probes

EVERY_S: Final = 30.0  # a storm of failures is looked at once
Report = Callable[[BaseException], str | None]


class Diagnosis:
    """Looks around after a failure, in a thread of its own, so that the request that failed is answered meanwhile."""

    def __init__(self, probes: Callable[[], Sequence[Probe]], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._probes = probes
        self._now = monotonic
        self._next_s = 0.0
        self._lock = threading.Lock()

    def beside(self, report: Report) -> Report:
        """Return `report` that also looks around: what is called once for each exception that is logged as an error."""

        def reported(error: BaseException) -> str | None:
            self.look()
            return report(error)

        return reported

    def look(self) -> threading.Thread | None:
        """Start the look; None: the last one is not yet old. Its event carries the ids of the request that is bound now."""
        now = self._now()
        with self._lock:
            if now < self._next_s:
                return None
            self._next_s = now + EVERY_S
        bound = contextvars.copy_context()
        thread = threading.Thread(target=bound.run, args=(self._look,), name="diagnosis", daemon=True)
        thread.start()
        return thread

    def _look(self) -> None:
        log_checks(run_probes(self._probes(), "failure"), "failure")
