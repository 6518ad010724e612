"""An exception to the fields that every error line carries: type, message, stack trace, fingerprint."""

import traceback
from collections.abc import Mapping
from typing import Final

from observability import events
from observability.fingerprint import chain_from_exc_info, fingerprint
from observability.ids import Fingerprint

_KEPT: Final = "_observability_fingerprint"
_MAX_MESSAGE: Final = 2_000
_MAX_TRACE: Final = 16_000


def exception_fields(error: BaseException) -> Mapping[str, object]:
    """Return the `exception.*` fields of an error line. Never raises, whatever the exception's own `__str__` does."""
    return {
        events.EXCEPTION_TYPE: qualified_name(type(error)),
        events.EXCEPTION_MESSAGE: message_of(error),
        events.EXCEPTION_STACKTRACE: stacktrace(error),
        events.FINGERPRINT: fingerprint_of(error),
    }


def fingerprint_of(error: BaseException) -> Fingerprint | None:
    """Return what makes it the same failure as another. None where it cannot be told.

    Worked out once and kept on the exception: a stage and the middleware log the same one, but the farther it was
    thrown, the more frames it has.
    """
    kept = getattr(error, _KEPT, None)
    if isinstance(kept, str):
        return Fingerprint(kept)
    try:
        value = fingerprint(chain_from_exc_info(error))
    except Exception:  # noqa: BLE001 — the edge: a stranger's exception must not cost the line
        return None
    if hasattr(error, "__dict__"):
        setattr(error, _KEPT, value)
    return value


def qualified_name(kind: type[BaseException]) -> str:
    """Return the name as a traceback prints it: ValueError, sqlalchemy.exc.OperationalError."""
    module = kind.__module__
    return kind.__qualname__ if module in ("builtins", "__main__") else f"{module}.{kind.__qualname__}"


def message_of(error: BaseException) -> str:
    """Return `str(error)`, bounded; a note in its place where that raises."""
    try:
        return str(error)[:_MAX_MESSAGE]
    except Exception as broken:  # noqa: BLE001 — the edge: a stranger's __str__ may raise anything
        return f"<{type(broken).__name__} in __str__>"


def stacktrace(error: BaseException) -> str:
    """Return the traceback as Python prints it, with its chain; the middle is cut where it is very long."""
    try:
        text = "".join(traceback.format_exception(error))
    except Exception as broken:  # noqa: BLE001 — as above; deep recursion lands here too
        return f"<{type(broken).__name__} while formatting {type(error).__name__}>"
    if len(text) <= _MAX_TRACE:
        return text
    half = _MAX_TRACE // 2
    return f"{text[:half]}\n  … {len(text) - 2 * half} characters cut …\n{text[-half:]}"
