"""A paste of anything: the mix of logs that people send, in the order of its lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse import fields_of, parse_text
from observability.detector.signals import ProcessExit, Traceback
from tests.unit.observability.detector.parse.nginx_lines import READ_AT, recorded

MIX = """\
==> /var/log/nginx/error.log <==
2025/11/07 19:00:19 [error] 28#28: *9 upstream prematurely closed connection while reading response header from upstream
==> backend <==
{"ts":"2025-11-07T19:00:19.000000Z","level":"info","event":"process.exited","role":"backend","pid":1,"signal":"SIGKILL"}
Traceback (most recent call last):
  File "/app/app.py", line 7, in publish
    open(path)
PermissionError: [Errno 13] Permission denied: '/srv/a.pdf'
10.1.1.1 - - [07/Nov/2025:19:00:19 +0000] "GET / HTTP/1.1" 502 1 "-" "curl"
"""


def test_every_kind_of_line_is_read_in_order() -> None:
    count, signals = parse_text(MIX, "paste", READ_AT)
    assert count == 9
    assert [(signal.kind, signal.origin.line) for signal in signals] == [
        ("upstream_closed_early", 2),
        ("process_exit", 4),
        ("traceback", 5),
        ("access", 9),
    ]


def test_origins_say_where_a_line_stood() -> None:
    _, signals = parse_text(MIX, "paste", READ_AT)
    first = signals[0].origin
    assert (first.source, first.offset) == ("paste", len("==> /var/log/nginx/error.log <==\n"))
    assert MIX[first.offset :].startswith(first.text)


def test_the_recorded_compose_output_has_one_traceback_and_three_deaths() -> None:
    _, signals = parse_text(recorded("docker/compose-v1.up.txt"), "compose", READ_AT)
    assert [signal.exceptions[0].type for signal in signals if isinstance(signal, Traceback)] == ["FileNotFoundError"]
    exits = {(signal.service, signal.code) for signal in signals if isinstance(signal, ProcessExit) and signal.service}
    assert exits >= {("barcode-v2_api_1", 1), ("barcode-v2_worker_1", 139), ("barcode-v2_backend_1", 137)}


def test_a_file_too_long_to_be_a_paste_gives_the_same() -> None:
    filler = "".join(f"2025-11-07 19:00:18 INFO plain line {number}\n" for number in range(3_000))
    short = [(signal.kind, fields_of(signal).get("exceptions")) for signal in parse_text(MIX, "a", READ_AT)[1]]
    count, signals = parse_text(filler + MIX + filler, "a", READ_AT)
    assert count == 6_009
    assert [(signal.kind, fields_of(signal).get("exceptions")) for signal in signals] == short


RECORDS = {
    "cut in the middle": '{"remote_addr":"10.1.1.1","status":"502","request":"GET /a HTTP/1.1","request_time":"0.004","ua":"Moz',
    "with a quote too many": '{"remote_addr":` "10.1.1.1", "status": 502, "request": "GET /a HTTP/1.1", "request_time": 0.004}',
}


@pytest.mark.parametrize("text", RECORDS.values(), ids=RECORDS)
def test_an_access_record_that_the_paste_broke_is_read_as_far_as_it_goes(text: str) -> None:
    (signal,) = parse_text(text, "a", READ_AT)[1]
    fields = {
        "client": "10.1.1.1",
        "status": 502,
        "method": "GET",
        "path": "/a",
        "protocol": "HTTP/1.1",
        "request_time": 0.004,
    }
    assert (signal.kind, fields_of(signal)) == ("access", fields)


def test_an_empty_paste_has_no_lines() -> None:
    assert parse_text("", "a", READ_AT) == (0, ())


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    count, signals = parse_text(text, "a", READ_AT)
    assert all(1 <= signal.origin.line <= count for signal in signals)
