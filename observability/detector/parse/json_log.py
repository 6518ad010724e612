"""One JSON line → signals: our own events (DESIGN section 5, observability/events.py), Docker's, and strangers' tracebacks."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, get_args

from observability import events
from observability.detector.parse.docker import docker_event, inspect_state
from observability.detector.parse.json_entry import Entry
from observability.detector.parse.json_reports import lambda_report
from observability.detector.parse.process import mentions_process
from observability.detector.parse.python_text import MAX_CONTEXT, python_signals
from observability.detector.parse.stamps import parse_iso
from observability.detector.signals import (
    Check,
    FatalDump,
    Limit,
    Line,
    PreflightChecked,
    ProcessExit,
    ProcessStart,
    ProcessStop,
    Signal,
    StageEdge,
    StageMark,
    Traceback,
)
from observability.fingerprint import ChainedException, fingerprint

MAX_JSON: Final = 1024 * 1024  # characters
_EDGES: Final[tuple[StageEdge, ...]] = get_args(StageEdge)
_OURS: Final = frozenset({events.TS, events.LEVEL, events.EVENT, "service", "pid"})
# Fields of other people's JSON that a client fills.
_CLIENTS: Final = frozenset(
    "path url uri query query_string request_uri request_path path_qs args params user_agent http_user_agent useragent referer "
    "referrer http_referer headers request_headers host filename file_name cookies body".split()
)
_LIMITS: Final[tuple[Limit, ...]] = get_args(Limit)
_WORDS: Final = ("Fatal Python error", "Traceback (most recent call last)", 'File "')


def parse_json_line(line: Line) -> tuple[Signal, ...] | None:
    """Return the signals of a JSON line; None: it is no JSON object, or one that tells us nothing. Never raises.

    A line of ours has its words in fields of their own: what else stands in it, a client may have chosen.
    """
    text = line.text.strip()
    if not text.startswith("{") or not text.endswith("}") or len(text) > MAX_JSON:
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    entry = Entry(line, fields)
    signals = tuple(_own(entry))
    if signals or fields.keys() >= _OURS:
        return signals
    return _foreign(entry) or None


# -- our own events --------------------------------------------------------------------------------------------------
def _own(entry: Entry) -> Iterator[Signal]:
    event = entry.text(events.EVENT) or ""
    if (reader := _READERS.get(event)) is not None:
        yield from reader(entry)
    elif (mark := _stage_mark(entry, event)) is not None:
        yield mark
    if entry.text(events.EXCEPTION_TYPE) or entry.text(events.EXCEPTION_STACKTRACE):
        yield _traceback(entry)


def _stage_mark(entry: Entry, event: str) -> StageMark | None:
    domain, _, edge = event.partition(".stage.")
    stage = entry.text(events.STAGE)
    known = next((known for known in _EDGES if known == edge), None)
    if known is None or stage is None:
        return None
    return StageMark(
        at=entry.at,
        origin=entry.origin,
        ids=entry.ids,
        domain=domain,
        stage=stage,
        edge=known,
        route=entry.text(events.ROUTE),
        pid=entry.whole("pid"),
        instance=entry.text("instance"),
        rows_done=entry.whole("rows_done"),
        rss_bytes=entry.whole("rss_bytes"),
        moved_at=parse_iso(entry.fields.get("moved_at")),
    )


def _traceback(entry: Entry) -> Traceback:
    stacktrace = entry.text(events.EXCEPTION_STACKTRACE) or ""
    read = [signal for signal in _inside(entry, stacktrace) if isinstance(signal, Traceback)]
    chain = tuple(exc for signal in read for exc in signal.exceptions) or (_named(entry),)
    logged = entry.text(events.FINGERPRINT)
    return Traceback(
        at=entry.at,
        origin=entry.origin,
        exceptions=chain,
        ids=entry.ids,
        fingerprint=logged if logged and logged.startswith("v") else fingerprint(chain),
        service=entry.text("service"),
        release=entry.text("version"),
        instance=entry.text("instance"),
        pid=entry.whole("pid"),
        route=entry.text(events.ROUTE),
        stage=entry.text(events.STAGE),
        event=entry.text(events.EVENT),
        handled=entry.truth("handled") or entry.text(events.LEVEL) in {"info", "debug"},
        context=(entry.text(events.EXCEPTION_MESSAGE) or "")[:MAX_CONTEXT],
    )


def _named(entry: Entry) -> ChainedException:
    message = (entry.text(events.EXCEPTION_MESSAGE) or "").partition("\n")[0]
    return ChainedException(entry.text(events.EXCEPTION_TYPE) or "Exception", message)


def _output(entry: Entry) -> Iterator[Signal]:
    """What a process wrote that was no JSON: a whole traceback, or a dump of faulthandler."""
    for signal in _inside(entry, entry.text("text") or ""):
        placed = _placed(signal, entry)
        if isinstance(placed, Traceback):
            service, release = entry.text("service"), entry.text("version")
            placed = replace(placed, service=service, release=release, event=events.PROCESS_OUTPUT)
            placed = replace(placed, instance=entry.text("instance"), pid=entry.whole("pid"))
        elif isinstance(placed, FatalDump):
            placed = replace(placed, pid=placed.pid or entry.whole("pid"), role=placed.role or entry.text("role"))
        yield placed


def _placed(signal: Signal, entry: Entry) -> Signal:
    """The same signal, told by this entry."""
    return replace(signal, at=entry.at or signal.at, origin=entry.origin, ids=entry.ids)


def _inside(entry: Entry, text: str) -> tuple[Signal, ...]:
    lines = [replace(entry.line, text=part) for part in text[:MAX_JSON].split("\n")]
    return python_signals(lines)


def _exited(entry: Entry) -> Iterator[Signal]:
    moved = entry.whole("oom_kill")
    limit = entry.text("limit")
    yield ProcessExit(
        kind="process_exit",
        at=entry.at,
        origin=entry.origin,
        ids=entry.ids,
        pid=entry.whole("pid"),
        role=entry.text("role"),
        code=entry.whole("exit_code"),
        signal=entry.text("signal"),
        oom_killed=None if moved is None else moved > 0,
        expected=entry.truth("expected"),
        asked_by=entry.text("asked_by"),
        limit=next((known for known in _LIMITS if known == limit), None),
        stage=entry.text(events.STAGE),
        rows_done=entry.whole("rows_done"),
        max_rss_bytes=entry.whole("max_rss_bytes"),
        uptime_s=entry.number("uptime_s"),
        address=entry.text("address"),
        instance=entry.text("instance"),
        release=entry.text("version"),
        service=entry.text("service"),
    )


def _stopping(entry: Entry) -> Iterator[Signal]:
    yield ProcessStop(
        at=entry.at,
        origin=entry.origin,
        ids=entry.ids,
        pid=entry.whole("pid"),
        role=entry.text("role"),
        signal=entry.text("signal"),
        asked_by=entry.text("asked_by"),
        address=entry.text("address"),
        instance=entry.text("instance"),
    )


def _started(entry: Entry) -> Iterator[Signal]:
    yield ProcessStart(
        at=entry.at,
        origin=entry.origin,
        ids=entry.ids,
        pid=entry.whole("pid"),
        role=entry.text("role"),
        address=entry.text("address"),
        instance=entry.text("instance"),
        release=entry.text("version"),
    )


def _checked(entry: Entry) -> Iterator[Signal]:
    listed = entry.fields.get("checks")
    checks = tuple(_check(one) for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    ok = entry.fields.get("ok")
    yield PreflightChecked(
        at=entry.at,
        origin=entry.origin,
        ids=entry.ids,
        when=entry.text("when") or "",
        ok=ok if isinstance(ok, bool) else all(check.ok for check in checks),
        checks=checks,
        instance=entry.text("instance"),
    )


def _check(fields: Mapping[str, object]) -> Check:
    name, what, found, remedy = (str(fields.get(key) or "") for key in ("name", "what", "found", "remedy"))
    return Check(name, fields.get("ok") is True, what, found, remedy)


_READERS: Final[Mapping[str, Callable[[Entry], Iterator[Signal]]]] = {
    events.PROCESS_OUTPUT: _output,
    events.PROCESS_EXITED: _exited,
    events.PROCESS_STOPPING: _stopping,
    events.PROCESS_STARTED: _started,
    events.PREFLIGHT_CHECKED: _checked,
}


# -- other people's JSON ------------------------------------------------------------------------------------------------
def _foreign(entry: Entry) -> tuple[Signal, ...]:
    if told := docker_event(entry) or inspect_state(entry):
        return told
    if (report := lambda_report(entry)) is not None:
        return tuple(_placed(signal, entry) for signal in _inside(entry, report))
    return tuple(_placed(signal, entry) for text in _texts(entry.fields) for signal in _inside(entry, text))


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """Every string that may hold a traceback, a dump or the words of a supervisor, however deep it lies."""
    if isinstance(value, str):
        if any(word in value for word in _WORDS) or mentions_process(value):
            yield value
    elif depth < 8 and isinstance(value, Mapping | list):
        parts = (
            (part for key, part in value.items() if str(key).lower() not in _CLIENTS)
            if isinstance(value, Mapping)
            else value
        )
        for part in parts:
            yield from _texts(part, depth + 1)
