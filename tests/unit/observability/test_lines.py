"""A log line: one JSON object, bounded, without secrets, whatever the fields hold."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.lines import LineWriter, Source, encode, is_secret, timestamp

SOURCE = Source("labels", "1.2", "a-1", 42)
NOON_NS = 1_762_542_019_123_456_789  # 2025-11-07T19:00:19.123456789Z


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_a_line_begins_with_time_level_event_and_who_logs(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    LineWriter(writing, SOURCE, clock=lambda: NOON_NS).event(
        "info", "upload.stage.started", {"rows": 3, "left_out": None}
    )
    assert os.read(reading, 4096) == (
        b'{"ts":"2025-11-07T19:00:19.123456Z","level":"info","event":"upload.stage.started",'
        b'"service":"labels","version":"1.2","instance":"a-1","pid":42,"rows":3}\n'
    )


def test_a_full_disk_loses_lines_and_the_next_one_says_how_many(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    full = os.open("/dev/full", os.O_WRONLY)
    writer = LineWriter(full, SOURCE)
    writer.event("info", "a", {})
    writer.event("info", "b", {})
    os.close(full)
    writer.fd = writing
    writer.event("info", "c", {})
    assert orjson.loads(os.read(reading, 4096))["lines_lost"] == 2
    assert writer.lost == 0


def test_each_line_is_one_write_so_that_two_processes_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "log"
    fds = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND) for _ in range(2)]
    writers = [LineWriter(fd, SOURCE) for fd in fds]
    for number in range(20):
        writers[number % 2].event("info", "x", {"number": number, "text": "y" * 5000})
    assert [orjson.loads(line)["number"] for line in path.read_bytes().splitlines()] == list(range(20))
    for fd in fds:
        os.close(fd)


TIMES: dict[str, tuple[int, str]] = {
    "the epoch has microseconds too": (0, "1970-01-01T00:00:00.000000Z"),
    "nanoseconds are cut, not rounded into the next second": (999_999_999, "1970-01-01T00:00:00.999999Z"),
    "before the epoch": (-1_000, "1969-12-31T23:59:59.999999Z"),
}


@pytest.mark.parametrize(("at_ns", "text"), TIMES.values(), ids=TIMES)
def test_time_is_rfc_3339_in_utc(at_ns: int, text: str) -> None:
    assert timestamp(at_ns) == text


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 — made aware below
def test_time_reads_back(at: datetime) -> None:
    aware = at.replace(tzinfo=UTC)
    since_epoch = aware - datetime(1970, 1, 1, tzinfo=UTC)
    at_ns = (since_epoch.days * 86_400 + since_epoch.seconds) * 10**9 + since_epoch.microseconds * 1000
    assert datetime.fromisoformat(timestamp(at_ns)) == aware


SECRETS: dict[str, tuple[str, bool]] = {
    "token": ("token", True),
    "part of a name": ("access_token", True),
    "a header": ("Authorization", True),
    "an environment variable": ("SENTRY_DSN", True),
    "camel case": ("dbPassword", True),
    "API key, in two words": ("api_key", True),
    "cookie header": ("Set-Cookie", True),
    "a key of a mapping is none": ("key", False),
    "a word that only contains one": ("tokenizer", False),
    "the request id": ("request_id", False),
}


@pytest.mark.parametrize(("key", "secret"), SECRETS.values(), ids=SECRETS)
def test_secrets_are_known_by_the_words_of_their_name(key: str, secret: bool) -> None:
    assert is_secret(key) == secret
    assert orjson.loads(encode({key: "hunter2"}))[key] == ("[redacted]" if secret else "hunter2")


def test_a_secret_deep_inside_is_replaced_too() -> None:
    assert b"hunter2" not in encode({"settings": [{"db": {"password": "hunter2"}}]})


@pytest.mark.parametrize("field", ["url", "exception.stacktrace"])
def test_the_password_of_a_url_is_replaced_wherever_it_stands(field: str) -> None:
    line = encode({field: "cannot reach postgresql://app:hunter2@db:5432/jobs now"})
    assert orjson.loads(line)[field] == "cannot reach postgresql://app:[redacted]@db:5432/jobs now"


CONTROLS: dict[str, str] = {
    "line feed": "a\nb",
    "escape sequence": "\x1b[2J",
    "delete": "\x7f",
    "C1 control": "\x9b2J",
    "line separator": "\u2028",
    "override of direction": "\u202egpj.exe",
    "isolate": "\u2066",
}


@pytest.mark.parametrize("text", CONTROLS.values(), ids=CONTROLS)
def test_control_characters_are_escaped_and_read_back(text: str) -> None:
    line = encode({"name": text})
    assert all(0x20 <= byte < 0x7F for byte in line[:-1])
    assert orjson.loads(line)["name"] == text


class _Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no")


ODD: dict[str, object] = {
    "an integer over 64 bits": 2**70,
    "a lone surrogate": "\ud800",
    "bytes": b"\xff",
    "a set": {1},
    "a path": Path("/x"),
    "not a number": float("nan"),
    "an object whose repr raises": _Broken(),
    "deep nesting": [[[[[[[[[[["x"]]]]]]]]]]],
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_a_field_of_any_kind_gives_a_line(value: object) -> None:
    assert orjson.loads(encode({"event": "x", "value": value}))["event"] == "x"


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()) | st.integers(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(st.characters()), JSONISH))
def test_encode_never_raises_and_gives_one_line_of_json(fields: dict[str, object]) -> None:
    line = encode(fields)
    assert line.count(b"\n") == 1
    assert isinstance(orjson.loads(line), dict)


@given(st.dictionaries(st.text(max_size=5), st.text(st.sampled_from("a\x00\x7f\u202eé"), max_size=3000), max_size=20))
def test_a_line_is_never_longer_than_allowed(fields: dict[str, str]) -> None:
    assert len(encode(fields, max_bytes=4096)) <= 4096


def test_of_a_long_traceback_the_end_is_kept_and_the_ids_too() -> None:
    fields = {"event": "x", "exception.stacktrace": "frame\n" * 50_000 + "ValueError: the end", "request_id": "r1"}
    line = orjson.loads(encode(fields))
    assert line["request_id"] == "r1"
    assert line["truncated"] is True
    assert line["exception.stacktrace"].endswith("ValueError: the end")
