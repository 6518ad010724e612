"""ZIP files written byte by byte, so that they can say what `zipfile` would never write (APPNOTE 4.3)."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
ENCRYPTED = 0x1


@dataclass(frozen=True)
class Entry:
    """A part as its two headers tell it. `at`: the place of another entry's local header, instead of one of its own."""

    name: bytes
    data: bytes  # as it stands in the file
    crc: int
    size: int
    method: int = DEFLATED
    flags: int = 0
    extra: bytes = b""
    at: int | None = None

    @property
    def fields(self) -> tuple[int, ...]:
        return (
            20,
            self.flags,
            self.method,
            0,
            0x21,
            self.crc,
            len(self.data),
            self.size,
            len(self.name),
            len(self.extra),
        )

    def local(self) -> bytes:
        return struct.pack("<4s5H3I2H", b"PK\3\4", *self.fields) + self.name + self.extra + self.data

    def central(self, offset: int) -> bytes:
        return struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *self.fields, 0, 0, 0, 0, offset) + self.name + self.extra


def part(name: str, content: str | bytes) -> Entry:
    """Return an honest entry."""
    plain = content.encode() if isinstance(content, str) else content
    return Entry(name.encode(), deflated(plain), zlib.crc32(plain), len(plain))


def repeated(name: str, before: bytes, block: bytes, times: int, after: bytes) -> Entry:
    """Return an honest entry whose content is `before`, `block` so many times, `after`: cheap to make, large to unpack."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = stream.compress(before) + stream.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers to what stood before: the packed block can stand there as often as one likes.
    packed = stream.compress(block) + stream.flush(zlib.Z_FULL_FLUSH)
    tail = stream.compress(after) + stream.flush()
    crc = zlib.crc32(before)
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    size = len(before) + times * len(block) + len(after)
    return Entry(name.encode(), head + packed * times + tail, zlib.crc32(after, crc), size)


def archive(entries: Sequence[Entry]) -> bytes:
    """Return the file."""
    bodies, listed, place = [], [], 0
    for entry in entries:
        listed.append(entry.central(place if entry.at is None else entry.at))
        if entry.at is None:
            bodies.append(entry.local())
            place += len(bodies[-1])
    directory = b"".join(listed)
    return b"".join([*bodies, directory, closing(len(entries), len(directory), place)])


def closing(count: int, directory_bytes: int, offset: int) -> bytes:
    """Return the end of central directory record."""
    count = min(count, 0xFFFF)
    return struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, directory_bytes, offset, 0)


def closing64(count: int, directory_bytes: int, offset: int, at: int) -> bytes:
    """Return the ZIP64 record that stands at `at`, its locator, and an old record that knows nothing of them."""
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, directory_bytes, offset)
    return record + struct.pack("<4sIQI", b"PK\6\7", 0, at, 1) + closing(1, 46, 0)


def lying(entry: Entry, size: int) -> Entry:
    """Return the entry with another size in its headers."""
    return replace(entry, size=size)


def deflated(plain: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(plain) + stream.flush()
