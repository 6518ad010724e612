"""What makes two incidents the same: the exception, else how the process died, else what nginx saw (DESIGN section 6)."""

import hashlib
from dataclasses import dataclass

from observability.detector.correlate.grouping import Group
from observability.detector.correlate.keys import address_of, is_death, is_hard
from observability.detector.signals import (
    Access,
    Alert,
    FatalDump,
    PreflightChecked,
    ProcessExit,
    Signal,
    Traceback,
    UpstreamError,
)


@dataclass(frozen=True, slots=True)
class Print:
    """The value for now, whether better evidence may still change it, and what nginx alone would have made of it."""

    value: str
    sure: bool
    partial: tuple[str, ...] = ()


def print_of(group: Group, stage: str | None) -> Print:
    """Return the fingerprint. A death goes by its exception where the process said one, not by its exit code."""
    errors_first = sorted(group.signals, key=lambda s: not isinstance(s, UpstreamError))
    partial = tuple(dict.fromkeys(_hash(text) for signal in errors_first if (text := _nginx(signal))))
    traceback = next((s for s in reversed(group.signals) if isinstance(s, Traceback) and s.fingerprint), None)
    if traceback is not None and traceback.fingerprint and (not group.death or not _by_signal(group)):
        return Print(traceback.fingerprint, True, partial)
    refused = next(
        (text for s in group.signals if isinstance(s, PreflightChecked) and is_hard(s) and (text := _said(s))), None
    )
    if refused is not None and not _by_signal(group):  # it refused to start: its exit code says no more
        return Print(_hash(refused), True, partial)
    if group.death:
        return Print(_hash(_death(group, stage)), True, partial)
    others = [text for signal in group.signals if is_hard(signal) and (text := _said(signal))]
    if others:
        return Print(_hash(others[0]), True, partial)
    return Print(partial[0] if partial else _hash("unknown"), False, partial)


def _hash(text: str) -> str:
    return "v1:" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _by_signal(group: Group) -> bool:
    """A signal from outside or from native code; an exit code is only how an exception ends a process."""
    return any(
        isinstance(s, FatalDump) or (isinstance(s, ProcessExit) and is_death(s) and s.signal) for s in group.signals
    )


def _death(group: Group, stage: str | None) -> str:
    ended = next((s for s in group.signals if isinstance(s, ProcessExit) and is_death(s)), None)
    dump = next((s for s in group.signals if isinstance(s, FatalDump)), None)
    kind = _how(ended) if ended else (dump.signal or dump.reason if dump else "")
    top = next((f"{f.module or f.file}|{f.function}" for f in dump.frames), "") if dump else ""
    role = "worker|" if ended and ended.role == "worker" else ""
    return f"death|{role}{kind}|{stage or ''}|{top}"


def _how(ended: ProcessExit) -> str:
    if ended.oom_killed or ended.kind == "oom_kill":
        return "oom"
    return ended.signal or f"exit {ended.code}"


def _nginx(signal: Signal) -> str | None:
    if isinstance(signal, UpstreamError) and is_hard(signal):
        return f"nginx|{signal.kind}|{address_of(signal.upstream) or ''}"
    if isinstance(signal, Access) and signal.status is not None and signal.status >= 500:
        return f"access|{signal.status}|{signal.method} {(signal.path or '').partition('?')[0]}"
    return None


def _said(signal: Signal) -> str | None:
    if isinstance(signal, Traceback):
        last = signal.exceptions[-1] if signal.exceptions else None
        return f"traceback|{last.type}|{last.message}" if last else "traceback"
    if isinstance(signal, PreflightChecked):
        return "preflight|" + "|".join(check.name for check in signal.checks if not check.ok)
    return f"alert|{signal.name}" if isinstance(signal, Alert) else None
