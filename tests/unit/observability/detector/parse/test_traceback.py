"""Tracebacks in every printed form, and damaged as people and collectors damage them."""

import json
import re
from collections.abc import Callable

import pytest

from observability.detector.parse.json_log import parse_json_line
from observability.detector.parse.python_text import python_signals
from observability.detector.signals import Traceback

from .lines import lines_of

Seen = tuple[str, str, int | None, str | None]  # type, message, number of frames, innermost function

PLAIN = """Traceback (most recent call last):
  File "/app/service/api/uploads.py", line 41, in post
    job = await start(request)
          ^^^^^^^^^^^^^^^^^^^^
  File "/app/service/uploads/publish.py", line 12, in publish
    with open(path, "wb") as out:
         ^^^^^^^^^^^^^^^^
PermissionError: [Errno 13] Permission denied: '/srv/downloads/7.pdf'"""
PLAIN_SEEN: list[Seen] = [("PermissionError", "[Errno 13] Permission denied: '/srv/downloads/7.pdf'", 2, "publish")]
CHAIN = """Traceback (most recent call last):
  File "/app/db.py", line 5, in connect
    raise err
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/jobs.py", line 9, in load
    connect()
sqlalchemy.exc.OperationalError: connection failed
(Background on this error at: https://sqlalche.me/e/20/e3q8)"""
CHAIN_SEEN: list[Seen] = [
    ("ConnectionRefusedError", "[Errno 111] Connection refused", 1, "connect"),
    ("sqlalchemy.exc.OperationalError", "connection failed", 1, "load"),
]


def seen(text: str) -> list[Seen]:
    signals = [signal for signal in python_signals(lines_of(text)) if isinstance(signal, Traceback)]
    return [
        (
            exc.type,
            exc.message,
            None if exc.frames is None else len(exc.frames),
            exc.frames[-1].function if exc.frames else None,
        )
        for signal in signals
        for exc in signal.exceptions
    ]


FORMS: dict[str, tuple[str, list[Seen]]] = {
    "plain, with markers": (PLAIN, PLAIN_SEEN),
    "a cause": (CHAIN, CHAIN_SEEN),
    "an exception during handling": (
        CHAIN.replace(
            "The above exception was the direct cause of the following exception:",
            "During handling of the above exception, another exception occurred:",
        ),
        CHAIN_SEEN,
    ),
    "no message": (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nMemoryError',
        [("MemoryError", "", 1, "f")],
    ),
    "a lower-case name of old": (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nsocket.timeout',
        [("socket.timeout", "", 1, "f")],
    ),
    "a class within a function": (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\napp.f.<locals>.Wrong: no',
        [("app.f.<locals>.Wrong", "no", 1, "f")],
    ),
    "a group: children are flattened": (
        '  + Exception Group Traceback (most recent call last):\n  |   File "<stdin>", line 3, in f\n'
        "  | ExceptionGroup: there were problems (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n"
        '    | Traceback (most recent call last):\n    |   File "a.py", line 1, in g\n    |     h()\n    | OSError: error 1\n'
        "    +---------------- 2 ----------------\n    | SystemError: error 2\n    +------------------------------------",
        [
            ("ExceptionGroup", "there were problems (2 sub-exceptions)", 1, "f"),
            ("OSError", "error 1", 1, "g"),
            ("SystemError", "error 2", 0, None),
        ],
    ),
    "a recursion: the mark is no frame": (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    f()\n  File "a.py", line 1, in f\n    f()\n'
        "  [Previous line repeated 996 more times]\nRecursionError: maximum recursion depth exceeded",
        [("RecursionError", "maximum recursion depth exceeded", 2, "f")],
    ),
    "a SyntaxError: its location is no frame": (
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    import b\n  File "/app/b.py", line 26\n'
        "    file = request.\n                   ^\nSyntaxError: invalid syntax",
        [("SyntaxError", "invalid syntax", 1, "<module>")],
    ),
    "a SyntaxError of the program itself": (
        '  File "/app/b.py", line 26\n    a b\n      ^\nSyntaxError: invalid syntax',
        [("SyntaxError", "invalid syntax", 0, None)],
    ),
    "a remote traceback": (
        'multiprocessing.pool.RemoteTraceback: \n"""\nTraceback (most recent call last):\n  File "w.py", line 1, in work\n    f()\n'
        'KeyError: 7\n"""\n\nThe above exception was the direct cause of the following exception:\n\n'
        'Traceback (most recent call last):\n  File "m.py", line 1, in main\n    pool.map()\nKeyError: 7',
        [
            ("multiprocessing.pool.RemoteTraceback", "", 0, None),
            ("KeyError", "7", 1, "work"),
            ("KeyError", "7", 1, "main"),
        ],
    ),
    "a traceback quoted as another one's message": (
        'Traceback (most recent call last):\n  File "m.py", line 1, in main\n    run()\n'
        'RuntimeError: worker failed: Traceback (most recent call last):\n  File "w.py", line 1, in work\n    f()\nKeyError: 7',
        [
            ("RuntimeError", "worker failed: Traceback (most recent call last):", 1, "main"),
            ("KeyError", "7", 1, "work"),
        ],
    ),
    "a message of several lines: the first counts": (
        'Traceback (most recent call last):\n  File "c.py", line 1, in f\n    Settings()\n'
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\n"
        "UPLOAD_DIR\n  Field required [type=missing, input_value={}, input_type=dict]",
        [("pydantic_core._pydantic_core.ValidationError", "1 validation error for Settings", 1, "f")],
    ),
    "notes that look like exceptions": (
        'Traceback (most recent call last):\n  File "c.py", line 1, in f\n    g()\nValueError: a\nHint: b\nKeyError: c',
        [("ValueError", "a", 1, "f")],
    ),
    "frames of a log call after it": (
        'Traceback (most recent call last):\n  File "c.py", line 1, in f\n    g()\nTypeError: not all arguments converted\n'
        'Call stack:\n  File "d.py", line 9, in main\n    log.info("%s")\nMessage: "%s"',
        [("TypeError", "not all arguments converted", 1, "f")],
    ),
    "two in a row": (f"{PLAIN}\n{CHAIN}", [*PLAIN_SEEN, *CHAIN_SEEN]),
    "the top is cut off": (PLAIN.split("\n", 4)[4], [(*PLAIN_SEEN[0][:2], 1, "publish")]),
    "the end is cut off: no exception is known": (PLAIN.rsplit("\n", 1)[0], []),
    "the exception first, its frames below": (
        "OSError: [Errno 28] No space left on device\n\nTraceback:\n"
        '  File "packer.py", line 483, in main\n\n  File "shutil.py", line 208, in copyfileobj',
        [("OSError", "[Errno 28] No space left on device", 2, "copyfileobj")],
    ),
    "frames without source lines": (
        re.sub(r"(?m)^    .*\n", "", PLAIN),
        PLAIN_SEEN,
    ),
    "only the exception is left": (
        "django.db.utils.ProgrammingError: relation does not exist\nLINE 1: FROM topic",
        [("django.db.utils.ProgrammingError", "relation does not exist", 0, None)],
    ),
    "only the exception is left, behind a time": (
        "[2026-11-07 19:00:19,698: WARNING/ForkPoolWorker-1] KeyError: 7\n1.340 OSError: [Errno 28] No space left on device",
        [("KeyError", "7", 0, None), ("OSError", "[Errno 28] No space left on device", 0, None)],
    ),
    "a log entry that names an exception": ("2026-11-07 19:00:19 ERROR KeyError: 7\n[ERROR] KeyError: 7", []),
    "two writers at once: nobody can tell whose frames": (
        'Traceback (most recent call last):\nTraceback (most recent call last):\n  File "a.py", line 1, in f\n'
        '  File "b.py", line 1, in g\n    x()\n    y()\nValueError: a\nKeyError: b',
        [("ValueError", "a", None, None), ("KeyError", "b", None, None)],
    ),
    "workers that share a log": (
        '[07: WARNING/Worker-1] Traceback (most recent call last):\n[07: WARNING/Worker-1] File "a.py", line 1, in f\n'
        '[07: WARNING/Worker-2] File "b.py", line 1, in g\n[07: WARNING/Worker-1] TypeError: x',
        [("TypeError", "x", None, None)],
    ),
    "wrapped File lines": (
        'Traceback (most recent call last):\n  File "/usr/lib/rst2pdf/createpdf.py", line 2414,\nin main\n    run()\n  File\n'
        '"/usr/lib/reportlab/doctemplate.py", line\n855, in multiBuild\n    self.build()\nreportlab.LayoutError: too large',
        [("reportlab.LayoutError", "too large", 2, "multiBuild")],
    ),
    "a log prefix before the header": (f"2026-11-07 19:00:19.406 | ERROR    | app:send:123 - {PLAIN}", PLAIN_SEEN),
    "a shell's ^C before the header": (f"^C{PLAIN}", PLAIN_SEEN),
    "within a quote of JSON": (f' "{PLAIN}",', PLAIN_SEEN),
    "framed by rich": (
        "╭───── Traceback (most recent call last) ─────╮\n"
        "│ /app/main.py:12 in main                     │\n"
        "│                                             │\n"
        "│   10 def main():                            │\n"
        "│ ❱ 12 │   run()                              │\n"
        "│                                             │\n"
        "│ /app/run.py:33 in run                       │\n"
        "│ ❱ 33 │   int('x')                           │\n"
        "╰─────────────────────────────────────────────╯\nValueError: bad",
        [("ValueError", "bad", 2, "run")],
    ),
    "marked by loguru": (
        'Traceback (most recent call last):\n\n> File "x.py", line 5, in <module>\n    foo()\n    └ <function foo at 0x7f>\n\n'
        '  File "x.py", line 2, in foo\n    1 / 0\n\nZeroDivisionError: division by zero',
        [("ZeroDivisionError", "division by zero", 2, "foo")],
    ),
    "Django's report": (
        'Traceback (most recent call last):\n  File "/app/views.py", line 55, in inner\n    response = get_response(request)\n\n'
        "Exception Type: OperationalError at /admin/\nException Value: no such table: x",
        [("OperationalError", "no such table: x", 1, "inner")],
    ),
    "AWS Lambda's report": (
        "[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n  File \"/var/task/f.py\", line 5, in handler\n"
        "    return event['x']\nEND RequestId: 7",
        [("KeyError", "'x'", 1, "handler")],
    ),
    "typographic quotes of a forum": (
        "Traceback (most recent call last):\n  File “/app/a.py”, line 3, in f\n    g()\nKeyError: ‘x’",
        [("KeyError", "‘x’", 1, "f")],
    ),
    "entities of a web page": (
        "Traceback (most recent call last):\n  File &quot;/app/a.py&quot;, line 3, in &lt;module&gt;\n    g()\nKeyError: 'x'",
        [("KeyError", "'x'", 1, "<module>")],
    ),
    "source lines that lost their line break": (
        'Traceback (most recent call last):\n  File "/app/a.py", line 3, in f    g()\nKeyError: 7',
        [("KeyError", "7", 1, "f")],
    ),
    "frames left out by whoever pasted it": (
        "Traceback (most recent call last):\n  ...\nbotocore.errorfactory.NoSuchBucket: gone",
        [("botocore.errorfactory.NoSuchBucket", "gone", 0, None)],
    ),
    "colours without their escape character": (
        '[31mTraceback (most recent call last):[0m\n[31m  File "a.py", line 3, in f[0m\n[31mKeyError: 7[0m',
        [("KeyError", "7", 1, "f")],
    ),
    "an old error in lower case": (
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nerror: unpack requires a string',
        [("error", "unpack requires a string", 1, "f")],
    ),
    "an error of JavaScript is none of Python": ("TypeError: x is undefined\n    at foo (app.js:1:2)", []),
    "an error of Java is none of Python": ("java.lang.NullPointerException: x\n\tat com.example.Main(Main.java:3)", []),
    "a warning": ("/app/a.py:9: UserWarning: leaks memory\n  warnings.warn('leaks memory')", []),
    "prose about tracebacks": (
        'value="Traceback (most rece...",\nTraceback (most recent call last) is what Python prints',
        [],
    ),
    "a file name in prose": ('see File "a.py", line 3, in f for the reason', []),
}


@pytest.mark.parametrize(("text", "wanted"), FORMS.values(), ids=FORMS)
def test_exceptions_are_read_in_the_order_printed(text: str, wanted: list[Seen]) -> None:
    assert seen(text) == wanted


def every_line(prefix: str) -> Callable[[str], str]:
    return lambda text: "\n".join(f"{prefix}{line}" for line in text.split("\n"))


DAMAGES: dict[str, Callable[[str], str]] = {
    "all indentation lost": lambda text: "\n".join(line.lstrip() for line in text.split("\n")),
    "blank lines between": lambda text: text.replace("\n", "\n\n"),
    "first letters lost": lambda text: text[3:],
    "everything indented": every_line("    "),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "colours": lambda text: "\n".join(f"\x1b[31m{line}\x1b[0m" for line in text.split("\n")),
    "an unknown prefix": every_line("1.340 "),
    "a worker's prefix": every_line("[2026-11-07 19:00:19,573: WARNING/ForkPoolWorker-4] "),
    "a journal's prefix in French": every_line("févr. 15 16:28:23 web barwatch[2545]: "),
    "a time and no indentation": lambda text: "\n".join(
        f"2026-11-07 19:00:19.40{n % 10}+00:00{line.lstrip()}" for n, line in enumerate(text.split("\n"))
    ),
    "quoted in a mail": every_line("> "),
    "another process's line after the header": lambda text: text.replace(
        "last):\n", "last):\nCommand: C:\\edge.exe --user\n", 1
    ),
    "another process's lines between frames": lambda text: text.replace(
        '\n  File "', '\n[2026-11-07 19:00:19 +0000] [9] [INFO] Booting\n  File "'
    ),
    "log lines around": lambda text: (
        f'INFO: started\nERROR: Exception on /x\n{text}\nINFO:     127.0.0.1:5 - "GET / HTTP/1.1" 200 OK'
    ),
    "in a string of JSON, cut off": lambda text: json.dumps({"message": f"it's bad: {text}\n"})[:-3],
    "in a string of JSON in a string of JSON": lambda text: (
        "log: " + json.dumps({"log": json.dumps({"message": text})})
    ),
    "in a repr": lambda text: f"failed with {text!r}",
    "behind rsyslog": lambda text: text.replace("\n", "#012"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_does_not_change_what_is_read(damage: Callable[[str], str]) -> None:
    assert seen(damage(PLAIN)) == PLAIN_SEEN
    assert seen(damage(CHAIN)) == CHAIN_SEEN


def test_all_line_breaks_lost() -> None:
    joined = re.sub(r"\n\s*(?:\^+)?", " ", CHAIN.partition("\n\n")[0])
    assert seen(joined) == CHAIN_SEEN[:1]


def test_frames_keep_their_source_line_and_module() -> None:
    (signal,) = python_signals(lines_of(PLAIN))
    assert isinstance(signal, Traceback)
    frames = signal.exceptions[0].frames or ()
    assert [(frame.file, frame.line, frame.source, frame.module) for frame in frames] == [
        ("/app/service/api/uploads.py", 41, "job = await start(request)", "api.uploads"),
        ("/app/service/uploads/publish.py", 12, 'with open(path, "wb") as out:', "uploads.publish"),
    ]


def test_time_and_context_come_from_the_entry_above() -> None:
    text = f"[2026-11-07 19:00:18 +0100] [7] [ERROR] Error handling request /api/x\n{PLAIN}\nINFO: next"
    (signal,) = python_signals(lines_of(text))
    assert isinstance(signal, Traceback)
    assert signal.at is not None
    assert signal.at.isoformat() == "2026-11-07T18:00:18+00:00"
    assert "Error handling request /api/x" in signal.context
    assert signal.origin.line == 2
    assert signal.origin.text == PLAIN


def test_the_rest_of_a_message_is_context() -> None:
    (signal,) = python_signals(lines_of(FORMS["a message of several lines: the first counts"][0]))
    assert isinstance(signal, Traceback)
    assert "Field required [type=missing" in signal.context


def test_json_of_a_stranger_with_a_traceback_in_a_field() -> None:
    line = lines_of(
        json.dumps({"timestamp": "2026-11-07T19:00:18Z", "extra": {"exc_info": PLAIN}, "request_id": "r1"})
    )[0]
    signals = parse_json_line(line)
    assert signals is not None
    assert [signal.kind for signal in signals] == ["traceback"]
    assert signals[0].at is not None
    assert signals[0].ids.request_id == "r1"


def test_the_error_object_of_lambda() -> None:
    stack = ['  File "/var/task/f.py", line 5, in handler\n    return event[7]\n']
    line = lines_of(json.dumps({"errorMessage": "7", "errorType": "KeyError", "stackTrace": stack}))[0]
    (signal,) = parse_json_line(line) or ()
    assert isinstance(signal, Traceback)
    assert [(exc.type, exc.message, len(exc.frames or ())) for exc in signal.exceptions] == [("KeyError", "7", 1)]
