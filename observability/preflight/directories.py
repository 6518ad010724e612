"""Directories, files and room on disk: found by really trying, because permission bits do not bind root."""

import errno
import grp
import os
import pwd
import secrets
import stat
from pathlib import Path
from typing import Final

from observability.detector.signals import Check
from observability.preflight.mounts import Mount, mount_of
from observability.preflight.verdicts import failed, passed

_BLOCK: Final = 4096  # one block: an empty file fits on a full disk
_MIB: Final = 1024 * 1024


def directory(name: str, value: str | Path | None) -> Check:
    """Return whether a file can be made in the directory that setting `name` holds, by this uid, now."""
    if value is None or not str(value).strip():
        return failed(name, name, "not set", f"Set {name} to a directory that uid {os.geteuid()} may write")
    path = Path(value)
    what = f"{name}={path}"
    try:
        info = path.stat()
    except PermissionError:
        return failed(name, what, f"uid {os.geteuid()} may not pass a directory above it", f"Run: namei -l {path}")
    except OSError:
        return failed(name, what, _missing(path), _make(path))
    if not stat.S_ISDIR(info.st_mode):
        return failed(name, what, "not a directory", f"Move the file away and run: mkdir {path}")
    error = _try_to_write(path)
    if error is None:
        return passed(name, what, f"uid {os.geteuid()} may write ({_state_of(path)})")
    found, remedy = _explain(path, error)
    return failed(name, what, found, remedy)


def file(name: str, path: Path) -> Check:
    """Return whether a file that is needed, such as a font, is there and can be read."""
    what = f"{name}={path}"
    try:
        with path.open("rb") as opened:
            opened.read(1)
    except OSError as error:
        found = f"uid {os.geteuid()} cannot read it: {error.strerror}"
        return failed(name, what, found, f"Put the file there, readable: ls -l {path}")
    return passed(name, what, f"{path.stat().st_size} bytes")


def room(name: str, path: Path, *, free_bytes: int, free_inodes: int = 100) -> Check:
    """Return whether the file system of `path` has at least this much left for an ordinary user."""
    what = f"{name}={path}"
    try:
        fs = os.statvfs(path)
    except OSError as error:
        return failed(name, what, f"cannot be examined: {error.strerror}", _make(path))
    free, inodes = fs.f_bavail * fs.f_frsize, fs.f_favail
    limited = fs.f_files > 0  # btrfs and some network file systems count no inodes
    found = f"{free // _MIB} MiB and {inodes if limited else 'unlimited'} inodes free"
    enough = free >= free_bytes and (inodes >= free_inodes or not limited)
    needed = f"at least {free_bytes // _MIB} MiB and {free_inodes} inodes are needed"
    if enough:
        return passed(name, what, found)
    return failed(name, what, f"{found}; {needed}", f"Make room: df -h {path}; df -i {path}; du -xsh {path}")


def _try_to_write(path: Path) -> OSError | None:
    probe = path / f".preflight-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        fd = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        return error
    try:
        os.write(fd, b"\0" * _BLOCK)
    except OSError as error:
        return error
    finally:
        os.close(fd)
        probe.unlink(missing_ok=True)
    return None


def _explain(path: Path, error: OSError) -> tuple[str, str]:
    uid, mount, state = os.geteuid(), mount_of(path), _state_of(path)
    match error.errno:
        case errno.EROFS:
            where = mount.point if mount else str(path)
            return f"uid {uid} may not write ({state})", f"Mount it writable: mount -o remount,rw {where}"
        case errno.EACCES:
            return f"uid {uid} may not write ({state})", f"Run: chown {uid} {path}"
        case errno.EPERM:
            return (
                f"uid {uid} may not write ({state}), attributes forbid it",
                f"Run: lsattr -d {path}; chattr -i {path}",
            )
        case errno.ENOSPC:
            return f"no space or no inodes left ({state})", f"Make room: df -h {path}; df -i {path}"
        case errno.EDQUOT:
            return f"the quota of uid {uid} is used up ({state})", f"Make room or raise it: quota -u {uid}"
        case _:
            return f"a file cannot be made: {error.strerror} ({state})", f"Look at: ls -ld {path}; dmesg | tail"


def _state_of(path: Path) -> str:
    """Return owner, mode and mount flags, as a person would read them off `ls -ld` and `mount`."""
    info = path.stat()
    mount = mount_of(path)
    mode = f"{stat.S_IMODE(info.st_mode):04o}"
    return f"owner {_user(info.st_uid)}:{_group(info.st_gid)}, mode {mode}, {_mounted(mount)}"


def _mounted(mount: Mount | None) -> str:
    return "mount unknown" if mount is None else f"mounted {mount.access}"


def _missing(path: Path) -> str:
    there = next((parent for parent in path.absolute().parents if os.path.lexists(parent)), Path("/"))
    return f"does not exist (the path ends at {there})"


def _make(path: Path) -> str:
    return f"Run: mkdir -p {path} && chown {os.geteuid()} {path}"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
