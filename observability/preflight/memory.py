"""/proc and the memory cgroup → how much memory is in use, at which limit, and whether the kernel has killed for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from observability.cgroup import counter_file, oom_kills
from observability.detector.signals import Check
from observability.preflight.verdicts import failed, passed

_MIB: Final = 1024 * 1024
_NO_LIMIT: Final = (
    1 << 60
)  # cgroup v1 says "no limit" as the largest multiple of a page (Documentation/cgroup-v1/memory.rst)


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes; None: not known here, or not limited."""

    resident: int | None  # of one process
    available: int | None  # on the machine, without swapping
    used: int | None  # by the cgroup
    limit: int | None  # of the cgroup
    oom_kills: int | None  # in the cgroup, since it was made

    @property
    def left(self) -> int | None:
        """What may still be taken: of the cgroup or of the machine, whichever is less."""
        of_group = self.limit - self.used if self.limit is not None and self.used is not None else None
        return min((room for room in (of_group, self.available) if room is not None), default=None)


def memory(name: str, pid: int, *, free_bytes: int) -> Check:
    """Return whether the surroundings of a process leave it this much memory."""
    return judged(name, measured(pid), free_bytes)


def judged(name: str, seen: Memory, free_bytes: int) -> Check:
    """Return the check for what was measured. Pure."""
    parts = (
        f"{seen.resident // _MIB} MiB resident" if seen.resident is not None else "",
        f"cgroup uses {seen.used // _MIB} MiB {_of(seen.limit)}" if seen.used is not None else "",
        f"{seen.oom_kills} killed for lack of memory" if seen.oom_kills is not None else "",
        f"{seen.available // _MIB} MiB available on the machine" if seen.available is not None else "",
    )
    found = ", ".join(part for part in parts if part) or "cannot be read here"
    if seen.left is None or seen.left >= free_bytes:
        return passed(name, name, found)
    needed = f"{found}; at least {free_bytes // _MIB} MiB are needed"
    return failed(name, name, needed, "Give it more, or WORKERS less: ps axo rss,pid,args --sort -rss | head")


def measured(pid: int, *, proc: Path = Path("/proc"), root: Path = Path("/sys/fs/cgroup")) -> Memory:
    """Return what /proc and the cgroup of this process say now."""
    counter = counter_file(pid, proc=proc, root=root)
    group = counter.parent if counter is not None else None
    v1 = counter is not None and counter.name == "memory.oom_control"
    used, limit = ("memory.usage_in_bytes", "memory.limit_in_bytes") if v1 else ("memory.current", "memory.max")
    most = _number(group / limit) if group else None
    return Memory(
        resident=_kib_of(proc / str(pid) / "status", "VmRSS:"),
        available=_kib_of(proc / "meminfo", "MemAvailable:"),
        used=_number(group / used) if group else None,
        limit=most if most is not None and most < _NO_LIMIT else None,
        oom_kills=oom_kills(counter),
    )


def _of(limit: int | None) -> str:
    return f"of {limit // _MIB} MiB" if limit is not None else "without a limit"


def _kib_of(path: Path, word: str) -> int | None:
    """proc(5): `VmRSS:      1234 kB`."""
    found = (line.split()[1] for line in _text(path).splitlines() if line.startswith(word))
    return int(next(found, "0")) * 1024 or None


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None  # "max"


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""
