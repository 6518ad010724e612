"""What a supervisor is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_QUICK_DEATHS: Final = 10


@dataclass(frozen=True, slots=True)
class Options:
    """One supervised command. A shell around it should `exec` it: what dies is what is told."""

    command: tuple[str, ...]
    role: str = "backend"
    address: str | None = None  # host:port that it listens on, for the log only
    log: Path | None = None  # None: our own stdout
    journal: Path | None = None
    preflight: str | None = None  # "package.module:function"
    grace_s: float = 4.0
    healthy_s: float = 60.0  # a life of this length was no quick death
    max_quick_deaths: int = MAX_QUICK_DEATHS
    turn_over_at: int | None = None  # bytes in the log; None: it may grow for ever
