"""Hostile and broken bytes through the whole chain (split, parse, correlate): right, or cleanly bounded."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from observability.detector.correlate import State, correlate
from observability.detector.incidents import IncidentChange
from observability.detector.parse import Pending, parse_text, step
from observability.detector.signals import Position, Signal
from observability.detector.sources.splitter import LineSplitter
from tests.unit.observability.detector.logs import START, UPLOAD, access, error, killed
from tests.unit.observability.detector.play import standing

READ = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
CHUNK = 64 * 1024
Incident = tuple[str, int, int, str]  # cause, occurrences, requests, title


def incidents_of(signals: list[Signal]) -> list[Incident]:
    state, changes = correlate(State(), signals, READ)
    found: list[IncidentChange] = list(changes)
    for after in (1, 5, 40):
        state, more = correlate(state, (), READ + timedelta(seconds=after))
        found += more
    return sorted((i.cause.code, i.occurrences, len(i.request_ids), i.title) for i in standing(found))


def signals_in(files: dict[str, bytes], tz: tzinfo = UTC) -> Iterator[Signal]:
    """Yield what a detector makes of the files, read in chunks."""
    pending = Pending()
    for name, content in files.items():
        splitter = LineSplitter(name, Position(1, 0, 1))
        for at in range(0, len(content), CHUNK):
            pending, signals = step(pending, splitter.feed(content[at : at + CHUNK], READ), READ, tz=tz)
            yield from signals
        pending, signals = step(pending, splitter.flush(READ), READ, tz=tz)
        yield from signals
    yield from step(pending, (), READ + timedelta(seconds=1), tz=tz)[1]


def traceback(*, message: str = "'ean'", kind: str = "KeyError", function: str = "draw") -> list[str]:
    return [
        "Traceback (most recent call last):",
        f'  File "/srv/labels/{function}.py", line 40, in {function}',
        '    code = row["ean"]',
        f"{kind}: {message}",
    ]


def lines(*texts: str, end: str = "\n") -> bytes:
    return "".join(f"{text}{end}" for text in texts).encode()


def docker(text: str, stream: str = "stderr") -> str:
    return json.dumps({"log": text, "stream": stream, "time": "2026-11-24T14:00:00.000000001Z"})


def compose(name: str, *texts: str) -> list[str]:
    return [f"{name}-1  | {text}" for text in texts]


def interleaved(first: list[str], second: list[str]) -> list[str]:
    return [text for pair in zip(first, second, strict=True) for text in pair]


def crash(at: float, number: int) -> dict[str, bytes]:
    """Return the three files of a killed backend."""
    written = list(killed(at, number))
    names = ("error.log", "access.log", "backend.log")
    return {name: lines(*(line.text for line in written if line.file == name)) for name in names}


def joined(*several: dict[str, bytes]) -> dict[str, bytes]:
    return {name: b"".join(files[name] for files in several) for name in several[0]}


KEY_ERROR = "KeyError: 'ean' at /srv/labels/draw.py:40 in draw"
KILLED = f"{UPLOAD}: backend 77 was killed from outside (SIGKILL) in stage draw"
CLOSED = "upstream prematurely closed connection while reading response header from upstream"
UNKNOWN = (
    "nginx had reached the backend, which closed the connection before its answer was complete; cause not known yet"
)
IN_WINTER = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).timestamp() - START
LONG = "x" * 40_000


@dataclass(frozen=True, slots=True)
class Case:
    files: dict[str, bytes]
    incidents: list[Incident]
    tz: tzinfo = UTC  # of nginx's clock, whose error log writes none


def one(content: bytes, *incidents: Incident) -> Case:
    return Case({"backend.log": content}, sorted(incidents))


CASES: dict[str, Case] = {
    "colours": one(lines(*(f"\x1b[31m{text}\x1b[0m" for text in traceback())), ("programming_error", 1, 0, KEY_ERROR)),
    "line breaks of Windows": one(lines(*traceback(), end="\r\n"), ("programming_error", 1, 0, KEY_ERROR)),
    "bytes that are no UTF-8": one(
        lines(*traceback()).replace(b"'ean'", b"'e\xff\xfen'"),
        ("programming_error", 1, 0, "KeyError: 'e\\xff\\xfen' at /srv/labels/draw.py:40 in draw"),
    ),
    "a line of 10 MB before a traceback": one(
        b"x" * 10_000_000 + b"\n" + lines(*traceback()), ("programming_error", 1, 0, KEY_ERROR)
    ),
    "a line of 10 MB as the message": one(
        lines(*traceback(message="y" * 10_000_000, kind="ValueError")),
        ("programming_error", 1, 0, f"ValueError: {'y' * 147}…"),
    ),
    "two containers that write in turns": one(
        lines(
            *interleaved(
                compose("backend", *traceback()), compose("worker", *traceback(kind="TypeError", message="no"))
            )
        ),
        ("programming_error", 1, 0, KEY_ERROR),
        ("programming_error", 1, 0, "TypeError: no at /srv/labels/draw.py:40 in draw"),
    ),
    "stdout between the lines of a traceback on stderr": one(
        lines(
            *interleaved(
                [docker(f"{text}\n") for text in traceback()], [docker("GET / 200\n", "stdout") for _ in traceback()]
            )
        ),
        ("programming_error", 1, 0, KEY_ERROR),
    ),
    "a message over 16 KB, which Docker splits": one(
        lines(
            *(docker(f"{text}\n") for text in traceback(kind="ValueError", message="z")[:-1]),
            docker(f"ValueError: {LONG}"[:16_384]),
            docker(f"ValueError: {LONG}"[16_384:32_768]),
            docker(f"ValueError: {LONG}"[32_768:] + "\n"),
        ),
        ("programming_error", 1, 0, f"ValueError: {'x' * 147}…"),
    ),
    "NUL bytes before and within": one(
        b"\0" * 5_000 + lines(*traceback()).replace(b"row", b"r\0w"), ("programming_error", 1, 0, KEY_ERROR)
    ),
    "a traceback that journald kept as one message": one(
        lines(json.dumps({"__REALTIME_TIMESTAMP": "1795528800000000", "_PID": "7", "MESSAGE": "\n".join(traceback())})),
        ("programming_error", 1, 0, KEY_ERROR),
    ),
    "the same crash again after the clock was set back an hour": Case(
        joined(crash(7_200, 1), crash(3_600, 2)), [("killed", 2, 2, KILLED)]
    ),
    "the same crash again after the clock was set forward an hour": Case(
        joined(crash(0, 1), crash(3_600, 2)), [("killed", 2, 2, KILLED)]
    ),
    "a crash in the hour that the end of summer time gives twice": Case(
        {
            "error.log": lines(error(0, CLOSED, UPLOAD, cid=1).text.replace("2026/11/24 14:00", "2026/10/25 02:30")),
            "access.log": lines(access(IN_WINTER, 502, UPLOAD, number=1).text),
        },
        [("other", 1, 1, f"{UPLOAD}: {UNKNOWN}")],
        ZoneInfo("Europe/Berlin"),
    ),
}

WRAPPED = """2026/11/24 14:00:00 [error] 28#28: *9 upstream prematurely closed connection
while reading response header from upstream, client: 10.0.0.9, server:
localhost, request: "POST /api/barcodes/upload-excel HTTP/1.1", upstream:
"http://127.0.0.1:8034/api/barcodes/upload-excel", host: "localhost"
"""


def test_a_paste_that_a_mail_has_wrapped_is_one_line_of_nginx() -> None:
    _, signals = parse_text(WRAPPED, "paste", READ)
    assert incidents_of(list(signals)) == [("other", 1, 0, f"{UPLOAD}: {UNKNOWN}")]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_incidents_of(case: Case) -> None:
    assert incidents_of(list(signals_in(case.files, case.tz))) == case.incidents
