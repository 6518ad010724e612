"""/proc/self/mountinfo to the mount that a path lies on."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

MOUNTINFO: Final = Path("/proc/self/mountinfo")
_OCTAL: Final = re.compile(r"\\([0-7]{3})")  # proc(5): blanks in a mount point are \040


@dataclass(frozen=True, slots=True)
class Mount:
    point: str
    kind: str  # "ext4"
    access: Literal["ro", "rw"]


def mount_of(path: Path, mountinfo: Path = MOUNTINFO) -> Mount | None:
    """Return the mount that holds `path`; None where that cannot be told (no /proc)."""
    try:
        text = mountinfo.read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    return find_mount(str(path.resolve()), text)


def find_mount(path: str, mountinfo: str) -> Mount | None:
    """Return the mount with the longest point above `path`; of two on one point the later one, which hides the other."""
    found: Mount | None = None
    for line in mountinfo.splitlines():
        mount = _parse(line)
        if mount and _holds(mount.point, path) and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def _parse(line: str) -> Mount | None:
    """proc_pid_mountinfo(5): id, parent, device, root, point, options, tags…, "-", type, source, super options."""
    left, _, right = line.partition(" - ")
    fields, tail = left.split(" "), right.split(" ")
    if len(fields) < 6 or len(tail) < 3:
        return None
    read_only = "ro" in fields[5].split(",") or "ro" in tail[2].split(",")
    point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
    return Mount(point, tail[0], "ro" if read_only else "rw")


def _holds(point: str, path: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")
