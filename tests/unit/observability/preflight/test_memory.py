"""How much memory is left: of the cgroup or of the machine, whichever is less."""

from pathlib import Path

import pytest

from observability.preflight.memory import Memory, judged, measured, memory

MIB = 1024 * 1024

LEFT: dict[str, tuple[Memory, bool, str]] = {
    "a cgroup with room": (
        Memory(50 * MIB, 4000 * MIB, 120 * MIB, 512 * MIB, 0),
        True,
        "50 MiB resident, cgroup uses 120 MiB of 512 MiB, 0 killed for lack of memory, 4000 MiB available on the machine",
    ),
    "a cgroup at its limit": (
        Memory(50 * MIB, 4000 * MIB, 500 * MIB, 512 * MIB, 3),
        False,
        "at least 64 MiB are needed",
    ),
    "a machine without memory, whatever the cgroup may take": (
        Memory(None, 9 * MIB, 1 * MIB, None, None),
        False,
        "9 MiB available",
    ),
    "no limit": (Memory(None, 4000 * MIB, 700 * MIB, None, None), True, "cgroup uses 700 MiB without a limit"),
    "nothing can be read": (Memory(None, None, None, None, None), True, "cannot be read here"),
}


@pytest.mark.parametrize(("seen", "ok", "says"), LEFT.values(), ids=LEFT)
def test_what_is_left_decides(seen: Memory, ok: bool, says: str) -> None:
    check = judged("memory", seen, 64 * MIB)
    assert check.ok == ok
    assert says in check.found
    assert bool(check.remedy) != ok


def written(root: Path, **files: str) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    written(tmp_path / "proc", meminfo="MemTotal: 9000 kB\nMemAvailable:  4000 kB\n")
    written(tmp_path / "proc" / "7", status="Name:\tpython\nVmRSS:\t  300 kB\n")
    return tmp_path / "proc"


def test_cgroup_v2(proc: Path, tmp_path: Path) -> None:
    written(proc / "7", cgroup="0::/labels\n")
    limits = {"memory__current": "900\n", "memory__max": "2000\n", "memory__events": "low 0\noom_kill 2\n"}
    written(tmp_path / "cgroup" / "labels", **limits)
    assert measured(7, proc=proc, root=tmp_path / "cgroup") == Memory(300 * 1024, 4000 * 1024, 900, 2000, 2)


def test_cgroup_v1_without_a_limit(proc: Path, tmp_path: Path) -> None:
    written(proc / "7", cgroup="4:memory:/labels\n")
    files = {"usage_in_bytes": "900\n", "limit_in_bytes": "9223372036854771712\n", "oom_control": "oom_kill 0\n"}
    written(tmp_path / "cgroup" / "memory" / "labels", **{f"memory__{name}": text for name, text in files.items()})
    assert measured(7, proc=proc, root=tmp_path / "cgroup") == Memory(300 * 1024, 4000 * 1024, 900, None, 0)


def test_a_process_that_is_gone(tmp_path: Path) -> None:
    assert measured(7, proc=tmp_path, root=tmp_path) == Memory(None, None, None, None, None)


def test_this_very_process_has_some() -> None:
    assert "MiB resident" in memory("memory", 1, free_bytes=0).found
