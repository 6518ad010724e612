"""The stage journal: what was running is known after any death, and a broken file breaks nobody."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observability.journal import RECORD_BYTES, Edge, JournalWriter, Record, decode, in_flight, latest, read

ROOT = Path(__file__).parents[3]


def writer(path: Path, capacity: int = 64) -> JournalWriter:
    ticks = iter(range(1, 1_000_000))
    return JournalWriter(path, capacity=capacity, wall=lambda: 7, monotonic=lambda: next(ticks))


def test_a_record_reads_back_as_written(tmp_path: Path) -> None:
    journal = writer(tmp_path / "j")
    journal.append(
        edge="moved",
        domain="upload",
        stage="draw",
        request_id="r" * 32,
        trace_id=0xABC,
        span_id=0xD,
        job_id="j-1",
        route="POST /api/barcodes/upload-excel",
        rows_done=0,
        rows_total=4_000,
    )
    (record,) = read(tmp_path / "j")
    assert record.rss_bytes > 1_000_000
    assert record._replace(rss_bytes=0) == Record(
        sequence=1,
        wall_ns=7,
        monotonic_ns=1,
        pid=os.getpid(),
        edge="moved",
        domain="upload",
        stage="draw",
        request_id="r" * 32,
        trace_id=f"{0xABC:032x}",
        span_id=f"{0xD:016x}",
        job_id="j-1",
        route="POST /api/barcodes/upload-excel",
        rows_done=0,
        rows_total=4_000,
        rss_bytes=0,
    )


def test_the_ring_keeps_the_last_records_in_order(tmp_path: Path) -> None:
    journal = writer(tmp_path / "j", capacity=8)
    for row in range(20):
        journal.append(edge="moved", domain="upload", stage="draw", request_id="r", rows_done=row)
    assert [record.rows_done for record in read(tmp_path / "j")] == list(range(12, 20))


def test_a_second_life_goes_on_after_the_first(tmp_path: Path) -> None:
    writer(tmp_path / "j").append(edge="started", domain="upload", stage="read", request_id="first")
    writer(tmp_path / "j").append(edge="started", domain="upload", stage="read", request_id="second")
    assert [(record.sequence, record.request_id) for record in read(tmp_path / "j")] == [(1, "first"), (2, "second")]


@pytest.mark.parametrize(
    "content", [b"", b"no journal", b"x" * RECORD_BYTES * 65], ids=["empty", "short", "of its size"]
)
def test_a_file_that_is_no_journal_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "j").write_bytes(content)
    writer(tmp_path / "j").append(edge="started", domain="upload", stage="read")
    assert len(read(tmp_path / "j")) == 1


def test_its_blocks_are_allocated_because_a_store_into_a_hole_of_a_full_disk_kills(tmp_path: Path) -> None:
    writer(tmp_path / "j")
    info = (tmp_path / "j").stat()
    assert info.st_blocks * 512 >= info.st_size


def test_texts_longer_than_their_field_are_cut(tmp_path: Path) -> None:
    writer(tmp_path / "j").append(edge="started", domain="d" * 99, stage="é" * 99, request_id="r" * 99)
    (record,) = read(tmp_path / "j")
    assert (len(record.domain), len(record.request_id)) == (16, 64)
    assert record.stage.startswith("ééé")


Step = tuple[Edge, str, str]  # edge, request, job
WORK: dict[str, tuple[list[Step], list[str]]] = {
    "a stage that started is in flight": ([("started", "r1", "")], ["r1/"]),
    "one that moved is, too": ([("started", "r1", ""), ("moved", "r1", "")], ["r1/"]),
    "one that finished is not": ([("started", "r1", ""), ("finished", "r1", "")], []),
    "one that failed is not": ([("started", "r1", ""), ("failed", "r1", "")], []),
    "one already reported is not": ([("started", "r1", ""), ("interrupted", "r1", "")], []),
    "a job goes on with the request id of its upload": (
        [("started", "r1", ""), ("finished", "r1", ""), ("started", "r1", "j1")],
        ["r1/j1"],
    ),
    "a job that ended ends what its upload began": (
        [("started", "r1", ""), ("started", "r1", "j1"), ("finished", "r1", "j1")],
        [],
    ),
    "a job that was resumed without its request": ([("started", "r1", "j1"), ("started", "", "j1")], ["/j1"]),
    "the one that moved last comes first": (
        [("started", "r1", ""), ("started", "r2", ""), ("moved", "r1", "")],
        ["r1/", "r2/"],
    ),
    "work without ids is one piece for each trace": ([("started", "", ""), ("finished", "", "")], []),
}


@pytest.mark.parametrize(("steps", "expected"), WORK.values(), ids=WORK)
def test_in_flight_is_the_last_record_of_work_that_did_not_end(
    tmp_path: Path, steps: list[Step], expected: list[str]
) -> None:
    journal = writer(tmp_path / "j")
    for edge, request_id, job_id in steps:
        journal.append(edge=edge, domain="upload", stage="read", request_id=request_id, job_id=job_id)
    data = (tmp_path / "j").read_bytes()
    assert [f"{record.request_id}/{record.job_id}" for record in in_flight(decode(data))] == expected
    assert in_flight(latest(data)) == in_flight(decode(data))


def test_records_of_an_earlier_life_are_left_out_by_time(tmp_path: Path) -> None:
    journal = writer(tmp_path / "j")
    for request_id in ("old", "new"):
        journal.append(edge="started", domain="upload", stage="read", request_id=request_id)
    data = (tmp_path / "j").read_bytes()
    assert [record.request_id for record in decode(data, since_ns=2)] == ["new"]
    assert [record.request_id for record in latest(data, since_ns=2)] == ["new"]


@given(data=st.data())
@settings(max_examples=60)
def test_a_torn_record_is_passed_over_and_the_others_stay(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = tmp_path_factory.mktemp("torn") / "j"
    journal = writer(path, capacity=8)
    for row in range(4):
        journal.append(edge="moved", domain="upload", stage="draw", request_id=f"r{row}", rows_done=row)
    content = bytearray(path.read_bytes())
    torn = data.draw(st.integers(1, 4))  # the first record lies in slot 1, behind the header
    start = RECORD_BYTES * (1 + torn)
    at = data.draw(st.integers(start, start + 291))  # within body and checksum
    content[at] ^= data.draw(st.integers(1, 255))
    assert [record.rows_done for record in decode(bytes(content))] == [row for row in range(4) if row != torn - 1]


@given(st.binary(max_size=RECORD_BYTES * 3), st.integers(0, 3))
def test_reading_never_raises(tmp_path_factory: pytest.TempPathFactory, garbage: bytes, capacity: int) -> None:
    header = (
        b"BWSTAGE\0" + (1).to_bytes(2, "little") + RECORD_BYTES.to_bytes(2, "little") + capacity.to_bytes(4, "little")
    )
    shaped = header.ljust(RECORD_BYTES, b"\0") + garbage.ljust(RECORD_BYTES * capacity, b"\1")
    for data in (garbage, header, shaped, shaped[: RECORD_BYTES * (1 + capacity)]):
        assert in_flight(decode(data)) == in_flight(latest(data)) == ()


KILLED = """
import os, signal, sys
from pathlib import Path
from observability.journal import JournalWriter
journal = JournalWriter(Path(sys.argv[1]), capacity=64)
journal.append(edge="started", domain="upload", stage="draw", request_id="r1")
journal.append(edge="moved", domain="upload", stage="draw", request_id="r1", rows_done=312)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_survives_sigkill_of_its_writer(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "j"], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    (record,) = in_flight(read(tmp_path / "j"))
    assert (record.request_id, record.stage, record.rows_done) == ("r1", "draw", 312)
