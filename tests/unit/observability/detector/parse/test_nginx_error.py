"""Which signal nginx's words make, and what it says: table cases, every pattern hit, and laws for any text."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse import fields_of
from observability.detector.parse.nginx_error import parse_nginx_error, parse_nginx_fragment
from observability.detector.parse.nginx_words import RULES
from tests.unit.observability.detector.parse.nginx_lines import ORIGIN, Expected, own

LINES = list(own("nginx_error.log"))
HEADER = re.compile(r"\S+ \S+ \[\w+\] \d+#\d+: (?:\*\d+ )?")


@pytest.mark.parametrize("line", LINES, ids=lambda line: HEADER.sub("", line.text)[:90])
def test_kind_and_fields_follow_from_the_words_of_nginx(line: Expected) -> None:
    signal = parse_nginx_error(line.text, ORIGIN, UTC)
    assert (signal and signal.kind) == line.kind
    assert (fields_of(signal) if signal else {}) == line.fields


def test_every_rule_is_hit_by_a_line_of_ours() -> None:
    messages = [HEADER.sub("", line.text) for line in LINES]
    deciding = {next((at for at, (start, _) in enumerate(RULES) if start.match(message)), None) for message in messages}
    missed = [start.pattern for at, (start, _) in enumerate(RULES) if at not in deciding]
    fragments_only = [r"failed ?\(\d"]
    assert missed == fragments_only


HEADLESS: dict[str, tuple[str, str | None]] = {
    "the level is all that is left of the header": (
        "[error] recv() failed (104: Unknown error) while reading upstream",
        "upstream_reset",
    ),
    "the connection is all that is left": (
        "*5 connect() to unix:/run/a.sock failed (13: Permission denied) while connecting to upstream",
        "upstream_unreachable",
    ),
    "it begins in the middle of the message": (
        "failed (113: No route to host) while connecting to upstream, client: 10.1.1.1",
        "upstream_unreachable",
    ),
    "a sentence goes before it": (
        "nginx error: client intended to send too large body: 29826117 bytes",
        "client_body_too_large",
    ),
    "Markdown goes before it": (
        "**...upstream sent too big header while reading response header from upstream**",
        "upstream_too_big_header",
    ),
    "the first letter is big": (
        "Upstream timed out (110: Connection timed out) while reading upstream",
        "upstream_timeout",
    ),
    "another program says that something refused": ("connect ECONNREFUSED 127.0.0.1:6379", None),
    "Python quotes a time-out": ("TimeoutError: upstream timed out", None),
    "JSON is read elsewhere": ('{"message": "upstream prematurely closed connection while reading upstream"}', None),
}


@pytest.mark.parametrize(("text", "kind"), HEADLESS.values(), ids=HEADLESS)
def test_a_paste_may_lack_the_header(text: str, kind: str | None) -> None:
    signal = parse_nginx_fragment(text, ORIGIN, UTC)
    assert (signal and signal.kind) == kind


@pytest.mark.parametrize("text", [text for text, _ in HEADLESS.values()])
def test_a_stream_needs_the_header(text: str) -> None:
    assert parse_nginx_error(text, ORIGIN, UTC) is None


CLOSED = "upstream prematurely closed connection while reading response header from upstream"
PLACES: dict[str, tuple[str, bool]] = {
    "behind a collector's prefix": (f"group stream 2025/11/07 19:00:19 [error] 28#28: *9 {CLOSED}", True),
    "in quotes it is somebody's text": (f'GET "2025/11/07 19:00:19 [error] 28#28: *9 {CLOSED}', False),
    "far to the right it is somebody's text": (f"{'x' * 400} 2025/11/07 19:00:19 [error] 28#28: *9 {CLOSED}", False),
    "Markdown took the star of the connection": (f"2025/11/07 19:00:19 [error] 28#28: 9 {CLOSED}", True),
    "Markdown put stars around the message": (f"2025/11/07 19:00:19 [error] 28#28: *9 **{CLOSED}", True),
    "spaces put in by a translation": (f"2025/11/07 19:00:19 [error] 28 # 28: * 9 {CLOSED}", True),
    "another program's [ERROR]": ("2025/12/08 08:23:35 [ERROR] error syncing: upstream prematurely closed", False),
}


@pytest.mark.parametrize(("text", "found"), PLACES.values(), ids=PLACES)
def test_a_header_counts_where_a_log_would_have_it(text: str, found: bool) -> None:
    assert (parse_nginx_error(text, ORIGIN, UTC) is not None) == found


CUT: dict[str, tuple[str, dict[str, str | None]]] = {
    "in the client": (f"{CLOSED}, client: 179.32.162.$", {"client": None}),
    "in the server": (f"{CLOSED}, client: 1.2.3.4, server: diose$", {"client": "1.2.3.4", "server": None}),
    "in the path": (
        f'{CLOSED}, client: 1.2.3.4, server: _, request: "GET /images/img-pol...',
        {"method": "GET", "path": None},
    ),
    "behind the request": (
        f'{CLOSED}, client: 1.2.3.4, server: _, request: "GET /a HTTP/1.1',
        {"path": "/a", "protocol": "HTTP/1.1"},
    ),
    "before the upstream's value": (
        f'{CLOSED}, client: 1.2.3.4, server: _, request: "GET / HTTP/1.1", upstream:',
        {"upstream": None},
    ),
    "in the upstream's value": (
        f'{CLOSED}, request: "GET / HTTP/1.1", upstream: "http://10.0.7',
        {"upstream": None, "path": "/"},
    ),
    "in the phase": ("upstream prematurely closed connection while reading response hea", {"phase": None}),
    "behind the phase": (f"{CLOSED},", {"phase": "reading response header from upstream"}),
}


@pytest.mark.parametrize(("message", "fields"), CUT.values(), ids=CUT)
def test_what_the_paste_cut_off_is_absent(message: str, fields: dict[str, str | None]) -> None:
    signal = parse_nginx_error(f"2025/11/07 19:00:19 [error] 28#28: *9 {message}", ORIGIN, UTC)
    assert signal is not None
    assert {name: getattr(signal, name) for name in fields} == fields


def test_two_lines_in_one_keep_only_what_both_headers_say() -> None:
    first, second = (
        "2016/09/26 06:36:36 [error] 8061#8061: *1 connect() failed ",
        "2016/09/26 06:36:18 [error] 8063#8063: *2 ",
    )
    text = f"{first}{second}connect() failed (110: Connection timed out) while connecting to upstream, client: 1.2.3.4"
    signal = parse_nginx_error(text, ORIGIN, UTC)
    assert signal is not None
    assert fields_of(signal) == {"level": "error", "client": "1.2.3.4", "phase": "connecting to upstream", "errno": 110}
    assert signal.kind == "upstream_timeout"


def test_the_clock_of_nginx_is_in_the_zone_that_is_passed_in() -> None:
    signal = parse_nginx_error(f"2025/11/07 19:00:19 [error] 28#28: *9 {CLOSED}", ORIGIN, timezone(timedelta(hours=2)))
    assert signal is not None
    assert signal.at == datetime(2025, 11, 7, 17, 0, 19, tzinfo=UTC)


def test_a_day_that_there_is_not_has_no_time_but_is_read() -> None:
    signal = parse_nginx_error(f"2025/02/31 19:00:19 [error] 28#28: *9 {CLOSED}", ORIGIN, UTC)
    assert signal is not None
    assert (signal.at, signal.written) == (None, "2025/02/31 19:00:19")


PIECES = st.sampled_from(
    (
        *("upstream ", "prematurely closed connection", " while ", "reading upstream", ", client: ", ", server: "),
        *(', request: "GET / HTTP/1.1"', '", upstream: "', ', host: "', "(104: ", "failed ", "open() ", '"', "[lua] "),
        *("2025/11/07 19:00:19 [error] 28#28: *9 ", "\\", "，", "\x00", " "),
    )
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map("".join))
def test_no_text_makes_it_raise(text: str) -> None:
    for start in ("", "2025/11/07 19:00:19 [error] 28#28: *9 "):
        parse_nginx_error(start + text, ORIGIN, UTC)
        parse_nginx_fragment(start + text, ORIGIN, UTC)


@given(st.text(alphabet=st.characters(blacklist_characters='"\n'), min_size=1, max_size=60))
def test_a_path_never_changes_the_verdict(path: str) -> None:
    message = f'open() "/srv/{path}" failed (2: No such file or directory), client: 1.2.3.4, server: _'
    assert parse_nginx_error(f"2025/11/07 19:00:19 [error] 28#28: *9 {message}", ORIGIN, UTC) is None


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60))
def test_a_referrer_never_changes_the_other_fields(referrer: str) -> None:
    line = f'2025/11/07 19:00:19 [error] 28#28: *9 {CLOSED}, client: 1.2.3.4, server: _, request: "GET / HTTP/1.1", upstream: "http://b:1/"'
    with_it = parse_nginx_error(f'{line}, host: "h", referrer: "{referrer}"', ORIGIN, UTC)
    without = parse_nginx_error(f'{line}, host: "h"', ORIGIN, UTC)
    assert with_it is not None
    assert without is not None
    names = ("kind", "client", "server", "method", "path", "upstream", "host", "phase", "errno")
    assert [getattr(with_it, name) for name in names] == [getattr(without, name) for name in names]
