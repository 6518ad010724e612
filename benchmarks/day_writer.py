"""`python -m benchmarks.day_writer LOGS`: for each line on stdin, rotate the logs there and write the next 1,000 s of traffic.

The same block each time, with its times moved on: made so, 50 million lines cost seconds and no disk. Answers with their number.
"""

import re
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

from benchmarks.traffic import traffic

NAMES = ("access.log", "error.log", "backend.log")
PER_SECOND, CRASH_EACH, BLOCK_S = 300, 30_000, 1000
# A block's seconds since 1970 have two beginnings; moved on by 1,000 s they differ in these digits only
_MSEC = re.compile(rb'\{"msec":(\d{7})')
_SLASHED, _DASHED = rb"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", rb"(?<=\"ts\":\")[-\d]{10}T[\d:]{8}"


def block() -> tuple[bytes, ...]:
    """Return what the traffic of 1,000 s leaves in the three files."""
    written = zip(*islice(traffic(PER_SECOND, CRASH_EACH), PER_SECOND * BLOCK_S), strict=True)
    return tuple("".join(texts).encode() for texts in written)


def moved_on(access: bytes, error: bytes, backend: bytes, rounds: int) -> tuple[bytes, bytes, bytes]:
    """Return a block so many times 1,000 s later."""
    first, last = _MSEC.match(access), _MSEC.match(access, access.rfind(b"\n", 0, -1) + 1)
    for thousand in range(int(last[1]), int(first[1]) - 1, -1) if first and last else ():
        access = access.replace(b'{"msec":%d' % thousand, b'{"msec":%d' % (thousand + rounds))
    later = timedelta(seconds=rounds * BLOCK_S)
    return (
        access,
        _later(error, _SLASHED, "%Y/%m/%d %H:%M:%S", later),
        _later(backend, _DASHED, "%Y-%m-%dT%H:%M:%S", later),
    )


def _later(log: bytes, pattern: bytes, form: str, later: timedelta) -> bytes:
    @cache
    def moved(stamp: bytes) -> bytes:
        return (datetime.strptime(stamp.decode(), form).replace(tzinfo=UTC) + later).strftime(form).encode()

    return re.sub(pattern, lambda m: moved(m[0]), log, flags=re.MULTILINE)


def main(logs: Path) -> None:
    """Write a block for each line on stdin."""
    access, error, backend = block()
    lines = sum(log.count(b"\n") for log in (access, error, backend))
    for rounds, _ in enumerate(sys.stdin):
        for name, text in zip(NAMES, moved_on(access, error, backend, rounds), strict=True):
            (logs / "next").write_bytes(text)
            (logs / "next").replace(logs / name)
        print(lines, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
