"""out_of_memory: the kernel or a limit took the memory away."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import Hit, during, sign, strongest, told, where
from observability.detector.incidents import Cause
from observability.detector.signals import ProcessExit

_SIGNS = (
    sign(0.95, "MemoryError _ArrayMemoryError OutOfMemoryError OutOfMemory ResourceExhaustedError"),
    sign(0.94, errnos=(12,), message=r"memory|Errno 12"),  # ENOMEM
    sign(
        0.94,
        message=r"(?:cannot|can't) allocate memory|\bMemoryError\b|std::bad_alloc|cuda out of memory"
        r"|unable to allocate [\d.]+ .?i?B|out of memory\b"
        r"|failed to allocate memory|not enough memory",
        never=r"perhaps out of memory",
    ),
    sign(0.88, message=r"OOM command not allowed|heap out of memory|can't start new thread"),
)
_STEPS = (
    "dmesg -T | grep -iE 'oom|killed process' | tail -5",
    "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory.max  # of the backend's cgroup",
    "docker inspect CONTAINER --format '{{.State.OOMKilled}} {{.HostConfig.Memory}}'",
)

_OF_LIMIT = ("# if the list may be as large as that, raise WORKER_MEMORY_MB, and the memory of the machine with it",)


def out_of_memory(facts: Facts) -> Cause | None:
    """Return the cause, or None. A SIGKILL without a word of memory is `killed`: this rule stays silent."""
    hit = strongest(facts, _SIGNS)
    ended = next(((i, e) for i, e in facts.exits if _for_memory(e)), None)
    if ended is not None:
        return _killed_for_memory(*ended, facts)
    if hit is not None:
        return _raised(hit)
    return _perhaps(facts)


def _killed_for_memory(index: int, ended: ProcessExit, facts: Facts) -> Cause:
    who = f"{ended.role or 'the process'} {ended.pid or ''}".rstrip()
    how = f"{who} reached its limit of memory" if ended.limit else f"The kernel killed {who} for lack of memory"
    place = f",{place}" if (place := during(ended, facts)) else ""
    size = f", it had {ended.max_rss_bytes / 2**20:.0f} MiB" if ended.max_rss_bytes else ""
    return Cause(
        code="out_of_memory",
        summary=how + size + place,
        confidence=0.98,
        because=tuple(i for i, e in facts.exits if _for_memory(e)) or (index,),
        next_steps=_OF_LIMIT if ended.limit else _STEPS,
    )


def _for_memory(ended: ProcessExit) -> bool:
    return bool(ended.oom_killed) or ended.kind == "oom_kill" or ended.limit == "memory"


def _raised(hit: Hit) -> Cause:
    return Cause(
        code="out_of_memory",
        summary=f"Memory ran out{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=("free -m; ulimit -v", *_STEPS),
    )


def _perhaps(facts: Facts) -> Cause | None:
    """gunicorn guesses "Perhaps out of memory?" at each SIGKILL; a worker timeout or a requested stop explains it better."""
    aborted = any(frame.function == "handle_abort" for raised in facts.raised for frame in raised.frames)
    if facts.stops or aborted or any("TIMEOUT" in (e.detail or "") for _, e in facts.exits):
        return None
    for index, ended in facts.exits:
        if "out of memory" in (ended.detail or "").lower():
            return Cause(
                "out_of_memory", "A worker was killed, and its master suspects lack of memory", 0.92, (index,), _STEPS
            )
    return None
