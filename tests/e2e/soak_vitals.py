"""Pids → memory and open files of the processes that must not grow."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Vitals:
    """Resident bytes and open files by name."""

    rss: Mapping[str, int]
    files: Mapping[str, int]


def vitals_of(pids: Mapping[str, int]) -> Vitals:
    """Return what /proc says now."""
    return Vitals({name: _rss(pid) for name, pid in pids.items()}, {name: _files(pid) for name, pid in pids.items()})


def _rss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def _files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
