"""An error line and an access line of one connection and one request line: which of several requests is meant."""

import pytest

from observability.detector.correlate.same_request import may_be_one
from tests.unit.observability.detector.crash import access, error

HEADER = "reading response header from upstream"


@pytest.mark.parametrize(
    ("phase", "status", "upstream_status", "one"),
    [
        pytest.param(HEADER, 502, "502", True, id="what nginx answers then"),
        pytest.param(HEADER, 200, "200", False, id="an answer had gone out: it was another request"),
        pytest.param(HEADER, 415, "415", False, id="so had a refusal"),
        pytest.param(HEADER, 200, "502, 200", True, id="the next upstream answered"),
        pytest.param(HEADER, 200, "502 : 200", True, id="an internal redirect answered"),
        pytest.param(HEADER, 200, "-", True, id="a page of nginx's own answered"),
        pytest.param(HEADER, 499, "-", True, id="the client left first"),
        pytest.param("reading upstream", 200, "200", True, id="broken off after the headers"),
        pytest.param("connecting to upstream", 404, "404", False, id="no connection, and yet an answer"),
        pytest.param(None, 200, "200", True, id="a cut line does not say where it was"),
    ],
)
def test_may_be_one(phase: str | None, status: int, upstream_status: str, one: bool) -> None:
    said = access(status, 0.5, upstream_status=upstream_status)
    assert may_be_one(error("upstream_closed_early", 0.9, phase=phase), said) is one
