"""Hooks of schemathesis, loaded by its command line: what the document alone cannot say about a valid upload.

Where a generated body is valid by the document, its file becomes a list that people might upload, and its options become ones
whose members go together: `start` on the page of `layout`, and a custom layout that can be printed.
"""

import json
import os
import urllib.error
import urllib.request
import zlib
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.transport.serialization import Binary

from service.sheets import layout_named
from tests.lists import ean, ean_list, xlsx

T = TypeVar("T")
Case = schemathesis.Case[Any]
JOBS: Final = tuple(os.environ["BARWATCH_TEST_JOBS"].split(","))  # ids of jobs that have ended, in every state
LISTS: Final = (
    ean_list(3),
    xlsx([("EAN", "Name", "Quantity"), (ean(1), "cup", 2), ("4000000000010", "pot", 1)]),
    xlsx([("EAN", "Quantity"), (ean(1), 0)]),
    b"EAN;Name\r\n4006381333931;Stift\r\n",
    b"no list\r\n",
)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put a list in the place of noise, options that go together, parts whose name HTTP can hold, and a job that there is."""
    if isinstance(case.body, dict) and not _is_wrong(case, ParameterLocation.BODY):
        named = {name: value for name, value in case.body.items() if name.isascii() and name.isalnum()}
        case.body = {name: _likely(name, value) for name, value in named.items()}
        if case._meta is not None:
            case._meta.clear_dirty(ParameterLocation.BODY)  # judged again, bytes would count as no string
    if "cursor" in case.query and not _is_wrong(case, ParameterLocation.QUERY):
        case.query = {**case.query, "cursor": "0"}  # another must have been given by the page before
    if "/jobs/" in case.path and case.method != "DELETE" and not _is_linked(case):
        case.path_parameters = {"id": _choice((*JOBS, "x"), case.path_parameters)}


def _is_wrong(case: Case, location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)


def _is_linked(case: Case) -> bool:
    return case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL


def _choice(among: Sequence[T], by: object) -> T:
    return among[zlib.crc32(repr(by).encode()) % len(among)]


def _likely(name: str, value: Any) -> Any:
    if name == "file":
        return Binary(_choice(LISTS, value))
    return _printable(value) if name == "options" and isinstance(value, dict) else value


def _printable(options: dict[str, Any]) -> dict[str, Any]:
    layout = options.get("layout", "L7160")
    known = layout_named(layout) if isinstance(layout, str) else None
    if known is None:
        return {**options, "layout": {"label_mm": [60, 40]}, "start": 1}
    return {**options, "start": min(int(options.get("start", 1)), known.per_page)}


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Case, response: schemathesis.Response) -> bool:
    """Return whether it is a failure. DELETE of a job that runs cancels it, by the contract: it is still there, and no ghost."""
    if type(failure).__name__ != "UseAfterFree":
        return True
    job = "/".join(str(response.request.url).split("/")[:6])
    try:
        with urllib.request.urlopen(job) as answer:
            return bool(json.load(answer)["state"] != "cancelled")
    except urllib.error.HTTPError:
        return True
