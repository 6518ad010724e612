"""What an access line says, in text of any format and in JSON."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse import fields_of
from observability.detector.parse.nginx_access import parse_nginx_access
from observability.detector.parse.nginx_access_json import access_of_record
from tests.unit.observability.detector.parse.nginx_lines import ORIGIN, Expected, own

LINES = list(own("nginx_access.log"))
OURS: dict[str, Any] = {
    "msec": "1762542019.123",
    "pid": "28",
    "connection": "9",
    "connection_requests": "1",
    "request_id": "4f1c0123456789abcdef0123456789ab",
    "request": "POST /api/barcodes/upload-excel HTTP/1.1",
    "status": "502",
    "upstream_addr": "10.0.7.2:8034",
    "upstream_status": "502",
    "upstream_response_time": "0.004",
    "request_time": "0.004",
    "request_length": "26214401",
    "client": "102.86.10.23",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.text[:90])
def test_text_formats(line: Expected) -> None:
    signal = parse_nginx_access(line.text, ORIGIN)
    assert (signal and signal.kind) == line.kind
    assert (fields_of(signal) if signal else {}) == line.fields


def test_our_own_format_gives_every_join_key() -> None:
    signal = access_of_record(OURS, ORIGIN)
    assert signal is not None
    assert signal.at == datetime(2025, 11, 7, 19, 0, 19, 123000, tzinfo=UTC)
    assert (signal.pid, signal.cid, signal.ids.request_id) == (28, 9, "4f1c0123456789abcdef0123456789ab")
    assert signal.ids.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert (signal.method, signal.path, signal.status) == ("POST", "/api/barcodes/upload-excel", 502)
    assert (signal.upstream, signal.upstream_status, signal.request_time) == ("10.0.7.2:8034", "502", 0.004)


RECORDS: dict[str, tuple[dict[str, Any], int | None]] = {
    "numbers may be numbers": (OURS | {"status": 502, "pid": 28}, 502),
    "camel case": ({"url": "/", "status": 200, "requestTime": "0.000", "bodyBytesSent": 1}, 200),
    "an application's record of a request is none": (OURS | {"event": "http.request.finished"}, None),
    "a record without a request is none": ({"status": "502", "request_time": "0.1"}, None),
    "a status that is no number is none": (OURS | {"status": "ok"}, None),
    "a record of something else": ({"level": 3, "message": "send of 5 bytes failed"}, None),
}


@pytest.mark.parametrize(("record", "status"), RECORDS.values(), ids=RECORDS)
def test_json_records(record: dict[str, Any], status: int | None) -> None:
    signal = access_of_record(record, ORIGIN)
    assert (signal and signal.status) == status


def test_local_times_become_utc() -> None:
    line = '10.1.1.1 - - [08/Nov/2025:00:30:00 +0530] "GET / HTTP/1.1" 200 1 "-" "curl"'
    signal = parse_nginx_access(line, ORIGIN)
    assert signal is not None
    assert signal.at == datetime(2025, 11, 7, 19, 0, tzinfo=UTC)


@given(
    st.lists(
        st.one_of(st.sampled_from(['"', " ", "[", "]", "GET / HTTP/1.1", "200", "- -", "|"]), st.text(max_size=6))
    ).map("".join)
)
def test_no_text_makes_it_raise(text: str) -> None:
    parse_nginx_access(text, ORIGIN)
    parse_nginx_access(f"10.1.1.1 - - [08/Nov/2025:00:30:00 +0530] {text}", ORIGIN)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)


@given(st.dictionaries(st.sampled_from([*OURS, "event", "time", "ts"]), SCALARS))
def test_no_record_makes_it_raise(record: dict[str, Any]) -> None:
    access_of_record(OURS | record, ORIGIN)
