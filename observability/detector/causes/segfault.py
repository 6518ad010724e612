"""segfault: native code died: a bad address, or an abort of the C library."""

import re

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import during, sign, strongest, told, where
from observability.detector.incidents import Cause
from observability.detector.signals import FatalDump, ProcessExit

# signal(7); SIGABRT comes from glibc's heap checks and from assertions in C code
_BY_ITSELF = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGSYS")
_CODES = {139: "SIGSEGV", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 132: "SIGILL"}
_MEMORY = re.compile(r"bad_alloc|MemoryError|out of memory", re.I)
_NATIVE = re.compile(
    r"segmentation fault|bus error|illegal instruction|floating.point exception|double free|invalid pointer"
    r"|invalid (?:next )?size|corruption|corrupted"
    r"|munmap_chunk|malloc\(\)|free\(\)|abort|stack smashing|buffer overflow|general protection|trap|core dump",
    re.I,
)
_SIGNS = (
    sign(0.88, "CalledProcessError", message=r"died with <Signals\.SIG(?:SEGV|ABRT|BUS|ILL|FPE|TRAP|SYS)"),
    sign(0.86, "WorkerLostError BrokenProcessPool", message=r"signal (?:6|7|11)\b|SIG(?:SEGV|BUS|ABRT)"),
)
_STEPS = (
    "coredumpctl info --no-pager | head -40",
    "pip list --outdated  # native packages in the frames above",
    "python -X faulthandler -m service.cli backend",
)


def segfault(facts: Facts) -> Cause | None:
    """Return the cause, or None. Surer with a dump: it names the frame."""
    if any("TIMEOUT" in (ended.detail or "") for _, ended in facts.exits):
        return None  # gunicorn aborts a worker that missed its time with SIGABRT
    dump = next(((i, d) for i, d in facts.dumps if _native(d)), None)
    ended = next(((i, e) for i, e in facts.exits if _by_itself(e)), None)
    if dump is None and ended is None:
        return _of_a_program(facts) or _nginx_itself(facts)
    index, seen = dump or ended or (0, None)
    name = (
        (ended and (ended[1].signal or _CODES.get(ended[1].code or 0))) or (dump and dump[1].signal) or "a fatal signal"
    )
    top = next((f"{f.function} ({f.file}:{f.line})" for f in dump[1].frames), None) if dump else None
    reason = dump[1].reason if dump else "its exit status says so"
    place = during(ended[1], facts) if ended and ended[1].stage else ""
    return (
        Cause(
            code="segfault",
            summary=f"Native code died by {name}: {reason}"
            + (f", in {top}" if top else "")
            + (f",{place}" if place else ""),
            confidence=0.97 if dump and ended else 0.95,
            because=tuple(pair[0] for pair in (dump, ended) if pair) or (index,),
            next_steps=_STEPS,
        )
        if seen
        else None
    )


def _of_a_program(facts: Facts) -> Cause | None:
    """A program that the application had started: CPython's subprocess.CalledProcessError names its signal."""
    hit = strongest(facts, _SIGNS)
    return (
        Cause("segfault", told(hit.raised) + where(hit.raised), hit.confidence, (hit.raised.index,), _STEPS[:1])
        if hit
        else None
    )


def _native(dump: FatalDump) -> bool:
    if _MEMORY.search(dump.reason):
        return False
    return dump.signal in _BY_ITSELF or (dump.signal is None and bool(_NATIVE.search(dump.reason)))


def _by_itself(ended: ProcessExit) -> bool:
    dumped = ended.signal is None and "dumped core" in (ended.detail or "")  # systemd-coredump names no signal
    return (ended.signal in _BY_ITSELF or ended.code in _CODES or dumped) and not ended.oom_killed


def _nginx_itself(facts: Facts) -> Cause | None:
    for index, error in facts.errors:
        if error.kind == "nginx_worker_exit" and error.exit_signal in (4, 6, 7, 8, 11):
            return Cause(
                "segfault",
                f"A worker of nginx itself died on signal {error.exit_signal}",
                0.9,
                (index,),
                ("nginx -V", *_STEPS[:1]),
            )
    return None
