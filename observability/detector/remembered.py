"""Correlate's state in parts: each case and each young signal is kept by itself, so a commit writes what moved and no more."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from observability.detector.correlate import Case, State
from observability.detector.correlate.keys import identity
from observability.detector.lifecycle import Storm
from observability.detector.signals import Signal
from observability.detector.store import to_json
from observability.logs import get_logger

Parts = Mapping[str, str | None]  # name to JSON; None: the part is gone
T = TypeVar("T")
_REST: Final = "correlate"
_CASE: Final = "case:"
_RECENT: Final = "recent:"
_STATE: Final = TypeAdapter(State)
_CASES: Final = TypeAdapter(Case)
_STORM: Final = "storm"
_STORMS: Final = TypeAdapter(Storm)
_SIGNALS: Final[TypeAdapter[Signal]] = TypeAdapter(Signal)
_log = get_logger()


def parts_of(before: State, after: State) -> dict[str, str | None]:
    """Return what differs. Compared by identity of objects: correlate hands on what it did not touch as it is."""
    parts = _moved(before.cases, after.cases, _case_name, lambda case: _json(_CASES, case))
    parts |= _moved(before.recent, after.recent, _signal_name, lambda signal: _json(_SIGNALS, signal))
    rest, rest_before = (replace(state, cases=(), recent=()) for state in (after, before))
    if rest != rest_before or not (before.cases or before.recent):
        parts[_REST] = _json(_STATE, rest)
    return parts


def state_of(parts: Mapping[str, str]) -> State:
    """Return the state that was kept; without the parts that can't be read."""
    rest = _read(_STATE, parts.get(_REST, "{}")) or State()
    cases = [case for name, json in parts.items() if name.startswith(_CASE) and (case := _read(_CASES, json))]
    recent = [one for name, json in parts.items() if name.startswith(_RECENT) and (one := _read(_SIGNALS, json))]
    recent.sort(key=lambda signal: (signal.origin.read_at, identity(signal)))
    cases.sort(key=lambda case: (case.incident.first_seen, case.incident.id))
    return replace(rest, cases=tuple(cases), recent=tuple(recent))


def storm_parts(before: Storm, after: Storm) -> dict[str, str | None]:
    """Return the storm as a part, where it differs."""
    return {} if before == after else {_STORM: _json(_STORMS, after)}


def storm_of(parts: Mapping[str, str]) -> Storm:
    """Return the storm that was kept; calm weather where there is none."""
    return _read(_STORMS, parts.get(_STORM, "{}")) or Storm()


def _moved(
    before: Iterable[T], after: Iterable[T], name: Callable[[T], str], json: Callable[[T], str]
) -> dict[str, str | None]:
    old, new = {id(one): one for one in before}, {id(one): one for one in after}
    gone: dict[str, str | None] = {name(one): None for key, one in old.items() if key not in new}
    return gone | {name(one): json(one) for key, one in new.items() if key not in old}


def _case_name(case: Case) -> str:
    return f"{_CASE}{case.incident.id}"


def _signal_name(signal: Signal) -> str:
    digest = hashlib.sha256(identity(signal).encode("utf-8", "backslashreplace")).hexdigest()
    return f"{_RECENT}{digest[:24]}"


def _json(adapter: TypeAdapter[T], value: T) -> str:
    """Return the JSON. Signals hold text of logs: what pydantic cannot encode goes the forgiving way."""
    try:
        return adapter.dump_json(value).decode()
    except ValueError:
        return to_json(adapter.dump_python(value, mode="python"))


def _read(adapter: TypeAdapter[T], json: str) -> T | None:
    try:
        return adapter.validate_json(json)
    except ValidationError as error:
        _log.warning("detector.state.unreadable", errors=error.error_count())
        return None
