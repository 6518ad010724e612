"""What a real nginx wrote of one afternoon of failures: errors by their expectation, three access formats of the same requests."""

from datetime import UTC

import pytest

from observability.detector.parse import fields_of, parse_text
from observability.detector.parse.nginx_error import parse_nginx_error
from observability.detector.signals import Access
from tests.unit.observability.detector.parse.nginx_lines import ORIGIN, OWN, READ_AT, Expected, own


@pytest.mark.parametrize("line", list(own("nginx_real_error.log")), ids=lambda line: line.text[20:110])
def test_errors(line: Expected) -> None:
    signal = parse_nginx_error(line.text, ORIGIN, UTC)
    assert (signal and signal.kind) == line.kind
    assert (fields_of(signal) if signal else {}) == line.fields


def accesses(name: str) -> list[Access]:
    """Return the requests that an access log tells of."""
    count, signals = parse_text((OWN / name).read_text("utf-8"), name, READ_AT)
    found = [signal for signal in signals if isinstance(signal, Access)]
    assert len(found) == len(signals) == count
    return found


def test_three_formats_tell_of_the_same_requests() -> None:
    formats = [accesses(f"nginx_real_{name}.log") for name in ("combined", "timed", "json")]
    told = [
        # text escapes a quote as \\x22 (ngx_http_log_escape), JSON as \\"
        [(one.method, (one.path or "").replace("\\x22", '"'), one.protocol, one.status, one.client) for one in requests]
        for requests in formats
    ]
    assert told[0] == told[1] == told[2]
    assert len(told[0]) > 20


def test_timed_formats_tell_of_times_and_upstreams() -> None:
    timed, ours = accesses("nginx_real_timed.log"), accesses("nginx_real_json.log")
    assert [one.request_time for one in timed] == [one.request_time for one in ours]
    named = [one for one in timed if one.upstream != "-"]
    assert [(one.upstream, one.upstream_status) for one in named] == [
        (one.upstream, one.upstream_status) for one in ours if one.upstream
    ]
    assert all(one.ids.request_id and one.pid and one.cid and one.at for one in ours)


def test_an_error_and_its_access_line_share_their_join_keys() -> None:
    errors = {
        (line.fields["pid"], line.fields["cid"], line.fields["path"])
        for line in own("nginx_real_error.log")
        if line.kind and "path" in line.fields
    }
    told = {(one.pid, one.cid, one.path) for one in accesses("nginx_real_json.log")}
    assert errors <= told
