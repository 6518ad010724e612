"""The stage journal: a memory-mapped ring of fixed-size records that outlives its writer. A leaf.

Layout: one header slot, then `capacity` record slots of 320 bytes. A record's slot follows from its sequence number.
Each record carries a checksum, so that one torn by a kill in mid-copy is passed over. No fsync: the page cache survives the
death of the process (not of the machine, and a machine that died needs no stage to explain it).

One file per backend instance. Every record has its pid and monotonic time, so that a restarted backend goes on in the same
file and its supervisor still reads the records of one life only. Two live writers never share a file.
"""

import mmap
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Final, Literal, NamedTuple

Edge = Literal["started", "moved", "finished", "failed", "interrupted"]
Clock = Callable[[], int]  # nanoseconds

MAGIC: Final = b"BWSTAGE\0"
VERSION: Final = 1
CAPACITY: Final = 4096  # 1.25 MiB; with at most 100 moves a second per stage, minutes of history
RECORD_BYTES: Final = 320
_EDGES: Final[tuple[Edge, ...]] = ("started", "moved", "finished", "failed", "interrupted")
_EDGE_CODE: Final = {edge: code for code, edge in enumerate(_EDGES)}
_RUNNING: Final = frozenset({"started", "moved"})

_HEADER = struct.Struct("<8sHHI")  # magic, version, record bytes, capacity
# sequence, wall ns, monotonic ns, rss, rows done, rows total (-1: not said), pid, edge | trace, span | texts; then crc32
_BODY = struct.Struct("<QQQQqqIB3x16s8s64s64s16s24s40s")
_CRC = struct.Struct("<I")
_SEQUENCE = struct.Struct(f"<Q{RECORD_BYTES - 8}x")
_TRACE_OFFSET, _IDS_OFFSET, _IDS_END = 56, 80, 208  # within a record: trace id; request id and job id


class Record(NamedTuple):
    """One change of one stage. Texts are "" and numbers None where the writer did not know them."""

    sequence: int
    wall_ns: int  # since the epoch
    monotonic_ns: int
    pid: int
    edge: Edge
    domain: str
    stage: str
    request_id: str
    trace_id: str
    span_id: str
    job_id: str
    route: str
    rows_done: int | None
    rows_total: int | None
    rss_bytes: int


class JournalWriter:
    """Appends records: some microseconds each, from any thread, never blocking and never raising once opened."""

    def __init__(
        self, path: Path, *, capacity: int = CAPACITY, wall: Clock = time.time_ns, monotonic: Clock = time.monotonic_ns
    ) -> None:
        """Open or create the file. Raises OSError: no room for it, or not writable. A file that is no journal is replaced."""
        self._map, self._capacity = _map(path, capacity)
        self._next = max((sequence for sequence in _sequences(bytes(self._map))), default=0) + 1
        self._wall, self._monotonic = wall, monotonic
        self._pid = os.getpid()
        self._statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._lock = Lock()

    def append(
        self,
        *,
        edge: Edge,
        domain: str,
        stage: str,
        request_id: str = "",
        trace_id: int = 0,
        span_id: int = 0,
        job_id: str = "",
        route: str = "",
        rows_done: int | None = None,
        rows_total: int | None = None,
    ) -> None:
        """Write one record. Texts longer than their field are cut."""
        with self._lock:
            sequence, self._next = self._next, self._next + 1
        body = _BODY.pack(
            sequence,
            self._wall(),
            self._monotonic(),
            self._rss_bytes(),
            -1 if rows_done is None else rows_done,
            -1 if rows_total is None else rows_total,
            self._pid,
            _EDGE_CODE[edge],
            trace_id.to_bytes(16, "big"),
            span_id.to_bytes(8, "big"),
            request_id.encode("utf-8", "replace"),
            job_id.encode("utf-8", "replace"),
            domain.encode("utf-8", "replace"),
            stage.encode("utf-8", "replace"),
            route.encode("utf-8", "replace"),
        )
        at = RECORD_BYTES * (1 + sequence % self._capacity)
        self._map[at : at + _BODY.size + 4] = body + _CRC.pack(zlib.crc32(body))

    def close(self) -> None:
        self._map.close()
        os.close(self._statm)

    def _rss_bytes(self) -> int:
        return int(os.pread(self._statm, 64, 0).split()[1]) * mmap.PAGESIZE


def _map(path: Path, capacity: int) -> tuple[mmap.mmap, int]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        found = _capacity_of(os.pread(fd, _HEADER.size, 0), os.fstat(fd).st_size)
        if found != capacity:
            os.ftruncate(fd, 0)
            # Blocks, not a hole: a store into a hole on a full disk is a SIGBUS, and would kill the backend.
            os.posix_fallocate(fd, 0, RECORD_BYTES * (1 + capacity))
            os.pwrite(fd, _HEADER.pack(MAGIC, VERSION, RECORD_BYTES, capacity), 0)
        return mmap.mmap(fd, RECORD_BYTES * (1 + capacity)), capacity
    finally:
        os.close(fd)


def read(path: Path) -> tuple[Record, ...]:
    """Return the whole records of a journal file, oldest first. Raises OSError only: a file of any content gives a result."""
    return decode(path.read_bytes())


def decode(data: bytes, *, since_ns: int = 0) -> tuple[Record, ...]:
    """Return the whole records written at monotonic time `since_ns` or later, oldest first; () for what is no journal."""
    capacity = _capacity_of(data, len(data))
    if capacity is None:
        return ()
    slots = (data[at : at + RECORD_BYTES] for at in range(RECORD_BYTES, RECORD_BYTES * (1 + capacity), RECORD_BYTES))
    records = (_record(slot, since_ns) for slot in slots if slot[0:8] != b"\0" * 8)
    return tuple(sorted((record for record in records if record is not None), key=_age))


def latest(data: bytes, *, since_ns: int = 0) -> tuple[Record, ...]:
    """Return, of `decode`, only the last whole record of each piece of work: some ms less right after a death."""
    capacity = _capacity_of(data, len(data))
    if capacity is None:
        return ()
    sequences = [sequence for (sequence,) in _SEQUENCE.iter_unpack(data[RECORD_BYTES:])]
    seen: dict[bytes, Record] = {}
    for slot in sorted(filter(sequences.__getitem__, range(capacity)), key=sequences.__getitem__, reverse=True):
        at = RECORD_BYTES * (1 + slot)
        ids = data[at + _IDS_OFFSET : at + _IDS_END]
        work = ids if any(ids) else data[at + _TRACE_OFFSET : at + _TRACE_OFFSET + 16]
        if work not in seen and (record := _record(data[at : at + RECORD_BYTES], since_ns)) is not None:
            seen[work] = record
    return tuple(sorted(seen.values(), key=_age))


def in_flight(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return the last record of each request or job whose stage was running, the one that moved last first.

    A job goes on with the request id of its upload: whatever shares the request id or the job id is one piece of work.
    """
    last: dict[str, Record] = {}
    for record in records:
        for key in _keys(record):
            last[key] = record
    running = {r.sequence: r for r in last.values() if r.edge in _RUNNING and all(last[k] is r for k in _keys(r))}
    return tuple(sorted(running.values(), key=_age, reverse=True))


def _age(record: Record) -> int:
    return record.sequence


def _keys(record: Record) -> Iterator[str]:
    if record.request_id:
        yield "request:" + record.request_id
    if record.job_id:
        yield "job:" + record.job_id
    if not record.request_id and not record.job_id:
        yield "trace:" + record.trace_id


def _capacity_of(header: bytes, size: int) -> int | None:
    if len(header) < _HEADER.size:
        return None
    magic, version, record_bytes, capacity = _HEADER.unpack_from(header)
    known = magic == MAGIC and version == VERSION and record_bytes == RECORD_BYTES and capacity > 0
    return int(capacity) if known and size == RECORD_BYTES * (1 + capacity) else None


def _sequences(data: bytes) -> Iterator[int]:
    return (record.sequence for record in decode(data))


def _record(slot: bytes, since_ns: int) -> Record | None:
    body = slot[: _BODY.size]
    if _CRC.unpack_from(slot, _BODY.size)[0] != zlib.crc32(body):
        return None
    sequence, wall, monotonic, rss, done, total, pid, edge, trace, span, request, job, domain, stage, route = (
        _BODY.unpack(body)
    )
    if monotonic < since_ns or edge >= len(_EDGES):
        return None
    return Record(
        sequence=sequence,
        wall_ns=wall,
        monotonic_ns=monotonic,
        pid=pid,
        edge=_EDGES[edge],
        domain=_text(domain),
        stage=_text(stage),
        request_id=_text(request),
        trace_id=trace.hex() if any(trace) else "",
        span_id=span.hex() if any(span) else "",
        job_id=_text(job),
        route=_text(route),
        rows_done=None if done < 0 else done,
        rows_total=None if total < 0 else total,
        rss_bytes=rss,
    )


def _text(field: bytes) -> str:
    return field.rstrip(b"\0").decode("utf-8", "replace")
