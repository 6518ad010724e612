"""Wrapped pastes become the lines that nginx wrote, whatever wrapped them, and nothing else is joined."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse import fields_of, parse_text
from observability.detector.parse.wrapped import rejoin
from tests.unit.observability.detector.parse.nginx_lines import READ_AT, lines_of, own

# The text of the story, exactly as people paste it: indented, and wrapped over three lines
STORY = """
    2025/11/07 19:00:19 [error] 28#28: *9 upstream prematurely closed connection while reading
    response header from upstream, client: 102.86.10.23, server: localhost, request:
    "POST /api/barcodes/upload-excel HTTP/1.1", upstream: "http://10.0.7.2:8034/api/barcodes/upload-excel"

and returns 502. Without barwatch somebody logs in over SSH and greps container logs for a
traceback, missing `UPLOAD_DIR`/`DOWNLOAD_DIR`/`LOGS_DIR`, unwritable directories, missing paths,
import errors, database errors, or an exception while the PDF is made.
"""
FIELDS = {
    "time": "2025/11/07 19:00:19",
    "level": "error",
    "pid": 28,
    "tid": 28,
    "cid": 9,
    "client": "102.86.10.23",
    "server": "localhost",
    "method": "POST",
    "path": "/api/barcodes/upload-excel",
    "protocol": "HTTP/1.1",
    "upstream": "http://10.0.7.2:8034/api/barcodes/upload-excel",
    "phase": "reading response header from upstream",
}
LINE = (
    "2025/11/07 19:00:19 [error] 28#28: *9 upstream prematurely closed connection while reading response header from upstream,"
    ' client: 102.86.10.23, server: localhost, request: "POST /api/barcodes/upload-excel HTTP/1.1",'
    ' upstream: "http://10.0.7.2:8034/api/barcodes/upload-excel"'
)


def test_the_story_is_one_signal_with_all_its_fields() -> None:
    _, signals = parse_text(STORY, "paste", READ_AT)
    assert [(signal.kind, fields_of(signal)) for signal in signals] == [("upstream_closed_early", FIELDS)]


def soft(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def hard(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


WRAPS: dict[str, list[str]] = {
    "an editor": soft(LINE, 80),
    "a narrow page": soft(LINE, 50),
    "an e-mail's quote": [f"> {part}" for part in soft(LINE, 72)],
    "a quote of a quote": [f">> {part}" for part in soft(LINE, 72)],
    "a terminal, inside words": hard(LINE, 80),
    "a wide terminal, inside words": hard(LINE, 120),
    "a terminal, behind compose's prefix": [f"nginx_1  | {part}" for part in hard(LINE, 100)],
    "a page with blank lines between": [line for part in soft(LINE, 80) for line in (part, "")],
    "a shell's backslashes": [f"{part} \\" for part in soft(LINE, 80)],
    "CRLF": [f"{part}\r" for part in soft(LINE, 80)],
}


@pytest.mark.parametrize("parts", WRAPS.values(), ids=WRAPS)
def test_an_entry_is_whole_again(parts: list[str]) -> None:
    _, signals = parse_text("\n".join(parts), "paste", READ_AT)
    assert [(signal.kind, fields_of(signal)) for signal in signals] == [("upstream_closed_early", FIELDS)]


@pytest.mark.parametrize("width", [50, 55, 64, 72, 80, 90, 100])
def test_a_complaint_about_the_configuration_is_whole_again(width: int) -> None:
    line = '2021/05/23 20:07:09 [emerg] 31#31: host not found in upstream "app.internal" in /etc/nginx/conf.d/default.conf:20'
    assert [joined.text for joined in rejoin(lines_of(*hard(line, width)))] == [line]


APART: dict[str, list[str]] = {
    "two entries": [LINE, LINE],
    "a traceback behind an entry": [LINE, "Traceback (most recent call last):", '  File "a.py", line 1, in f'],
    "an entry that was cut, and another": [
        "2020/09/08 17:58:59 [error] 3089#3089: *3 no live upstreams while connecting to$",
        LINE,
    ],
    "prose behind an entry": [LINE, "and returns 502."],
    "an exception behind half an entry": [LINE[:60], "ValueError: connection to upstream, client: 10.1.1.1"],
    "an access line behind half an entry": [
        LINE[:60],
        '10.1.1.1 - - [07/Nov/2025:19:00:19 +0000] "GET / HTTP/1.1" 502 1',
    ],
    "two containers": ["web_1  | " + LINE[:60], "db_1  | connection while reading upstream, client: 10.1.1.1"],
}


@pytest.mark.parametrize("parts", APART.values(), ids=APART)
def test_what_does_not_belong_together_stays_apart(parts: list[str]) -> None:
    assert [line.text for line in rejoin(lines_of(*parts))] == parts


KNOWN = [line for line in own("nginx_error.log") if line.kind and "9.9.9.9" not in line.text]


def test_nine_of_ten_of_our_lines_survive_any_usual_wrap() -> None:
    wraps = [(line, wrap(line.text, width)) for line in KNOWN for wrap in (soft, hard) for width in (72, 80, 100, 120)]
    missed = [
        "\n".join(parts)
        for line, parts in wraps
        if [(signal.kind, fields_of(signal)) for signal in parse_text("\n".join(parts), "paste", READ_AT)[1]]
        != [(line.kind, line.fields)]
    ]
    assert len(missed) <= len(wraps) / 10, "\n\n".join(missed)


@given(st.lists(st.one_of(st.text(max_size=20), st.sampled_from([*soft(LINE, 40), *hard(LINE, 33)])), max_size=12))
def test_no_lines_make_it_raise_and_none_is_lost(texts: list[str]) -> None:
    lines = lines_of(*texts)
    joined = rejoin(lines)
    assert len(joined) <= len(lines)
    assert [line.position for line in joined] == sorted((line.position for line in joined), key=lambda at: at.number)
