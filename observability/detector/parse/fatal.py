"""Rows → fatal dumps: `faulthandler`, aborts of glibc and musl, faults that the kernel logged."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from observability.detector.parse.exits import signal_name
from observability.detector.parse.placing import origin_of, time_of
from observability.detector.parse.rows import Row
from observability.detector.parse.traceback_lines import exception_line, is_strong, without_margin
from observability.detector.signals import FatalDump
from observability.fingerprint import Frame, module_of

_PYTHON: Final = re.compile(
    r"(?:Fatal Python error|Windows fatal exception): (.+)"
)  # Python/pylifecycle.c, Modules/faulthandler.c
_FIRST: Final = "(most recent call first)"
_FRAME: Final = re.compile(r"\s*(?:File|ile|le|e)? ?\"([^\"]{1,4096})\", line (\d{1,9}|\?\?\?)(?:,? in (.+))?$")
# CPython Modules/faulthandler.c faulthandler_handlers; others call abort()
_SIGNAL_OF: Final = (
    ("Segmentation fault", "SIGSEGV"),
    ("Bus error", "SIGBUS"),
    ("Illegal instruction", "SIGILL"),
    ("Floating", "SIGFPE"),
    ("access violation", None),  # Windows knows no signals
)
_EXITS_BY_ITSELF: Final = re.compile(  # a PyStatus error of the start: exit status 1, no signal (Python/pylifecycle.c)
    r"(?:init|config_|pycore_|pymain_|preconfig|Py_Initialize)\w*: |\w+: (?:can't initialize|failed to (?:get|import|initialize)) "
)
_C_LIBRARY: Final = re.compile(  # glibc malloc/malloc.c, debug/fortify_fail.c, assert/assert.c; libstdc++
    r"double free or corruption(?: \(\S{1,40}\))?"
    r"|(?:free|realloc|munmap_chunk|malloc_consolidate)\(\): (?:invalid|unaligned|corrupted|double)[\w ]{0,60}"
    r"|malloc(?:\(\)|_\w{1,40}\(\)): [\w >=<-]{1,60}(?:\([\w ]{1,40}\))?"
    r"|corrupted (?:size vs\. prev_size[\w ]{0,40}|double-linked list[\w ()]{0,40}|unsorted chunks)"
    r"|stack smashing detected|buffer overflow detected|memory clobbered[\w ]{0,40}"
    r"|terminate called (?:after throwing an instance of '[^']{1,200}'|without an active exception)"
    r"|tcache_thread_shutdown\(\): unaligned [\w ]{1,60}|pure virtual method called|Attempt to free invalid pointer"
    r"|terminating (?:with|due to) uncaught exception of type [\w:]{1,100}|pointer being freed was not allocated"
    r"|Assertion `[^\n]{1,300}' failed"
)
_KERNEL: Final = re.compile(
    r"(?P<name>\S{1,64})\[(?P<pid>\d{1,9})\]:? (?:segfault at|general protection|trap (?:invalid|divide|int3|stack)|bad frame)"
)
_TRAPS: Final = (("trap invalid opcode", "SIGILL"), ("trap divide", "SIGFPE"), ("trap int3", "SIGTRAP"))
_AUDIT: Final = re.compile(r"type=ANOM_ABEND .*\bpid=(\d{1,9}) .*\bsig=(\d{1,2})\b")
_UWSGI: Final = re.compile(r"!!! uWSGI process (\d{1,9}) got (Segmentation Fault|[\w ]{1,40}?) ?!!!")
_LOOK: Final = 2_048  # characters of a row
_MAX_DUMP: Final = 400  # rows


@dataclass(frozen=True, slots=True)
class _Seen:
    reason: str
    signal: str | None = "SIGABRT"
    pid: int | None = None
    frames: tuple[Frame, ...] = ()
    rows: int = 1


def fatal_dumps(rows: Sequence[Row], tz: tzinfo) -> list[tuple[int, FatalDump]]:
    """Return the dumps, each with the row at which it begins. A thread dump without a fatal error is none."""
    return [
        (
            at,
            FatalDump(
                at=time_of(rows[max(0, at - 1) : at + 1], tz),
                origin=origin_of(rows[at : at + seen.rows]),
                reason=seen.reason,
                signal=seen.signal,
                pid=seen.pid,
                frames=seen.frames,
            ),
        )
        for at, row in enumerate(rows)
        if (seen := _python(rows, at) or _by_pid(row.text[:_LOOK]) or _c_library(rows, at)) is not None
    ]


def begins_dump(text: str) -> bool:
    """Tell whether a dump of several lines begins, or goes on with another thread, in this line."""
    head = text[:_LOOK]
    return (
        "Fatal Python error" in head
        or "Windows fatal exception" in head
        or _FIRST in head
        or _C_LIBRARY.search(head) is not None
    )


def _python(rows: Sequence[Row], at: int) -> _Seen | None:
    """What `faulthandler` or `Py_FatalError` wrote; of all threads, the frames of the one that failed."""
    found = _PYTHON.search(rows[at].text[:_LOOK])
    if found is None or _EXITS_BY_ITSELF.match(found[1]):
        return None
    signal = next((signal for start, signal in _SIGNAL_OF if found[1].startswith(start)), "SIGABRT")
    margin = rows[at].text[: found.start()].rstrip()
    inner = [without_margin(row.text, margin) or "" for row in rows[at + 1 : at + 1 + _MAX_DUMP]]
    stacks = [n for n, text in enumerate(inner) if _FIRST in text]
    start = next((n for n in stacks if "Current thread" in inner[n]), stacks[0] if stacks else 0)
    frames = tuple(_frames(inner[start + 1 :]))
    return _Seen(found[1].strip(), signal, None, frames, start + 2 + len(frames))


def _frames(texts: Sequence[str]) -> Iterator[Frame]:
    for text in texts:
        found = _FRAME.match(text)
        if found is None:
            return
        yield Frame(found[1], int(found[2]) if found[2].isdecimal() else None, found[3], None, module_of(found[1]))


def _by_pid(text: str) -> _Seen | None:
    """What the kernel, its audit log or uWSGI say about a process that failed."""
    if found := _KERNEL.search(text):
        signal = next((signal for word, signal in _TRAPS if word in text), "SIGSEGV")
        return _Seen(text[found.end("pid") + 1 :].strip(" :")[:200], signal, int(found["pid"]))
    if found := _AUDIT.search(text):
        return _Seen("memory violation", signal_name(found[2]), int(found[1]))
    if found := _UWSGI.search(text):
        return _Seen(found[2], "SIGSEGV" if "segm" in found[2].lower() else None, int(found[1]))
    return None


def _c_library(rows: Sequence[Row], at: int) -> _Seen | None:
    """An abort of the C or C++ library. The first word of it counts: a backtrace and `Aborted (core dumped)` follow."""
    found = _C_LIBRARY.search(rows[at].text[:_LOOK])
    exception = exception_line(rows[at].text)
    if found is None or (exception is not None and is_strong(exception[0])):
        return None
    return _Seen(found[0])
