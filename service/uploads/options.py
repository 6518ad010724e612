"""The `options` of an upload: JSON text in, typed options out, or every member that is wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
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


@dataclass(frozen=True, slots=True)
class _Member:
    """How a value is taken, and the JSON Schema that says the same to a machine."""

    parse: Callable[[object], Any]
    schema: Mapping[str, Any]


def option_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each option, with its default."""
    standard = asdict(UploadOptions())
    return {name: {**member.schema, "default": _json(standard[name])} for name, member in _MEMBERS.items()}


def _json(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def parse_options(text: str | None) -> UploadOptions:
    """Return the options that `text` states, defaults for the rest. Raises InvalidOptions."""
    if text is None or not text.strip():
        return UploadOptions()
    given = _object(text)
    values: dict[str, Any] = {}
    problems: list[OptionProblem] = []
    for member, value in given.items():
        if (kind := _MEMBERS.get(member)) is None:
            problems.append(OptionProblem(member[:100], "is no option", "one of " + ", ".join(_MEMBERS)))
            continue
        try:
            values[member] = kind.parse(value)
        except _Wrong as wrong:
            problems.append(OptionProblem(member, f"{_shown(value)} is not valid", str(wrong)))
    if problems:
        raise InvalidOptions(tuple(problems))
    return UploadOptions(**values)


def _object(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_each_member_once)
        json.dumps(given, ensure_ascii=False).encode()  # half a surrogate pair is no character: no answer could hold it
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


def _word(*words: str) -> _Member:
    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise _Wrong("one of " + ", ".join(words))
        return value

    return _Member(parse, {"type": "string", "enum": list(words)})


def _whole(least: int, most: int) -> _Member:
    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _Wrong(f"a whole number from {least} to {most}")
        return value

    return _Member(parse, {"type": "integer", "minimum": least, "maximum": most})


def _number(least: float, most: float) -> _Member:
    def parse(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise _Wrong(f"a number from {least:g} to {most:g}")
        return float(value)

    return _Member(parse, {"type": "number", "minimum": least, "maximum": most})


_ROW: Final = _whole(1, MAX_ROW)
_MM: Final = _number(-100, 100)
_COLUMNS: Final = ("code", "name", "quantity", "price", "symbology")
_LINES: Final = ("code", "name", "price")
_FILLED: Final[Mapping[str, Any]] = {"type": "string", "pattern": r"\S"}
_NUMBER: Final[Mapping[str, Any]] = {"type": "integer", "minimum": 1}
_NULL: Final[Mapping[str, Any]] = {"type": "null"}


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
    return None if value is None else _ROW.parse(value)


def _columns(value: object) -> dict[str, str | int]:
    expected = "an object of code, name, quantity, price, symbology, each a header text, a letter or a number from 1"
    if not isinstance(value, dict) or value.keys() - set(_COLUMNS):
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
    return (_MM.parse(value[0]), _MM.parse(value[1]))


def _text(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or any(item not in _LINES for item in value) or len(set(value)) != len(value):
        raise _Wrong("a list of code, name, price, each at most once")
    return tuple(value)


_MEMBERS: Final[dict[str, _Member]] = {
    "symbology": _Member(_symbology, {"type": "string", "enum": ["auto", *SYMBOLOGIES]}),
    "sheet": _Member(_sheet, {"anyOf": [_FILLED, _NUMBER, _NULL]}),
    "header_row": _Member(_header_row, {"anyOf": [_ROW.schema, _NULL]}),
    "columns": _Member(
        _columns,
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {"anyOf": [_FILLED, _NUMBER, _NULL]} for name in _COLUMNS},
        },
    ),
    "check_digit": _word("verify", "add"),
    "on_error": _word("skip", "fail"),
    "duplicates": _word("warn", "allow", "drop"),
    "hidden_rows": _word("skip", "use"),
    "layout": _Member(_layout, {"anyOf": [_FILLED, {"type": "object"}]}),  # whether it can be printed: service/sheets
    "start": _whole(1, 10_000),
    "copies": _whole(1, 10_000),
    "offset_mm": _Member(_offset, {"type": "array", "minItems": 2, "maxItems": 2, "items": _MM.schema}),
    "scale": _number(0.5, 2.0),
    "text": _Member(_text, {"type": "array", "uniqueItems": True, "items": {"type": "string", "enum": list(_LINES)}}),
    "dpi": _whole(72, 2400),
    "verify": _word("auto", "all", "sample", "none"),
}
