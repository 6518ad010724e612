"""Text of the silences file → silences, or all that is wrong with it by line. Pure."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from observability.detector.incidents import CauseCode, Severity
from observability.detector.lifecycle import MatchedBy, Silence, Weekly

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS: Final = {
    "silence": ("match", "from", "until", "reason", "author"),
    "maintenance": ("match", "from", "until", "weekly", "reason", "author"),
}
_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {"cause": get_args(CauseCode), "severity": get_args(Severity)}
_HEAD: Final = re.compile(r"\s*\[\[\s*(\w+)\s*\]\]")
_AT_LINE: Final = re.compile(r"at line (\d+)")
_MAX_ENTRIES: Final = 1000


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in one line of the file, and what to write there."""

    line: int
    found: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.found}. {self.remedy}"


class BadSilences(Exception):
    """The file cannot be used. `wrong` has all that is wrong with it."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        self.wrong = wrong
        super().__init__("; ".join(map(str, wrong)))


class _Bad(Exception):
    """One value cannot be used: its key, what was found, the remedy."""

    def __init__(self, key: str, found: str, remedy: str) -> None:
        self.key, self.found, self.remedy = key, found, remedy
        super().__init__(found)


def silences_of(text: str) -> tuple[Silence, ...]:
    """Return the entries in the order of the file. Raises BadSilences."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        remedy = 'Write it as TOML: name = "text", times as 2026-07-01T22:00:00Z'
        raise BadSilences((Wrong(line, f"not TOML ({error})", remedy),)) from None
    heads = _heads(text)
    wrong = [Wrong(1, f"{name} is not known", "Write [[silence]] or [[maintenance]] tables") for name in document
             if name not in _KEYS or not _tables(document[name])]  # fmt: skip
    entries: list[Silence] = []
    for kind in () if wrong else _KEYS:
        for table, line in zip(document.get(kind, []), heads.get(kind, []), strict=False):
            try:
                entries.append(_entry(kind, table, line))
            except _Bad as bad:
                wrong.append(Wrong(_line_of(text, line, bad.key), bad.found, bad.remedy))
    if len(entries) > _MAX_ENTRIES:
        wrong.append(
            Wrong(entries[_MAX_ENTRIES].line, f"more than {_MAX_ENTRIES} entries", "Delete those that are over")
        )
    if wrong:
        raise BadSilences(tuple(sorted(wrong, key=lambda one: one.line)))
    return tuple(sorted(entries, key=lambda one: one.line))


def _tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(table, dict) for table in value)


def _entry(kind: str, table: Mapping[str, Any], line: int) -> Silence:
    for key in table:
        if key not in _KEYS[kind]:
            raise _Bad(key, f"{key} is not known in a {kind}", f"Use {', '.join(_KEYS[kind])}")
    patterns = _patterns(table.get("match", {}))
    if kind == "silence" and not patterns:
        raise _Bad("match", "it matches everything", 'Name what it is about: match = { cause = "bad_input" }')
    weekly = _weekly(table["weekly"]) if "weekly" in table else None
    since, until = _moment(table, "from"), _moment(table, "until")
    if weekly is None and until is None:
        raise _Bad("until", "it has no end", "Add until = 2026-07-01T22:00:00Z")
    if weekly is not None and (since or until):
        raise _Bad("weekly", "it is weekly and has from or until", "Keep one of them")
    if kind == "maintenance" and weekly is None and since is None:
        raise _Bad("from", "it has no beginning", "Add from = 2026-07-01T20:00:00Z")
    if since and until and since >= until:
        raise _Bad("until", "it ends before it begins", "Write from before until")
    return Silence(_text(table, "reason"), _text(table, "author"), patterns, since, until, weekly, line)


def _patterns(match: object) -> tuple[tuple[MatchedBy, str], ...]:
    names = get_args(MatchedBy)
    if not isinstance(match, dict):
        raise _Bad("match", "match is no table", 'Write match = { cause = "bad_input" }')
    for name, pattern in match.items():
        if name not in names:
            raise _Bad("match", f"{name} cannot be matched", f"Use {', '.join(names)}")
        if not isinstance(pattern, str) or not pattern:
            raise _Bad("match", f"{name} is no text", f'Write {name} = "…", with * for anything')
        known = _KNOWN.get(name, ())
        if known and "*" not in pattern and pattern not in known:
            raise _Bad("match", f"there is no {name} {pattern}", f"Use one of {', '.join(known)}")
    return tuple(match.items())


def _moment(table: Mapping[str, Any], key: str) -> datetime | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _Bad(
            key, f"{key} is no moment with its offset", f"Write {key} = 2026-07-01T22:00:00+02:00, without quotes"
        )
    return value


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _Bad(key, f"{key} is missing", f'Add {key} = "…": somebody will ask')
    return " ".join(value.split())[:500]


def _weekly(value: object) -> Weekly:
    shape = 'Write weekly = { days = ["sat"], from = "02:00", until = "04:30", zone = "Europe/Berlin" }'
    if not isinstance(value, dict) or set(value) != {"days", "from", "until", "zone"}:
        raise _Bad("weekly", "weekly is not days, from, until and zone", shape)
    days = value["days"]
    if not isinstance(days, list) or not days or not all(day in _DAYS for day in days):
        raise _Bad("weekly", "days are not days", f"Use {', '.join(_DAYS)}")
    start, end = _clock(value["from"]), _clock(value["until"])
    if start == end:
        raise _Bad("weekly", "it begins when it ends", "Write two windows for a whole day, or another time")
    try:
        zone = ZoneInfo(value["zone"])
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise _Bad("weekly", f"there is no zone {value['zone']}", "Use a name such as Europe/Berlin or UTC") from None
    return Weekly(frozenset(_DAYS.index(day) for day in days), start, end, zone)


def _clock(value: object) -> time:
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value)) if re.fullmatch(r"\d\d:\d\d", str(value), re.ASCII) else _no_clock(value)
    except ValueError:
        return _no_clock(value)


def _no_clock(value: object) -> time:
    raise _Bad("weekly", f"{value} is no time of day", 'Write "02:00"')


def _heads(text: str) -> dict[str, list[int]]:
    """Return the lines at which the tables of each kind begin."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if head := _HEAD.match(line):
            found.setdefault(head[1], []).append(number)
    return found


def _line_of(text: str, head: int, key: str) -> int:
    """Return the line of a key in the table that begins at `head`; the table's own where it has none."""
    for number, line in enumerate(text.splitlines()[head:], start=head + 1):
        if line.lstrip().startswith("[["):
            break
        if re.match(rf"\s*{re.escape(key)}\s*(\.|=)", line) or re.match(rf"\s*\[\w+\.{re.escape(key)}\]", line):
            return number
    return head
