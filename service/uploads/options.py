"""The `options` of an upload: JSON text in, typed options out, or every member that is wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from service.symbology import SYMBOLOGIES, SymbologyName, normalise_name

CheckDigit = Literal["verify", "add"]
OnError = Literal["skip", "fail"]
Duplicates = Literal["warn", "allow", "drop"]
HiddenRows = Literal["skip", "use"]
Verify = Literal["auto", "all", "sample", "none"]
TextLine = Literal["code", "name", "price"]

MAX_ROW: Final = 1_048_576  # rows of an Excel sheet


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """What a person asked for; the defaults are those of UPLOADS.md section 1.

    `layout` is the id of a sheet or the JSON object of a custom one, judged where sheets are known.
    """

    symbology: SymbologyName | Literal["auto"] = "auto"
    sheet: str | int | None = None
    header_row: int | None = None
    columns: Mapping[str, str | int] = field(default_factory=dict)
    check_digit: CheckDigit = "verify"
    on_error: OnError = "skip"
    duplicates: Duplicates = "warn"
    hidden_rows: HiddenRows = "skip"
    layout: str | Mapping[str, Any] = "L7160"
    start: int = 1
    copies: int = 1
    offset_mm: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    text: tuple[TextLine, ...] = ("code", "name")
    dpi: int = 300
    verify: Verify = "auto"


@dataclass(frozen=True, slots=True)
class OptionProblem:
    """A member that is unknown or has a wrong value, and what would be right. `member` is "" for the whole text."""

    member: str
    found: str
    expected: str


class InvalidOptions(ValueError):
    """The options cannot be used. `problems` has every wrong member, not the first only."""

    def __init__(self, problems: tuple[OptionProblem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.member or 'options'}: {p.found}. Expected {p.expected}" for p in problems))

    def __reduce__(self) -> tuple[type["InvalidOptions"], tuple[tuple[OptionProblem, ...]]]:
        """Keep the fields on the way out of a child process."""
        return (type(self), (self.problems,))


class _Wrong(Exception):
    """The value is not what is expected; the message says what is."""


def parse_options(text: str | None) -> UploadOptions:
    """Return the options that `text` states, defaults for the rest. Raises InvalidOptions."""
    if text is None or not text.strip():
        return UploadOptions()
    given = _object(text)
    values: dict[str, Any] = {}
    problems: list[OptionProblem] = []
    for member, value in given.items():
        if (parse := _MEMBERS.get(member)) is None:
            problems.append(OptionProblem(member[:100], "is no option", "one of " + ", ".join(_MEMBERS)))
            continue
        try:
            values[member] = parse(value)
        except _Wrong as wrong:
            problems.append(OptionProblem(member, f"{_shown(value)} is not valid", str(wrong)))
    if problems:
        raise InvalidOptions(tuple(problems))
    return UploadOptions(**values)


def _object(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_each_member_once)
    except (ValueError, RecursionError) as error:
        raise InvalidOptions((OptionProblem("", f"not JSON ({str(error)[:200]})", "a JSON object"),)) from None
    if not isinstance(given, dict):
        raise InvalidOptions((OptionProblem("", f"{_shown(given)} is not an object", "a JSON object"),))
    return given


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _each_member_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _shown(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=True)
    return shown if len(shown) <= 100 else shown[:97] + "..."


def _word(*words: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise _Wrong("one of " + ", ".join(words))
        return value

    return parse


def _whole(least: int, most: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _Wrong(f"a whole number from {least} to {most}")
        return value

    return parse


def _number(least: float, most: float) -> Callable[[object], float]:
    def parse(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise _Wrong(f"a number from {least:g} to {most:g}")
        return float(value)

    return parse


def _symbology(value: object) -> str:
    name = normalise_name(value) if isinstance(value, str) else None
    if name is not None and name in SYMBOLOGIES:
        return name
    if isinstance(value, str) and value.strip().casefold() == "auto":
        return "auto"
    raise _Wrong("auto, " + ", ".join(SYMBOLOGIES))


def _sheet(value: object) -> str | int | None:
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise _Wrong("the name of a sheet, its number from 1, or null")


def _header_row(value: object) -> int | None:
    return None if value is None else _whole(1, MAX_ROW)(value)


def _columns(value: object) -> dict[str, str | int]:
    expected = "an object of code, name, quantity, price, symbology, each a header text, a letter or a number from 1"
    if not isinstance(value, dict) or value.keys() - {"code", "name", "quantity", "price", "symbology"}:
        raise _Wrong(expected)
    if not all(_names_a_column(given) for given in value.values()):
        raise _Wrong(expected)
    return {name: given for name, given in value.items() if given is not None}


def _names_a_column(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1)


def _layout(value: object) -> str | dict[str, Any]:
    if isinstance(value, dict) or (isinstance(value, str) and value.strip()):
        return value
    raise _Wrong("the id of a layout of /api/sheets, or an object that describes one")


def _offset(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise _Wrong("two numbers, right and down, in mm")
    return (_number(-100, 100)(value[0]), _number(-100, 100)(value[1]))


def _text(value: object) -> tuple[str, ...]:
    words = ("code", "name", "price")
    if not isinstance(value, list) or any(item not in words for item in value) or len(set(value)) != len(value):
        raise _Wrong("a list of code, name, price, each at most once")
    return tuple(value)


_MEMBERS: Final[dict[str, Callable[[object], Any]]] = {
    "symbology": _symbology,
    "sheet": _sheet,
    "header_row": _header_row,
    "columns": _columns,
    "check_digit": _word("verify", "add"),
    "on_error": _word("skip", "fail"),
    "duplicates": _word("warn", "allow", "drop"),
    "hidden_rows": _word("skip", "use"),
    "layout": _layout,
    "start": _whole(1, 10_000),
    "copies": _whole(1, 10_000),
    "offset_mm": _offset,
    "scale": _number(0.5, 2.0),
    "text": _text,
    "dpi": _whole(72, 2400),
    "verify": _word("auto", "all", "sample", "none"),
}
