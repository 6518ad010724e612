"""What collectors put before a line, and what is left when it is gone."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse.prefixes import parse_stamp, strip, unwrap
from tests.unit.observability.detector.parse.nginx_lines import recorded

STACKS: dict[str, tuple[str, str, str | None, str | None]] = {
    "nothing": ("Traceback (most recent call last):", "Traceback (most recent call last):", None, None),
    "docker compose v1": ("backend_1  | ready", "ready", "backend_1", None),
    "docker compose v2": ("web-1  | ready", "ready", "web-1", None),
    "swarm": ("labels_web.1.k2j@node1    | ready", "ready", "labels_web.1.k2j@node1", None),
    "an indented frame keeps its indentation": ('backend_1  |   File "a.py", line 1', '  File "a.py", line 1', "backend_1", None),
    "an exception group is no prefix": ("  | ExceptionGroup: x", "  | ExceptionGroup: x", None, None),
    "docker logs --timestamps": ("2026-11-24T10:55:39.556309097Z ready", "ready", None, None),
    "compose with timestamps": ("web_1  | 2026-11-24T10:55:39.556309097Z ready", "ready", "web_1", None),
    "two programs' prefixes": ("code.proxy | nginx.1    | ready", "ready", "nginx.1", None),
    "Kubernetes CRI": ("2026-11-24T10:55:39.5Z stderr F ready", "ready", None, "stderr"),
    "kubectl --prefix": ("[pod/web-1/app] ready", "ready", "pod/web-1/app", None),
    "RFC 3164": ("<34>Nov  7 19:00:19 web nginx[30523]: ready", "ready", "nginx", None),
    "a month in Spanish": ("abr 12 14:13:31 debian nginx[166718]: ready", "ready", "nginx", None),
    "RFC 5424": ('<34>1 2026-11-07T19:00:19.003Z web nginx 12 ID47 [a b="c"] ready', "ready", "nginx", None),
    "journalctl -o short-iso": ("2026-11-07T19:00:19+0000 web nginx[12]: ready", "ready", "nginx", None),
    "journalctl -o export": ("MESSAGE=ready", "ready", None, None),
    "journalctl -o json": (
        '{"MESSAGE":"ready","__REALTIME_TIMESTAMP":"1762542019000000","SYSLOG_IDENTIFIER":"web"}',
        *("ready", "web", None),
    ),
    "journalctl -o json, bytes": ('{"MESSAGE":[104,105],"__REALTIME_TIMESTAMP":"1762542019000000"}', "hi", None, None),
    "OpenWrt": ("Sun Apr 21 19:41:23 2019 daemon.info uwsgi: ready", "ready", "uwsgi", None),
    "facility and host twice": ("daemon.debug: Oct 14 14:44:22 horst horst nginx: ready", "ready", "nginx", None),
    "colours": ("\x1b[36mweb_1  |\x1b[0m ready", "ready", "web_1", None),
    "colours as rsyslog escapes them": ("#033[1;34mready#033[0m", "ready", None, None),
    "Docker's json-file": ('{"log":"ready\\n","stream":"stderr","time":"2026-11-24T10:55:39.5Z"}', "ready", None, "stderr"),
    "supervisor-stdout": ("web stderr | ready", "ready", "web", "stderr"),
    "PM2": ("0|lab  | ready", "ready", "lab", None),
    "a platform's level": ("2026-05-16T09:36:04.759276947Z [err]  ready", "ready", None, "stderr"),
    "logcli": ('{app="web", pod="x"} ready', "ready", None, None),
    "a client's address before a pipe is no container": ("10.1.1.1 | ready", "10.1.1.1 | ready", None, None),
    "Python's source line is none": ("    flags = a | b", "    flags = a | b", None, None),
}  # fmt: skip


@pytest.mark.parametrize(("line", "text", "writer", "stream"), STACKS.values(), ids=STACKS)
def test_prefixes_come_off_and_are_told(line: str, text: str, writer: str | None, stream: str | None) -> None:
    stripped = strip(line)
    assert (stripped.text, stripped.writer, stripped.stream) == (text, writer, stream)


STAMPS: dict[str, tuple[str, datetime | None]] = {
    "nanoseconds are cut": ("2026-11-24T10:55:39.556309097Z", datetime(2026, 11, 24, 10, 55, 39, 556309, tzinfo=UTC)),
    "a zone without a colon": ("2026-11-24T10:55:39+0200", datetime(2026, 11, 24, 8, 55, 39, tzinfo=UTC)),
    "no such day": ("2026-02-31T10:55:39Z", None),
    "no zone": ("2026-11-24T10:55:39", None),
}


@pytest.mark.parametrize(("text", "at"), STAMPS.values(), ids=STAMPS)
def test_stamps(text: str, at: datetime | None) -> None:
    assert parse_stamp(text) == at


WRAPPERS: dict[str, tuple[str, str | None]] = {
    "a collector's record": ('{"message": "ready", "host": "web"}', "ready"),
    "a record whose end was cut off": ('{"log":"GET \\"a', 'GET "a'),
    "logfmt": ('time="x" level=error msg="say \\"hi\\""', 'say "hi"'),
    "a line of a record printed over several": ('"message": "GET \\"a\\"",', 'GET "a"'),
    "a record without a line": ('{"status": 200}', None),
    "no record": ("ready", None),
}


@pytest.mark.parametrize(("text", "inner"), WRAPPERS.values(), ids=WRAPPERS)
def test_wrapped_lines_come_out(text: str, inner: str | None) -> None:
    assert unwrap(text) == inner


def test_docker_splits_at_16_kib_and_only_the_last_piece_is_whole() -> None:
    records = [strip(line) for line in recorded("docker/long_line.json-file.log").splitlines()]
    assert [record.partial for record in records] == [False, True, True, True, True, False, True, True, False, False]


def test_compose_up_names_the_writer_of_each_line() -> None:
    lines = [strip(line) for line in recorded("docker/compose-v1.up.txt").splitlines()]
    assert {line.writer for line in lines} == {None, "api_1", "backend_1", "web_1", "worker_1"}


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60))
def test_a_record_gives_what_its_line_would_give_alone(text: str) -> None:
    record = json.dumps({"log": f"{text}\n", "stream": "stdout", "time": "2026-11-24T10:55:39.5Z"})
    assert strip(record).text == strip(text).text


@given(st.one_of(st.text(), st.text(alphabet='{}"[]|:<>=\\ \x1b#033mabc0129TZ-+.')))
def test_no_text_makes_it_raise(text: str) -> None:
    strip(text)
    unwrap(text)
