"""permission_denied: this uid may not read or write there."""

import re

from observability.detector.causes.facts import Facts, Raised
from observability.detector.causes.signs import Hit, sign, step_of, strongest, told, where
from observability.detector.incidents import Cause
from observability.detector.signals import Check

_SIGNS = (
    sign(0.92, "PermissionError"),
    # EPERM 1, EACCES 13, EROFS 30, Windows 5: OSError and IOError of Python 2, and of C code
    sign(0.90, "OSError IOError error WindowsError", errnos=(1, 13, 30)),
    sign(0.88, message=r"read-only file system|^\[WinError 5\]|access is denied"),
    sign(
        0.80,
        message=r"(?:^|[:\s])permission denied\b|PermissionError\(1?3?,|operation not permitted",
        never=r"publickey|password|for (?:table|relation|schema|sequence)",
    ),
    sign(0.80, "InsufficientPrivilege InsufficientPrivilegeError"),
)
_NOT_EXECUTABLE = 126  # POSIX sh: found, but could not be executed
_UID = re.compile(r"\buid (\d+)")


def permission_denied(facts: Facts) -> Cause | None:
    """Return the cause, or None. Surer when a preflight check saw the same path fail; then it knows uid, mode and remedy."""
    hit = strongest(facts, _SIGNS)
    checks = facts.checks_for("permission_denied")
    path = hit.raised.path if hit else None
    seen = next((pair for pair in checks if path and _same(pair[1], path)), None)
    if hit is None:
        return _found_by_check(*checks[0]) if checks else _not_executable(facts)
    if seen is None:
        return _alone(hit, path, facts)
    index, check = seen
    return Cause(
        code="permission_denied",
        summary=f"{path} may not be written{where(hit.raised)}: {check.what}: {check.found}",
        confidence=0.97,
        because=(hit.raised.index, index),
        next_steps=(f"ls -ld {quoted(path)}", step_of(check), "barwatch check"),
    )


def quoted(path: str | None) -> str:
    """Return the path as a shell takes it."""
    return (
        "PATH"
        if path is None
        else path
        if re.fullmatch(r"[\w@%+=:,./-]+", path, re.A)
        else "'" + path.replace("'", "'\\''") + "'"
    )


def _same(check: Check, path: str) -> bool:
    """The check looked at this path, or at a directory above it."""
    return any(
        path == seen or path.startswith(seen.rstrip("/") + "/")
        for seen in re.findall(r"/[^\s:,'\"]*", check.what + " " + check.found)
    )


def _found_by_check(index: int, check: Check) -> Cause:
    return Cause("permission_denied", f"{check.what}: {check.found}", 0.9, (index,), (step_of(check), "barwatch check"))


def _not_executable(facts: Facts) -> Cause | None:
    for index, ended in facts.exits:
        if ended.code == _NOT_EXECUTABLE:
            steps = ("ls -l PROGRAM  # is it executable, and for this user?", "chmod +x PROGRAM")
            return Cause(
                "permission_denied", "The program to start may not be run (exit code 126)", 0.75, (index,), steps
            )
    return None


def _alone(hit: Hit, path: str | None, facts: Facts) -> Cause:
    target = quoted(path)
    pid = getattr(facts.signals[hit.raised.index], "pid", None)
    return Cause(
        code="permission_denied",
        summary=f"{path or 'A file'} may not be opened{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=_look_at(target, hit.raised, pid),
    )


def _look_at(target: str, raised: Raised, pid: int | None) -> tuple[str, ...]:
    """Commands with what is known: the uid that the message names, else that of the process that raised."""
    found = _UID.search(raised.message)
    process = str(pid) if pid else "$(pgrep -f 'barwatch backend' | head -1)"
    uid = found[1] if found else f'"$(ps -o uid= -p {process} | tr -d " ")"'
    return (f"namei -l {target}", f"sudo chown {uid} $(dirname {target})", "barwatch check")
