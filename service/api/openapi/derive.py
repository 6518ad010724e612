"""A frozen dataclass → the JSON Schema of what it is as JSON, so that a model is described in one place. Pure."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Json = dict[str, Any]
_PLAIN: dict[object, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}


def schema_of(model: type, **refined: Json) -> Json:
    """Return the schema of a dataclass: each field required, nothing beside. `refined` replaces fields, or adds some."""
    hints = get_type_hints(model)
    properties = {field.name: _of_type(hints[field.name]) for field in dataclasses.fields(model)}
    return closed({**properties, **refined})


def closed(properties: Mapping[str, Json], *, optional: tuple[str, ...] = ()) -> Json:
    """Return the schema of an object of exactly these members."""
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
        "properties": dict(properties),
    }


def or_null(schema: Json) -> Json:
    """Return the schema of a value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def words(of: object) -> Json:
    """Return the schema of a Literal."""
    return {"type": "string", "enum": list(get_args(of))}


def _of_type(hint: Any) -> Json:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if get_origin(hint) is Literal:
        return words(hint)
    if get_origin(hint) in (Union, types.UnionType):
        return {"anyOf": [_of_type(choice) for choice in get_args(hint)]}
    if get_origin(hint) is tuple and get_args(hint)[1:] == (Ellipsis,):
        return {"type": "array", "items": _of_type(get_args(hint)[0])}
    if get_origin(hint) is tuple and len(set(get_args(hint))) == 1:
        count = len(get_args(hint))
        return {"type": "array", "minItems": count, "maxItems": count, "items": _of_type(get_args(hint)[0])}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return schema_of(hint)
    raise TypeError(f"{hint} has no JSON Schema here")
