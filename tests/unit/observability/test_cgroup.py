"""/proc and /sys of several kinds of machines to the OOM counter of one process."""

from pathlib import Path

import pytest

from observability.cgroup import OomWatch, counter_file, oom_kills

V1_LINES = "9:name=systemd:/\n4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n"
V2_LINES = "0::/system.slice/barwatch.service\n"

MACHINES: dict[str, tuple[str, dict[str, str], int | None]] = {
    "v1": (V1_LINES, {"memory/docker/abc/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"}, 3),
    "v2": (V2_LINES, {"system.slice/barwatch.service/memory.events": "low 0\nhigh 0\nmax 12\noom 2\noom_kill 2\n"}, 2),
    "v2, inside a container that sees its part as the root": ("0::/\n", {"memory.events": "oom_kill 1\n"}, 1),
    "v1, inside a container: the path is the host's": (V1_LINES, {"memory/memory.oom_control": "oom_kill 5\n"}, 5),
    "v2 beside v1, without a memory controller": (
        "4:memory:/a\n0::/b\n",
        {"memory/a/memory.oom_control": "oom_kill 4\n"},
        4,
    ),
    "hybrid, v2 mounted beside": ("0::/a\n", {"unified/a/memory.events": "oom_kill 7\n"}, 7),
    "v1 before Linux 4.13 does not count": (V1_LINES, {"memory/docker/abc/memory.oom_control": "under_oom 0\n"}, None),
    "controllers mounted together": ("3:cpu,memory:/a\n", {"memory/a/memory.oom_control": "oom_kill 1\n"}, 1),
    "no cgroup at all": ("", {}, None),
    "a path that climbs out stays inside": ("0::/../../etc\n", {"memory.events": "oom_kill 0\n"}, 0),
    "garbage": (":::\nx\n0:\n", {}, None),
}


def machine(tmp_path: Path, lines: str, files: dict[str, str]) -> tuple[Path, Path]:
    proc, root = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "7").mkdir(parents=True)
    (proc / "7" / "cgroup").write_text(lines)
    root.mkdir()
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return proc, root


@pytest.mark.parametrize(("lines", "files", "count"), MACHINES.values(), ids=MACHINES)
def test_the_counter_of_the_processs_own_cgroup(
    tmp_path: Path, lines: str, files: dict[str, str], count: int | None
) -> None:
    proc, root = machine(tmp_path, lines, files)
    assert oom_kills(counter_file(7, proc=proc, root=root)) == count


def test_the_delta_is_what_came_since_the_start(tmp_path: Path) -> None:
    proc, root = machine(tmp_path, "0::/a\n", {"a/memory.events": "oom_kill 2\n"})
    watch = OomWatch(7, parent=7, proc=proc, root=root)
    assert watch.delta() == 0
    (root / "a" / "memory.events").write_text("oom_kill 3\n")
    assert watch.delta() == 1


def test_a_process_that_was_moved_counts_from_there(tmp_path: Path) -> None:
    proc, root = machine(tmp_path, "0::/a\n", {"a/memory.events": "oom_kill 2\n", "b/memory.events": "oom_kill 9\n"})
    watch = OomWatch(7, parent=7, proc=proc, root=root)
    (proc / "7" / "cgroup").write_text("0::/b\n")
    watch.refresh()
    assert watch.delta() == 0
    (root / "b" / "memory.events").write_text("oom_kill 10\n")
    assert watch.delta() == 1


def test_a_process_that_is_exiting_is_not_at_the_root_although_v1_says_so(tmp_path: Path) -> None:
    files = {"memory/a/memory.oom_control": "oom_kill 2\n", "memory/memory.oom_control": "oom_kill 50\n"}
    proc, root = machine(tmp_path, "4:memory:/a\n", files)
    watch = OomWatch(7, parent=7, proc=proc, root=root)
    (proc / "7" / "cgroup").write_text("4:memory:/\n")
    (root / "memory" / "a" / "memory.oom_control").write_text("oom_kill 3\n")
    watch.refresh()
    assert watch.delta() == 1


def test_a_child_that_died_at_once_died_where_its_parent_is(tmp_path: Path) -> None:
    proc, root = machine(tmp_path, "0::/a\n", {"a/memory.events": "oom_kill 2\n"})
    assert OomWatch(8, parent=7, proc=proc, root=root).delta() == 0


def test_a_process_that_is_gone_is_still_where_it_was(tmp_path: Path) -> None:
    proc, root = machine(tmp_path, "0::/a\n", {"a/memory.events": "oom_kill 2\n"})
    watch = OomWatch(7, parent=7, proc=proc, root=root)
    (proc / "7" / "cgroup").unlink()
    watch.refresh()
    (root / "a" / "memory.events").write_text("oom_kill 4\n")
    assert watch.delta() == 2


def test_where_nothing_is_counted_nothing_is_claimed(tmp_path: Path) -> None:
    proc, root = machine(tmp_path, "", {})
    assert OomWatch(7, parent=7, proc=proc, root=root).delta() is None
