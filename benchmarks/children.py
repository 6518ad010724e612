"""What the children of a backend weigh while they live: looked at every few milliseconds, as the dead cannot be asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_EVERY_S = 0.005


@dataclass(slots=True)
class Peak:
    """The most that any child had, in MB: resident, and of address space, which is what its limit is on."""

    resident_mb: float = 0.0
    address_space_mb: float = 0.0
    children: int = 0


def peak_mb(pid: int, what: str = "VmHWM") -> float:
    """Return the most memory that a process has had, resident unless told. Raises OSError, IndexError: it is gone."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) / 1024


@asynccontextmanager
async def watched_children(backend: int) -> AsyncIterator[Peak]:
    """Yield what the children of the process that forks have weighed so far, up to the end of the block."""
    peak = Peak()
    watching = asyncio.create_task(_watch(backend, peak))
    try:
        yield peak
    finally:
        watching.cancel()


async def _watch(backend: int, peak: Peak) -> None:
    seen: set[int] = set()
    while True:
        for child in [child for server in _children(backend) for child in _children(server)]:
            with suppress(OSError, IndexError):
                peak.resident_mb = max(peak.resident_mb, peak_mb(child))
                peak.address_space_mb = max(peak.address_space_mb, peak_mb(child, "VmPeak"))
                seen.add(child)
        peak.children = len(seen)
        await asyncio.sleep(_EVERY_S)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found
