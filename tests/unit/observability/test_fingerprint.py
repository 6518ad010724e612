"""The same crash gives the same value, whether it is seen live in the backend or read from text."""

import multiprocessing
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse.python_text import python_signals
from observability.detector.signals import Line, Position, Traceback
from observability.fingerprint import (
    ChainedException,
    Frame,
    chain_from_exc_info,
    death_fingerprint,
    fingerprint,
    is_in_app,
    module_of,
    nginx_fingerprint,
    parts_v1,
)


def lines_of(text: str) -> list[Line]:
    now = datetime(2026, 11, 7, tzinfo=UTC)
    return [Line("backend.log", Position(0, 0, n), part, now) for n, part in enumerate(text.split("\n"), start=1)]


def chain_from_text(exc: BaseException) -> tuple[ChainedException, ...]:
    signals = python_signals(lines_of("".join(traceback.format_exception(exc))))
    tracebacks = [signal for signal in signals if isinstance(signal, Traceback)]
    assert len(tracebacks) == 1
    return tracebacks[0].exceptions


class OurError(Exception):
    """An error with a name of its own."""


def plain() -> None:
    raise OurError("row 7 of /srv/uploads/a.xlsx")


def without_message() -> None:
    raise OurError


def from_a_nested_function() -> None:
    def inner(rows: int) -> None:
        class LocalError(Exception):
            pass

        raise LocalError(f"{rows} rows")

    inner(3)


def from_a_lambda() -> None:
    (lambda: plain())()


def with_cause() -> None:
    try:
        plain()
    except OurError as exc:
        raise RuntimeError("the upload failed") from exc


def with_context() -> None:
    try:
        with_cause()
    except RuntimeError:
        int("x")


def with_suppressed_context() -> None:
    try:
        plain()
    except OurError:
        raise ValueError("only this one is printed") from None


def with_notes() -> None:
    try:
        plain()
    except OurError as exc:
        exc.add_note("Hint: try again")
        exc.add_note("ValueError: this is a note, too")
        raise


def a_group() -> None:
    failures: list[Exception] = []
    for fail in (plain, with_cause, lambda: int("x")):
        try:
            fail()
        except Exception as exc:  # noqa: BLE001
            failures.append(exc)
    raise ExceptionGroup("several", [*failures, ExceptionGroup("inside", [ValueError("never raised")])])


def a_group_as_cause() -> None:
    try:
        a_group()
    except ExceptionGroup as exc:
        raise RuntimeError("after a group") from exc


def a_wide_group() -> None:
    raise ExceptionGroup("wide", [ValueError(str(n)) for n in range(40)])


def recursion() -> None:
    recursion()


def syntax() -> None:
    compile("for x in :\n  pass", "/app/labels.py", "exec")


def syntax_in_one_line() -> None:
    exec("a = 'open")


def message_of_several_lines() -> None:
    raise ValueError("first\nsecond: line\n    third\nFourth")


def message_that_begins_with_a_line_break() -> None:
    raise ValueError("\nsecond")


def message_with_a_colon() -> None:
    raise KeyError("a: b: c")


def multi_line_call() -> None:
    int(
        "x" + "y" + "z",
    )


def source_that_imitates_a_header() -> None:
    if "Traceback (most recent call last):":
        raise OurError("Traceback (most recent call last)")


def source_that_imitates_a_frame() -> None:
    raise OurError('File "a.py", line 1, in f' + "\n") if "\n" else OurError("[31m&lt;\033[0m")


def source_with_entities() -> None:
    raise OurError("&lt;" + "&quot;" + "\033[31m" + "“”")


def a_standard_library_function() -> None:
    import json

    json.loads("{")


def a_module_error() -> None:
    import nothing_of_that_name  # type: ignore[import-not-found]  # noqa: F401


def fail_in_worker() -> None:
    raise ValueError("in the worker")


def a_remote_traceback() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        pool.submit(fail_in_worker).result()


def exit_with_status() -> None:
    sys.exit(3)


RAISERS: dict[str, Callable[[], None]] = {
    raiser.__name__.replace("_", " "): raiser
    for raiser in (
        plain, without_message, from_a_nested_function, from_a_lambda, with_cause, with_context, with_suppressed_context,
        with_notes, a_group, a_group_as_cause, a_wide_group, recursion, syntax, syntax_in_one_line,
        message_of_several_lines, message_that_begins_with_a_line_break, message_with_a_colon, multi_line_call,
        source_that_imitates_a_header, source_that_imitates_a_frame, source_with_entities,
        a_standard_library_function, a_module_error, a_remote_traceback, exit_with_status,
    )
}  # fmt: skip


def raised(raiser: Callable[[], None]) -> BaseException:
    try:
        raiser()
    except BaseException as exc:  # noqa: BLE001
        return exc
    raise AssertionError("it should have raised")


@pytest.mark.parametrize("raiser", RAISERS.values(), ids=RAISERS)
def test_text_and_live_exception_have_the_same_fingerprint(raiser: Callable[[], None]) -> None:
    exc = raised(raiser)
    live, read = chain_from_exc_info(exc), chain_from_text(exc)
    assert parts_v1(read) == parts_v1(live)
    assert fingerprint(read) == fingerprint(live)


MESSAGES = st.text(max_size=60).filter(
    lambda text: not any(c in text for c in "\r\v\f\x1b\x1c\x1d\x1e\x85\u2028\u2029")
)


@given(
    st.lists(
        st.tuples(st.sampled_from([ValueError, OurError, KeyError]), MESSAGES, st.booleans()), min_size=1, max_size=4
    )
)
def test_any_chain_reads_back_the_same(links: list[tuple[type[Exception], str, bool]]) -> None:
    exc: BaseException | None = None
    for kind, message, is_cause in links:
        made = kind(message)
        if is_cause:
            made.__cause__ = exc
        else:
            made.__context__ = exc
        try:
            raise made
        except Exception as caught:  # noqa: BLE001
            exc = caught
    assert exc is not None
    assert parts_v1(chain_from_text(exc)) == parts_v1(chain_from_exc_info(exc))


PRINTED = """Traceback (most recent call last):
  File "/srv/checkout/service/api/uploads.py", line 41, in post
    job = await  start(request)
  File "/opt/venv/lib/python3.11/site-packages/sqlalchemy/engine/base.py", line 9, in execute
    raise exc
  File "/usr/lib/python3.11/asyncio/tasks.py", line 3, in wait_for
    return fut.result()
  File "<frozen os>", line 679, in __getitem__
  File "/srv/checkout/service/uploads/publish.py", line 12, in publish
    with open(path, "wb") as out:
PermissionError: [Errno 13] Permission denied: '/srv/downloads/7.pdf'"""


def test_parts_are_the_types_and_the_in_app_frames() -> None:
    (signal,) = python_signals(lines_of(PRINTED))
    assert isinstance(signal, Traceback)
    assert parts_v1(signal.exceptions) == (
        "PermissionError",
        "api.uploads|post|job = await start(request)",
        'uploads.publish|publish|with open(path, "wb") as out:',
    )


def test_line_numbers_the_checkout_and_the_message_do_not_matter() -> None:
    elsewhere = PRINTED.replace("line 41", "line 99").replace("/srv/checkout", "C:\\app").replace("7.pdf", "8.pdf")
    (one,), (other,) = python_signals(lines_of(PRINTED)), python_signals(lines_of(elsewhere))
    assert isinstance(one, Traceback)
    assert isinstance(other, Traceback)
    assert fingerprint(one.exceptions) == fingerprint(other.exceptions)


def test_version_1_is_frozen() -> None:
    """A released version never changes: incidents and issues out there carry these values."""
    frame = Frame("/app/service/api/uploads.py", 41, "post", "job = await start(request)")
    chain = (ChainedException("OSError", "x", (frame,)), ChainedException("app.Wrong", "row 7 of 'a.xlsx'", ()))
    assert fingerprint(chain) == "v1:eee335834eb6c0fd16775c8275d4201f"
    assert death_fingerprint("SIGSEGV", "draw", frame) == "v1:d3c9087d65d9afddd8937d5d4555ae0e"
    assert nginx_fingerprint("upstream_refused", "127.0.0.1:8034") == "v1:0cfaf5294948cdec94b3ef2140ca95d7"


MESSAGES_ALIKE: dict[str, tuple[str, str]] = {
    "numbers": ("row 7 failed", "row 812 failed"),
    "quoted text": ("no sheet 'May'", "no sheet 'June'"),
    "paths": ("cannot read /srv/a/b.xlsx", "cannot read /srv/c.xlsx"),
    "cells": ("bad value in B7", "bad value in AC1024"),
    "addresses in memory": ("<Spacer at 0x4c87d40>", "<Spacer at 0xffff>"),
    "ids": ("job 7b2e4f60-1111-2222-3333-444455556666 died", "job 00000000-aaaa-bbbb-cccc-444455556666 died"),
    "colours": ("\x1b[31mno\x1b[0m", "no"),
}


@pytest.mark.parametrize(("one", "other"), MESSAGES_ALIKE.values(), ids=MESSAGES_ALIKE)
def test_without_frames_the_message_counts_without_what_varies(one: str, other: str) -> None:
    assert fingerprint([ChainedException("E", one)]) == fingerprint([ChainedException("E", other)])


def test_without_frames_different_messages_differ() -> None:
    assert fingerprint([ChainedException("E", "no sheet")]) != fingerprint([ChainedException("E", "no cell")])


def test_an_exception_quoted_in_a_message_does_not_count() -> None:
    own = ChainedException("E", "x")
    assert fingerprint([own, ChainedException("F", "y", quoted=True)]) == fingerprint([own])


def test_library_frames_count_where_there_are_no_others() -> None:
    frame = Frame("/usr/lib/python3.11/json/decoder.py", 1, "decode", "raise")
    assert parts_v1([ChainedException("E", "x", (frame,))]) == ("E", "json.decoder|decode|raise")


MODULES: dict[str, tuple[str, str, bool]] = {
    "a checkout: its last two parts": ("/srv/app/service/uploads/draw.py", "uploads.draw", True),
    "a package": ("/srv/app/service/uploads/__init__.py", "service.uploads", True),
    "relative": ("./app.py", "app", True),
    "Windows": ("C:\\app\\service\\draw.py", "service.draw", True),
    "installed": ("/opt/venv/lib/python3.11/site-packages/aiohttp/client_ws.py", "aiohttp.client_ws", False),
    "Debian's": ("/usr/lib/python3/dist-packages/yaml/__init__.py", "yaml", False),
    "the standard library": ("/usr/lib/python3.11/asyncio/tasks.py", "asyncio.tasks", False),
    "the standard library on Windows": ("C:\\Python310\\lib\\threading.py", "threading", False),
    "frozen": ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>", False),
    "exec": ("<string>", "<string>", False),
    "compiled": ("asyncpg/protocol/protocol.pyx", "protocol.protocol", False),
    "a template": ("/app/templates/index.html", "templates.index_html", True),
}


@pytest.mark.parametrize(("file", "module", "in_app"), MODULES.values(), ids=MODULES)
def test_module_and_owner_follow_from_the_path(file: str, module: str, in_app: bool) -> None:
    assert module_of(file) == module
    assert is_in_app(Frame(file, 1, "f")) is in_app
