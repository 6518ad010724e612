"""Fatal dumps: of the interpreter, of the C library; and what only looks like one."""

import pytest

from observability.detector.parse.python_text import python_signals
from observability.detector.signals import FatalDump

from .lines import lines_of

Seen = tuple[str, str | None, tuple[str | None, ...]]  # reason, signal, functions, most recent first

CASES: dict[str, tuple[str, list[Seen]]] = {
    "faulthandler: the frames of the thread that failed": (
        "Fatal Python error: Segmentation fault\n\nThread 0x0000ffff2119f1a0 (most recent call first):\n"
        '  File "/usr/lib/python3.11/threading.py", line 331 in wait\n\n'
        'Current thread 0x0000ffff81c26020 (most recent call first):\n  File "/app/draw.py", line 13 in draw\n'
        '  File "/app/app.py", line 14 in <module>\n\nExtension modules: numpy.core._multiarray_umath (total: 1)',
        [("Segmentation fault", "SIGSEGV", ("draw", "<module>"))],
    ),
    "faulthandler behind a log prefix": (
        "web | Fatal Python error: Bus error\nweb | \nweb | Current thread 0x01 (most recent call first):\n"
        'web |   File "/app/draw.py", line 13 in draw',
        [("Bus error", "SIGBUS", ("draw",))],
    ),
    "abort()": ("Fatal Python error: Aborted\n", [("Aborted", "SIGABRT", ())]),
    "the interpreter gives up": (
        "Fatal Python error: _PyInterpreterState_Get: the function must be called with the GIL held\n",
        [("_PyInterpreterState_Get: the function must be called with the GIL held", "SIGABRT", ())],
    ),
    "faulthandler on Windows": (
        'Windows fatal exception: access violation\n\nThread 0x00001 (most recent call first):\n  File "C:\\a.py", line 3 in draw',
        [("access violation", None, ("draw",))],
    ),
    "an interpreter of old that cannot start": (
        "Fatal Python error: initfsencoding: unable to load the file system codec",
        [],
    ),
    "macOS": (
        "python(7,0x1) malloc: *** error for object 0x7f: pointer being freed was not allocated",
        [("pointer being freed was not allocated", "SIGABRT", ())],
    ),
    "no frames": (
        "Fatal Python error: Segmentation fault\n\nCurrent thread 0x01 (most recent call first):\n  <no Python frame>",
        [("Segmentation fault", "SIGSEGV", ())],
    ),
    "an interpreter that cannot start exits by itself": (
        "Fatal Python error: init_import_site: Failed to import the site module",
        [],
    ),
    "a thread dump is no death": (
        'Timeout (0:00:05)!\nThread 0x01 (most recent call first):\n  File "/app/draw.py", line 13 in draw',
        [],
    ),
    "glibc's heap check": (
        "*** Error in `/bin/python': double free or corruption (!prev): 0x00007f1f41c34880 ***\n======= Backtrace: =========",
        [("double free or corruption (!prev)", "SIGABRT", ())],
    ),
    "glibc of today": ("free(): invalid pointer\nAborted (core dumped)", [("free(): invalid pointer", "SIGABRT", ())]),
    "malloc": ("malloc(): corrupted top size", [("malloc(): corrupted top size", "SIGABRT", ())]),
    "stack protector": ("*** stack smashing detected ***: terminated", [("stack smashing detected", "SIGABRT", ())]),
    "C++": (
        "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc",
        [("terminate called after throwing an instance of 'std::bad_alloc'", "SIGABRT", ())],
    ),
    "assert of C": (
        "python: malloc.c:2401: sysmalloc: Assertion `old_top == initial_top (av)' failed.",
        [("Assertion `old_top == initial_top (av)' failed", "SIGABRT", ())],
    ),
    "an exception that tells of one": ("RuntimeError: double free or corruption (out) in the child", []),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES)
def test_a_dump_says_why_and_where(text: str, wanted: list[Seen]) -> None:
    dumps = [signal for signal in python_signals(lines_of(text)) if isinstance(signal, FatalDump)]
    assert [(dump.reason, dump.signal, tuple(frame.function for frame in dump.frames)) for dump in dumps] == wanted


def test_the_evidence_is_the_whole_dump() -> None:
    text = CASES["faulthandler: the frames of the thread that failed"][0]
    (dump,) = python_signals(lines_of(text))
    assert dump.origin.text.startswith("Fatal Python error")
    assert dump.origin.text.endswith("line 14 in <module>")
