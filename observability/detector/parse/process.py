"""Rows → what happened to processes, in the words of whoever watches them: gone, killed for memory, asked to stop, started."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from observability.detector.parse.container_state import container_states
from observability.detector.parse.exits import ASKED, exit_parts, signal_name
from observability.detector.parse.placing import origin_of, time_of
from observability.detector.parse.process_rules import ANY_NEEDLE, RULES, SIGNAL_OF_WORD, Rule, What
from observability.detector.parse.rows import Row
from observability.detector.parse.traceback import Found
from observability.detector.signals import ProcessExit, ProcessStart, ProcessStop

_LOOK: Final = 4_096  # characters of a row
_UNIT_OOM: Final = "Result: oom-kill"  # systemctl status
_EXITING: Final = re.compile(r"Worker exiting \(pid: ?(\d{1,9})\)")
_LOGGER_PID: Final = re.compile(r"\[(\d{1,9})\] \[(?:ERROR|CRITICAL)\]")

ProcessSignal = ProcessExit | ProcessStop | ProcessStart


@dataclass(frozen=True, slots=True)
class _Told:
    """What one row tells of one process."""

    row: int
    what: What
    words: str
    pid: int | None = None
    code: int | None = None
    signal: str | None = None
    service: str | None = None
    address: str | None = None


def process_signals(
    rows: Sequence[Row], found: Sequence[Found], died: Sequence[str | None], tz: tzinfo
) -> list[tuple[int, ProcessSignal]]:
    """Return one signal a process and fate, each with its row. `died`: the signals of dumps in the same rows."""
    inside = {row for one in found for row in range(one.first, one.last)}
    told = [*_by_rules(rows, inside), *_by_states(rows, inside), *_aborted(rows, found)]
    merged = _merged(sorted(told, key=lambda one: one.row))
    heard = [one for one in merged if not _is_echo(one, merged, died) and not _is_idle_hint(one, merged, found, died)]
    return [(one.row, _signal(one, rows[one.row], tz)) for one in heard]


def mentions_process(text: str) -> bool:
    """Tell quickly whether a text may hold such words."""
    return ANY_NEEDLE.search(text) is not None or "OOMKilled" in text


# -- what the rows tell -------------------------------------------------------------------------------------------------
def _by_rules(rows: Sequence[Row], inside: set[int]) -> Iterator[_Told]:
    unit_oom = any(_UNIT_OOM in row.text[:_LOOK] for row in rows)
    for at, row in enumerate(rows):
        text = " ".join(row.text[:_LOOK].split())
        if ANY_NEEDLE.search(text) is None or (at in inside and row.text[:1].isspace()):
            continue
        for rule in RULES:
            if rule.needle in text and (match := rule.pattern.search(text)) is not None:
                told = _told(at, rule, match, unit_oom=unit_oom)
                if told is not None:
                    yield told
                break


def _told(at: int, rule: Rule, match: re.Match[str], *, unit_oom: bool) -> _Told | None:
    groups = match.groupdict()
    pid, code = (int(groups[name]) if groups.get(name) else None for name in ("pid", "code"))
    code = rule.code if code is None else code
    signal = _signal_of(rule, groups)
    if signal in ASKED and code:
        signal = None  # pm2 names SIGINT with every exit
    if signal is not None and code == 0:
        code = None
    what: What = ("oom" if unit_oom else "exit") if rule.what == "unit" else rule.what
    parts = exit_parts(code)
    if what in {"exit", "echo"} and not rule.unasked:
        if parts.expected:
            return None  # ended as it was asked to
        if signal in ASKED:
            if rule.what == "unit":
                return None
            what = "stop"
    service, address = groups.get("service"), groups.get("address")
    return _Told(at, what, match[0][:200], pid, code, signal or parts.signal, service, address)


def _signal_of(rule: Rule, groups: Mapping[str, str | None]) -> str | None:
    if written := groups.get("signal") or groups.get("number"):
        return signal_name(written)
    word = groups.get("word")
    return SIGNAL_OF_WORD.get(word.lower()) if word else rule.signal


def _by_states(rows: Sequence[Row], inside: set[int]) -> Iterator[_Told]:
    for ended in container_states(rows):
        if ended.row not in inside:
            what: What = "oom" if ended.oom else "exit"
            yield _Told(ended.row, what, ended.words, None, ended.code, ended.signal)


def _aborted(rows: Sequence[Row], found: Sequence[Found]) -> Iterator[_Told]:
    """A worker that gunicorn's timeout ended prints a traceback of SystemExit (gunicorn/workers/base.py handle_abort)."""
    for one in found:
        last = one.exceptions[-1]
        if last.type == "SystemExit" and last.frames and last.frames[-1].function == "handle_abort":
            code = int(last.message) if last.message.isdecimal() else 1
            yield _Told(one.last, "exit", "SystemExit in handle_abort", _pid_near(rows, one), code)


def _pid_near(rows: Sequence[Row], one: Found) -> int | None:
    after = (_EXITING.search(row.text[:_LOOK]) for row in rows[one.last + 1 : one.last + 6])
    before = (_LOGGER_PID.search(row.text[:_LOOK]) for row in reversed(rows[max(0, one.first - 1) : one.first]))
    match = next((match for match in (*after, *before) if match is not None), None)
    return int(match[1]) if match else None


# -- one signal a process -----------------------------------------------------------------------------------------------
def _merged(told: Sequence[_Told]) -> list[_Told]:
    """Join what several rows say about the end of the same pid, at the first of them."""
    merged: dict[object, _Told] = {}
    for one in told:
        ends = one.what not in {"stop", "start"} and one.pid is not None
        key: object = ("end", one.pid) if ends else ("row", one.row, one.what)
        merged[key] = _joined(merged[key], one) if key in merged else one
    return list(merged.values())


def _joined(first: _Told, later: _Told) -> _Told:
    signal = first.signal or later.signal
    code = first.code if first.code is not None else later.code
    what: What = "oom" if "oom" in {first.what, later.what} else "exit"
    words = first.words if later.words in first.words else f"{first.words}; {later.words}"[:300]
    code = (
        None if signal is not None and code is not None and 0 <= code < 128 else code
    )  # killed in the end: no exit code
    return replace(first, what=what, words=words, code=code, signal=signal)


def _is_echo(one: _Told, all_told: Sequence[_Told], died: Sequence[str | None]) -> bool:
    if one.what == "oom_echo":
        return any(other.what == "oom" or (other.what == "oom_echo" and other.row < one.row) for other in all_told)
    if one.what != "echo":
        return False
    others = [other for other in all_told if other is not one and other.what in {"exit", "oom", "echo"}]
    told_before = any(other.signal == one.signal and other.row < one.row for other in others)
    return (told_before and one.pid is None) or one.signal in died or (one.signal is None and bool(others or died))


def _is_idle_hint(one: _Told, all_told: Sequence[_Told], found: Sequence[Found], died: Sequence[str | None]) -> bool:
    """Something else tells why it did not come up, or it was told before."""
    if one.what != "hint":
        return False
    better = any(other.what in {"exit", "oom"} or (other.what == "hint" and other.row < one.row) for other in all_told)
    return better or bool(found) or bool(died)


def _signal(told: _Told, row: Row, tz: tzinfo) -> ProcessSignal:
    at, origin = time_of([row], tz), origin_of([row])
    if told.what == "stop":
        return ProcessStop(at=at, origin=origin, pid=told.pid, signal=told.signal)
    if told.what == "start":
        return ProcessStart(at=at, origin=origin, pid=told.pid, address=told.address)
    oom = told.what in {"oom", "oom_echo"}
    return ProcessExit(
        kind="oom_kill" if oom else "process_exit",
        at=at,
        origin=origin,
        pid=told.pid,
        code=told.code,
        signal=told.signal,
        oom_killed=True if oom else None,
        service=told.service,
        detail=told.words,
    )
