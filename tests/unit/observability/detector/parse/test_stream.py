"""Lines as they come: whatever the batches, the same signals; bounded; and a checkpoint never passes what is half-read."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.parse import Pending, flush, parse_text, step
from observability.detector.parse.stream import MAX_CHARACTERS
from observability.detector.signals import Line, Position, Signal, Traceback
from tests.unit.observability.detector.parse.nginx_lines import READ_AT, lines_of, recorded

TRACE = (
    "Traceback (most recent call last):",
    '  File "/app/app.py", line 7, in publish',
    "    open(path)",
    "PermissionError: [Errno 13] Permission denied: '/srv/downloads/a.pdf'",
)
NGINX = (
    "2025/11/07 19:00:19 [error] 28#28: *9 upstream prematurely closed connection while reading response header from upstream, "
    'client: 102.86.10.23, server: localhost, request: "POST /a HTTP/1.1", upstream: "http://10.0.7.2:8034/a"'
)
ACCESS = '10.1.1.1 - - [07/Nov/2025:19:00:19 +0000] "GET / HTTP/1.1" 502 1 "-" "curl"'
LATER = READ_AT + timedelta(seconds=1)


def read(batches: Sequence[Sequence[Line]], *, tick: bool = False) -> list[Signal]:
    pending = Pending()
    signals: list[Signal] = []
    for batch in batches:
        pending, found = step(pending, batch, READ_AT)
        signals += found
        if tick:
            pending, found = step(pending, [], READ_AT)
            signals += found
    return [*signals, *flush(pending, READ_AT)]


def kinds(signals: Sequence[Signal]) -> list[str]:
    return [signal.kind for signal in signals]


def test_a_nginx_line_is_a_signal_at_once() -> None:
    pending, signals = step(Pending(), lines_of(NGINX), READ_AT)
    assert kinds(signals) == ["upstream_closed_early"]
    assert pending == Pending()


def test_a_traceback_waits_for_its_end_and_silence_is_one() -> None:
    pending, signals = step(Pending(), lines_of(*TRACE), READ_AT)
    assert not signals
    assert pending.held_from == {"error.log": Position(7, 100, 1)}
    pending, signals = step(pending, [], LATER)
    assert kinds(signals) == ["traceback"]
    assert pending == Pending()


def test_a_slow_reader_does_not_cut_a_traceback() -> None:
    first, second = lines_of(*TRACE[:2]), lines_of(*TRACE[2:], number=3, read_at=LATER)
    pending, signals = step(Pending(), first, READ_AT + timedelta(seconds=5))
    assert not signals
    pending, _ = step(pending, second, LATER + timedelta(seconds=5))
    found = flush(pending, LATER)
    assert [len(signal.exceptions[0].frames or ()) for signal in found if isinstance(signal, Traceback)] == [1]


def test_writers_of_one_source_do_not_mix() -> None:
    api = [f"api_1      | {text}" for text in TRACE]
    web = [f"web_1      | {text.replace('PermissionError', 'ValueError')}" for text in TRACE]
    mixed = [line for pair in zip(api, web, strict=True) for line in pair]
    signals = read([lines_of(*mixed)])
    assert sorted(signal.exceptions[0].type for signal in signals if isinstance(signal, Traceback)) == [
        "PermissionError",
        "ValueError",
    ]


def test_nginx_between_the_lines_of_a_traceback_does_not_end_it() -> None:
    signals = read([lines_of(TRACE[0], TRACE[1], NGINX, ACCESS, *TRACE[2:])])
    assert sorted(kinds(signals)) == ["access", "traceback", "upstream_closed_early"]


def test_the_recorded_interleaving_of_stdout_and_stderr_gives_whole_tracebacks() -> None:
    text = recorded("docker/interleave.json-file.log")
    found = [signal for signal in read([lines_of(*text.splitlines())]) if isinstance(signal, Traceback)]
    assert [[exception.type for exception in signal.exceptions] for signal in found] == [["ValueError"]] * text.count(
        "Traceback ("
    )
    assert {len(signal.exceptions[0].frames or ()) for signal in found} == {1}


@pytest.mark.parametrize("name", ["abort", "import_error", "missing_env", "oom", "segfault", "traceback"])
def test_a_recording_says_the_same_line_by_line(name: str) -> None:
    lines = lines_of(*recorded(f"docker/{name}.json-file.log").splitlines())
    whole = kinds(read([lines]))
    assert kinds(read([[line] for line in lines], tick=True)) == whole
    logs = recorded(f"docker/{name}.docker-logs-timestamps.txt")  # stderr first: `docker logs` was not asked to merge
    assert sorted(kinds(parse_text(logs, name, READ_AT)[1])) == sorted(whole)


def test_a_line_that_docker_split_is_one_line() -> None:
    event = json.dumps(
        {"event": "process.exited", "role": "backend", "pid": 1, "signal": "SIGKILL", "note": "é" * 20_000}
    )
    pieces = [*(event[at : at + 16_384] for at in range(0, len(event), 16_384))]
    pieces[-1] += "\n"
    stamp = {"stream": "stdout", "time": "2026-11-24T10:55:39.5Z"}
    lines = lines_of("", *(json.dumps({"log": piece} | stamp) for piece in pieces))
    pending, signals = step(Pending(), lines[:3], READ_AT)
    assert pending.held_from == {"error.log": lines[1].position}
    pending, signals = step(pending, lines[3:], READ_AT)
    assert kinds([*signals, *flush(pending, READ_AT)]) == ["process_exit"]


def test_ten_megabytes_in_one_line_are_cut_with_a_mark() -> None:
    (line,) = lines_of(NGINX + "x" * (10 * MAX_CHARACTERS))
    signals = read([[line]])
    assert kinds(signals) == ["upstream_closed_early"]
    assert len(signals[0].origin.text) < MAX_CHARACTERS


def test_a_split_line_without_an_end_is_bounded() -> None:
    piece = '{"log":"' + "x" * 16_384 + '","stream":"stdout","time":"2026-11-24T10:55:39.5Z"}'
    pending, _ = step(Pending(), lines_of(*[piece] * 100), READ_AT)
    assert max(len(writer.pieces) for writer in pending.writers.values()) <= MAX_CHARACTERS


def test_any_number_of_writers_is_bounded() -> None:
    pending, _ = step(Pending(), lines_of(*[f"job_{number} | {TRACE[0]}" for number in range(2_000)]), READ_AT)
    assert len(pending.writers) <= 512


def test_crlf_and_bad_bytes_are_no_matter() -> None:
    assert kinds(read([lines_of(NGINX + "\\xff\r")])) == ["upstream_closed_early"]


def test_a_syslog_stamp_becomes_the_time_of_what_follows() -> None:
    signals = read([lines_of(*[f"Nov  7 19:00:19 web app[12]: {text}" for text in TRACE])])
    assert [signal.at for signal in signals] == [datetime(2026, 11, 7, 19, 0, 19, tzinfo=UTC)]


TEXTS = [*TRACE, NGINX, ACCESS, "web_1  | ready", f"web_1  | {TRACE[0]}", "plain", '{"event": "x"}']


@given(st.lists(st.sampled_from(TEXTS), max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_batches_do_not_matter(texts: list[str], cuts: list[int]) -> None:
    lines = lines_of(*texts)
    edges = sorted({0, len(lines), *(min(cut, len(lines)) for cut in cuts)})
    batches = [lines[a:b] for a, b in pairwise(edges)]
    assert kinds(read(batches)) == kinds(read([lines]))


@given(st.lists(st.one_of(st.sampled_from(TEXTS), st.text(max_size=40)), max_size=30), st.integers(0, 30))
def test_nothing_half_read_begins_before_what_is_held(texts: list[str], cut: int) -> None:
    """What a restart from the checkpoint reads again, together with what was told before, is everything."""
    lines = lines_of(*texts)
    pending, before = step(Pending(), lines[:cut], READ_AT)
    held = pending.held_from.get("error.log")
    first = held.number if held else cut + 1
    assert all(signal.origin.line <= cut for signal in before)
    assert 1 <= first <= cut + 1


@pytest.mark.parametrize("tick", [False, True], ids=["in one go", "with ticks"])
@given(st.lists(st.text(max_size=60), max_size=20))
def test_no_lines_make_it_raise(tick: bool, texts: list[str]) -> None:
    read([lines_of(*texts)], tick=tick)
