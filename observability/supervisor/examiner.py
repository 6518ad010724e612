"""The preflight after a death: same uid, mounts and environment as what died, in a process of its own."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from observability.supervisor.processes import kill_group
from observability.supervisor.spawn import spawn

LIMIT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Examination:
    """One that runs. Its finding goes to the log by itself, as `preflight.checked`."""

    pid: int
    due: float  # when it is killed

    def end(self) -> None:
        kill_group(self.pid)


def examine(checks: str, environ: Mapping[str, str], *, log: int, now: float) -> Examination:
    """Start it. The restart does not wait for it: uploads do."""
    command = (sys.executable, "-m", "observability.check", checks, "--when", "death", "--log")
    return Examination(spawn(command, environ, stdout=log, stderr=2, on_orphaned=signal.SIGKILL), now + LIMIT_S)
