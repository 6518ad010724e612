"""killed: somebody or something outside ended the process: a SIGKILL, a worker timeout."""

from collections.abc import Mapping

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import during, sign, strongest, told, where
from observability.detector.incidents import Cause
from observability.detector.signals import ProcessExit

_SIGNS = (
    sign(0.90, message=r"worker timeout|no mercy|harakiri|hard time limit"),
    sign(0.90, "SystemExit", source=r"handle_abort"),  # gunicorn workers/base.py: what SIGABRT of its master does
    sign(0.88, message=r"signal 9\b|SIGKILL", never=r"perhaps out of memory"),
    sign(0.86, "WorkerLostError TimeLimitExceeded", never=r"exitcode 0|SIG(?:SEGV|BUS|ABRT)|signal (?:6|7|11)\b"),
    sign(0.65, message=r"^child process \[\d+\] died"),  # uvicorn kills a child that does not answer, and says no more
    sign(0.80, "BrokenProcessPool BrokenExecutor ProcessExpired", never=r"SIGSEGV"),
)
_SIGKILL = 9
_SIGKILL_CODES = (137, -9)
_SENT = frozenset({"SIGXCPU", "SIGUSR1", "SIGUSR2"})  # ends by default, and no fault of its own raises it
_TIMES: Mapping[str | None, str] = {"cpu": "processor time", "wall": "time on the clock"}
_OF_TIME = (
    "barwatch check",
    "# upload the same list again: if that takes as long, raise READ_SECONDS; else the machine was busy",
)
_STEPS = (
    "journalctl -k --since '-10 min' | grep -iE 'oom|killed'",
    "docker events --since 10m --until 0s --filter event=kill --filter event=oom",
    "last -x | head  # who was on the machine",
)


def killed(facts: Facts) -> Cause | None:
    """Return the cause, or None. A word of memory makes it out_of_memory, which then knows it better."""
    for index, ended in facts.exits:
        if _by_kill(ended):
            return Cause("killed", _summary(ended, facts), 0.9, (index,), _steps(ended))
    hit = strongest(facts, _SIGNS)
    if hit is not None:
        return Cause("killed", f"{told(hit.raised)}{where(hit.raised)}", hit.confidence, (hit.raised.index,), _STEPS)
    for index, error in facts.errors:
        if error.kind == "nginx_worker_exit" and error.exit_signal == _SIGKILL:
            return Cause("killed", "A worker of nginx itself was killed with signal 9", 0.88, (index,), _STEPS)
    return None


def _by_kill(ended: ProcessExit) -> bool:
    if ended.limit == "memory" or ended.oom_killed or ended.expected or ended.kind == "oom_kill":
        return False
    return (
        ended.signal == "SIGKILL"
        or ended.code in _SIGKILL_CODES
        or "TIMEOUT" in (ended.detail or "")
        or ended.signal in _SENT
    )


def _summary(ended: ProcessExit, facts: Facts) -> str:
    who = f"{ended.role or 'The process'} {ended.pid or ''}".rstrip()
    place = during(ended, facts)
    if "TIMEOUT" in (ended.detail or ""):
        return f"{who} did not answer its master in time and was ended (WORKER TIMEOUT){place}"
    if ended.limit in _TIMES:
        return f"{who} was ended at its limit of {_TIMES[ended.limit]}{place}"
    memory = "; the cgroup counted no kill for memory" if ended.oom_killed is False else ""
    return f"{who} was killed from outside ({ended.signal or 'SIGKILL'}){place}{memory}"


def _steps(ended: ProcessExit) -> tuple[str, ...]:
    if ended.limit:
        return _OF_TIME
    if ended.pid is None:
        return _STEPS
    return (f"journalctl --since '-10 min' | grep -w {ended.pid}", *_STEPS)
