"""The prefilter may let too much through, never too little."""

from observability.detector.parse.nginx_access import parse_nginx_access
from observability.detector.parse.prefilter import may_be_access, may_tell_of_process
from tests.unit.observability.detector.parse.nginx_lines import ORIGIN, own


def test_every_access_line_of_ours_passes() -> None:
    for line in own("nginx_access.log"):
        assert may_be_access(line.text) or parse_nginx_access(line.text, ORIGIN) is None


def test_lines_that_tell_of_nothing_are_not_looked_at() -> None:
    assert not may_tell_of_process("10.1.1.1 GET / 200 0.004")
    assert may_tell_of_process("barcode_backend_1 exited with code 137")
