"""The OOM killer's counter of a process's memory cgroup, v2 or v1: the only trace that its SIGKILL leaves in user space."""

from pathlib import Path
from typing import Final

_COUNTER: Final = "oom_kill"  # the same word in v2 memory.events and, since Linux 4.13, v1 memory.oom_control


def counter_file(pid: int, *, proc: Path = Path("/proc"), root: Path = Path("/sys/fs/cgroup")) -> Path | None:
    """Return the file that counts OOM kills of the cgroup that `pid` is in; None where there is none to read.

    In a container the path in /proc may be the host's while the mount shows only our part: parts are dropped from its
    left until one exists, down to the root of the mount.
    """
    try:
        text = (proc / str(pid) / "cgroup").read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    paths = dict(_memory_paths(line) for line in text.splitlines() if line.count(":") >= 2)
    if (v1 := paths.get("memory")) is not None:
        return _first_that_exists(root / "memory", v1, "memory.oom_control")
    if (v2 := paths.get("")) is not None:
        unified = root / "unified" if (root / "unified").is_dir() else root
        return _first_that_exists(unified, v2, "memory.events")
    return None


def oom_kills(file: Path | None) -> int | None:
    """Return the counter; None where it cannot be read."""
    try:
        text = file.read_text("ascii", "replace") if file is not None else ""
    except OSError:
        return None
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name == _COUNTER and value.strip().isdigit():
            return int(value)
    return None


def _memory_paths(line: str) -> tuple[str, str]:
    """cgroups(7): hierarchy:controllers:path; v2 has no controllers."""
    _, controllers, path = line.split(":", 2)
    return ("memory", path) if "memory" in controllers.split(",") else (controllers, path)


def _first_that_exists(mount: Path, path: str, name: str) -> Path | None:
    parts = [part for part in path.split("/") if part not in ("", "..")]
    candidates = (mount.joinpath(*parts[start:], name) for start in range(len(parts) + 1))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


class OomWatch:
    """Follows one process: it may be moved to another cgroup after its start, and a dead one no longer says where it was."""

    def __init__(
        self, pid: int, *, parent: int, proc: Path = Path("/proc"), root: Path = Path("/sys/fs/cgroup")
    ) -> None:
        """Begin where `parent` is: a child is born there, and may be dead before anybody looks."""
        self._pid, self._proc, self._root = pid, proc, root
        self._file = counter_file(parent, proc=proc, root=root)
        self._before = oom_kills(self._file)
        self.refresh()

    def refresh(self) -> None:
        """Look where the living process is now. A new place starts with the count that it has.

        A move to the root is not believed: v1 shows "/" for a process that is exiting (kernel/cgroup/cgroup.c,
        proc_cgroup_show), and the counter that matters is the one of the place where it was killed.
        """
        file = counter_file(self._pid, proc=self._proc, root=self._root)
        v1_root = self._root / "memory" / "memory.oom_control"
        if file is None or file == self._file or (self._file is not None and file == v1_root):
            return
        self._file, self._before = file, oom_kills(file)

    def delta(self) -> int | None:
        """Return the OOM kills in that cgroup since then; None where they are not counted."""
        now = oom_kills(self._file)
        return None if now is None or self._before is None else max(0, now - self._before)
