"""A signal's own fields as evidence shows them."""

from dataclasses import fields
from typing import Any

from observability.detector.signals import Signal

_NOT_SHOWN = frozenset({"kind", "origin", "ids", "context"})


def fields_of(signal: Signal) -> dict[str, Any]:
    """Return the fields that are known, JSON-able."""
    shown = {f.name: getattr(signal, f.name) for f in fields(signal) if f.name not in _NOT_SHOWN}
    return {name: value for name, value in shown.items() if isinstance(value, str | int | float) and value is not None}
