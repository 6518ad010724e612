"""Directories, files and room: what was found, with owner and mode, and one command that mends it."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from observability.preflight import directory, file, room

ROOT = Path(__file__).parents[4]
AS_NOBODY = """
import os, sys
from pathlib import Path
from observability.preflight import directory
os.setgid(65534); os.setuid(65534)
check = directory("DOWNLOAD_DIR", sys.argv[1])
print(check.ok, check.what, check.found, check.remedy, sep="|")
"""


def test_a_writable_directory_passes_and_nothing_is_left_behind(tmp_path: Path) -> None:
    check = directory("UPLOAD_DIR", tmp_path)
    assert check.ok
    assert check.found.startswith(f"uid {os.geteuid()} may write (owner ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [None, "", "  "], ids=["absent", "empty", "blank"])
def test_a_setting_that_is_not_set_is_said_so(value: str | None) -> None:
    check = directory("UPLOAD_DIR", value)
    assert (check.ok, check.what, check.found) == (False, "UPLOAD_DIR", "not set")
    assert "Set UPLOAD_DIR" in check.remedy


def test_a_missing_directory_is_made_by_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    check = directory("UPLOAD_DIR", path)
    assert (check.ok, check.found) == (False, f"does not exist (the path ends at {tmp_path})")
    assert check.remedy == f"Run: mkdir -p {path} && chown {os.geteuid()} {path}"


def test_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    assert directory("UPLOAD_DIR", tmp_path / "f").found == "not a directory"
    assert not directory("UPLOAD_DIR", tmp_path / "f" / "below").ok


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another uid")
def test_permission_bits_that_bind_another_uid_are_told_with_owner_and_mode(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(0o755)
    target = tmp_path / "downloads"
    target.mkdir(mode=0o750)
    target.chmod(0o755)
    seen = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ok, what, found, remedy = seen.stdout.strip().split("|")
    root = pwd.getpwuid(0).pw_name
    assert (ok, what) == ("False", f"DOWNLOAD_DIR={target}")
    assert found == f"uid 65534 may not write (owner {root}:{root}, mode 0755, mounted rw)"
    assert remedy == f"Run: chown 65534 {target}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_root_is_told_of_a_read_only_mount_although_no_bit_binds_it(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=4k", "none", tmp_path], check=True)
    try:
        check = directory("UPLOAD_DIR", tmp_path)
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    assert not check.ok
    assert "mounted ro" in check.found
    assert check.remedy == f"Mount it writable: mount -o remount,rw {tmp_path}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_full_disk_is_found_although_an_empty_file_would_fit(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path], check=True)
    try:
        (tmp_path / "filler").write_bytes(b"x" * 65536)
        check, free = directory("UPLOAD_DIR", tmp_path), room("UPLOAD_DIR", tmp_path, free_bytes=4096)
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    assert not check.ok
    assert check.found.startswith("no space or no inodes left")
    assert not free.ok


def test_room_is_said_in_mebibytes_and_inodes(tmp_path: Path) -> None:
    assert room("space", tmp_path, free_bytes=1).ok
    check = room("space", tmp_path, free_bytes=2**60)
    assert not check.ok
    assert "MiB" in check.found
    assert check.remedy.startswith(f"Make room: df -h {tmp_path}")


def test_a_font_is_there_or_named(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"font")
    assert file("font", tmp_path / "font.ttf").found == "4 bytes"
    check = file("font", tmp_path / "none.ttf")
    assert (check.ok, check.what) == (False, f"font={tmp_path / 'none.ttf'}")
    assert "No such file" in check.found
