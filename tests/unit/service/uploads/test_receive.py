"""A stream becomes a whole file, or nothing is left of it."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.uploads import PIPELINE
from service.uploads.problems import ReadProblem
from service.uploads.receive import receive
from service.uploads.stage import STAGES


async def stream(*chunks: bytes, broken: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if broken is not None:
        raise broken


async def test_a_stream_is_kept_with_its_size_and_hash(tmp_path: Path) -> None:
    received = await receive(stream(b"ab", b"cd"), tmp_path, limit_bytes=4)
    assert received.path.read_bytes() == b"abcd"
    assert (received.size_bytes, received.sha256) == (4, hashlib.sha256(b"abcd").hexdigest())


REFUSED: dict[str, tuple[tuple[bytes, ...], str]] = {
    "nothing": ((), "empty_file"),
    "a byte too many": ((b"ab", b"cde"), "file_too_large"),
}


@pytest.mark.parametrize(("chunks", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_leaves_nothing(chunks: tuple[bytes, ...], code: str, tmp_path: Path) -> None:
    with pytest.raises(ReadProblem) as raised:
        await receive(stream(*chunks), tmp_path, limit_bytes=4)
    assert raised.value.code == code
    assert list(tmp_path.iterdir()) == []


async def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        await receive(stream(b"ab", broken=ConnectionResetError()), tmp_path, limit_bytes=4)
    assert list(tmp_path.iterdir()) == []


def test_the_stages_stand_in_the_order_in_which_they_act() -> None:
    assert tuple(stage.__name__ for stage in PIPELINE) == STAGES
