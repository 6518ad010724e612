"""The prefilter may let too much through, never too little."""

from observability.detector.parse.nginx_access import parse_nginx_access
from observability.detector.parse.prefilter import may_be_access, may_tell_of_process, trouble_spans
from tests.unit.observability.detector.parse.nginx_lines import ORIGIN, own


def test_every_line_of_ours_that_is_trouble_passes() -> None:
    lines = [line.text for line in own("nginx_error.log") if line.kind]
    chunk = "\n".join(lines).encode()
    found = [chunk[begin:end].decode() for begin, end in trouble_spans(chunk)]
    assert found == lines


def test_an_access_log_of_successes_has_no_candidates() -> None:
    line = b'10.1.1.1 - - [07/Nov/2025:19:00:19 +0000] "GET / HTTP/1.1" 200 1 "-" "curl"\n'
    assert trouble_spans(line * 100) == []
    assert trouble_spans(line * 100 + line.replace(b" 200 ", b" 502 ")) == [(len(line) * 100, len(line) * 101 - 1)]


def test_every_access_line_of_ours_passes() -> None:
    for line in own("nginx_access.log"):
        assert may_be_access(line.text) or parse_nginx_access(line.text, ORIGIN) is None


def test_lines_that_tell_of_nothing_are_not_looked_at() -> None:
    assert not may_tell_of_process("10.1.1.1 GET / 200 0.004")
    assert may_tell_of_process("barcode_backend_1 exited with code 137")
