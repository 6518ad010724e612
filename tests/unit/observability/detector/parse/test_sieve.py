"""Both engines find the same lines; what is sifted out of an access log told nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observability.detector.parse import Pending, step
from observability.detector.parse.clues import LOOK_AHEAD_S, MAX_CLUES, OTHER_PATTERNS, Clue, Clues, clues_of
from observability.detector.parse.needles import finder, with_re
from observability.detector.parse.sieve import ACCESS_PATTERNS, KEPT_SUCCESSES, access_times, sift, sift_errors
from observability.detector.signals import Line, Position
from tests.unit.observability.detector import logs
from tests.unit.observability.detector.logs import START, UPLOAD, access

READ = datetime.fromtimestamp(START, UTC)
FRAGMENTS = (
    *(
        b'{"msec":',
        b'{"msec',
        b"{",
        b'{"',
        b"\n",
        b"\n\n",
        b'"status":502,',
        b'"status":200,',
        b'"status": "499"',
        b"\r",
    ),
    *(
        b'"status":"',
        b"1",
        b"[error] ",
        b"[warn] ",
        b'"level":"error"',
        b"interrupted",
        b"oom",
        b"SIGKILL",
        b"\x00",
        b"\xff",
    ),
)


@pytest.mark.parametrize("patterns", [ACCESS_PATTERNS, OTHER_PATTERNS], ids=["access", "other"])
@settings(max_examples=40, deadline=None)
@given(fragments=st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=6)))
def test_every_engine_finds_the_same_lines(patterns: Sequence[bytes], fragments: list[bytes]) -> None:
    chunk = b"".join(fragments) + b"\n"
    assert finder(patterns)(chunk) == with_re(patterns)(chunk)


def chunk_of(*lines: logs.Written) -> bytes:
    return "".join(f"{line.text}\n" for line in lines).encode()


def kept(chunk: bytes, *clues: Clue) -> list[int]:
    """Return the numbers (from 0) of the lines that are kept."""
    return [chunk.count(b"\n", 0, begin) for begin, _ in sift(chunk, Clues().joined_by(clues)).spans]


CALM = tuple(access(n, 200, UPLOAD, number=n) for n in range(20))
NEXT = list(range(10, 10 + KEPT_SUCCESSES))
TWO_ROUTES = tuple(access(n, 200, (UPLOAD, "GET /api/jobs/7")[n % 2], number=n) for n in range(20))
KEPT: dict[str, tuple[bytes, tuple[Clue, ...], list[int]]] = {
    "nothing of a calm log": (chunk_of(*CALM), (), []),
    "a 502, and what succeeded after it": (
        chunk_of(*CALM[:9], access(9, 502, UPLOAD, number=9), *CALM[10:]),
        (),
        [9, *NEXT],
    ),
    "a client that left": (chunk_of(CALM[0], access(1, 499, UPLOAD, number=1)), (), [1]),
    "a line that is no access line": (chunk_of(CALM[0]) + b"nginx: [emerg] no\n" + chunk_of(CALM[1]), (), [1, 2]),
    "an empty line": (chunk_of(CALM[0]) + b"\n\n" + chunk_of(CALM[1]), (), [1, 2, 3]),
    "the request that another log names, and what succeeded after it": (
        chunk_of(*CALM),
        (Clue(START - 50, frozenset({f"{7:032x}"})),),
        [*range(6), *range(7, 13)],
    ),
    "the connection that the error log names": (
        chunk_of(*CALM),
        (Clue(START - 50, frozenset({"28 7"})),),
        [*range(6), *range(7, 13)],
    ),
    "not the same connection of another process": (
        chunk_of(*CALM),
        (Clue(START - 50, frozenset({"29 7"})),),
        [*range(6)],
    ),
    "what succeeded after something broke elsewhere": (chunk_of(*CALM), (Clue(START + 9.5, route=UPLOAD),), NEXT),
    "of each hurt route, templates too": (
        chunk_of(*TWO_ROUTES),
        (Clue(START - 1, route=UPLOAD), Clue(START - 1, route="GET /api/jobs/{id}")),
        list(range(12)),
    ),
}


@pytest.mark.parametrize(("chunk", "clues", "numbers"), KEPT.values(), ids=KEPT)
def test_kept_is(chunk: bytes, clues: tuple[Clue, ...], numbers: list[int]) -> None:
    assert kept(chunk, *clues) == numbers


def test_a_success_that_is_owed_is_kept_of_the_next_chunk() -> None:
    owing = sift(chunk_of(CALM[0], access(1, 502, UPLOAD, number=1)), Clues()).clues
    assert len(sift(chunk_of(*CALM[2:]), owing).spans) == KEPT_SUCCESSES


def test_a_name_is_looked_for_no_longer_than_correlate_would_join_it() -> None:
    clues = Clues().joined_by([Clue(START, frozenset({"gone"}))])
    assert sift(chunk_of(*CALM), clues).clues.ids
    late = access(LOOK_AHEAD_S + 1, 200, UPLOAD, number=1)
    assert not sift(chunk_of(late), clues).clues.ids


def test_too_many_clues_keep_every_line_until_they_are_passed() -> None:
    clues = Clues().joined_by(Clue(START + n / MAX_CLUES) for n in range(MAX_CLUES))
    sifted = sift(chunk_of(*CALM), clues)
    assert len(sifted.spans) == len(CALM)
    assert not sifted.clues.full


STORED = (
    b"2026/11/24 13:58:20 [warn] 28#28: *7 a client request body is buffered to a temporary file /b/1, client: 10.0.0.7\n",
    b"2026/11/24 13:58:20 [warn] 28#28: *7 an upstream response is buffered to a temporary file /p/1 while reading upstream\n",
)
REFUSED = (
    b"2026/11/24 13:58:20 [error] 28#28: *7 connect() failed (111: Connection refused) while connecting to upstream\n"
)


@pytest.mark.parametrize("line", STORED, ids=["request", "response"])
def test_a_body_that_nginx_stored_is_no_signal_and_is_left_out(line: bytes) -> None:
    read = step(Pending(), [Line("error.log", Position(1, 0, 1), line.decode().rstrip(), READ)], READ)
    assert read == (Pending(), ())
    assert sift_errors(line * 2 + REFUSED + line + REFUSED * 2 + line) == tuple(
        (begin, begin + len(REFUSED) - 1)
        for begin in (2 * len(line), 3 * len(line) + len(REFUSED), 3 * len(line) + 2 * len(REFUSED))
    )


@pytest.mark.parametrize("level", ["error", "warn", "notice"])
def test_words_of_a_stranger_do_not_pass_for_it(level: str) -> None:
    line = f"2026/11/24 13:58:20 [{level}] 28#28: *7 upstream sent a client request body is buffered to a temporary file \n"
    assert sift_errors(line.encode()) == ((0, len(line) - 1),)
    assert sift_errors(b"Traceback (most recent call last):\n") is None


@pytest.mark.parametrize("trouble", logs.TROUBLES, ids=lambda trouble: trouble.__name__)
def test_every_trouble_leaves_a_clue_in_another_log(trouble: type) -> None:
    elsewhere = [line for line in trouble(1.0, 7) if line.file != "access.log"]
    assert clues_of(chunk_of(*elsewhere), READ, UTC)


def test_other_logs_and_formats_are_no_access_log() -> None:
    assert access_times(b'{"ts":"2026-11-24T14:00:00Z","event":"x"}\n') is None
    assert access_times(b'10.0.0.1 - - [24/Nov/2026:14:00:00 +0000] "GET / HTTP/1.1" 200 1\n') is None
