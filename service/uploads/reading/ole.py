"""The compound file around xls: bytes in, the stream of a name out ([MS-CFB])."""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from service.uploads.problems import ReadProblem

_END: Final = 0xFFFFFFFA  # from here on numbers are marks, not sectors ([MS-CFB] 2.1)
_HEADER_BYTES: Final = 512
_ENTRY_BYTES: Final = 128
_STREAM, _ROOT = 2, 5


class CompoundFile:
    """A compound file held in memory; every chain is walked at most once round, so that a loop ends."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER_BYTES:
            raise _broken("its header breaks off")
        shift, mini_shift = struct.unpack_from("<2H", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise _broken("its sectors have an impossible size")
        self._data, self._size = data, 1 << shift
        _, directory, _, self._cutoff, mini_start, _ = struct.unpack_from("<6I", data, 44)
        self._fat = self._read_fat()
        self._entries = list(self._read_directory(directory))
        root = next((entry for entry in self._entries if entry[1] == _ROOT), None)
        self._mini = self._chain(root[2]) if root else b""
        mini_fat = self._chain(mini_start)
        self._mini_fat = struct.unpack(f"<{len(mini_fat) // 4}I", mini_fat[: len(mini_fat) // 4 * 4])

    def stream(self, *names: str) -> bytes | None:
        """Return the first stream of one of these names, or None."""
        for wanted in names:
            for name, kind, start, size in self._entries:
                if kind == _STREAM and name.casefold() == wanted.casefold():
                    return self._mini_chain(start)[:size] if size < self._cutoff else self._chain(start)[:size]
        return None

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._data[start : start + self._size]

    def _read_fat(self) -> Sequence[int]:
        listed = list(struct.unpack_from("<109I", self._data, 76))
        following, count = struct.unpack_from("<2I", self._data, 68)
        per_sector = self._size // 4
        for _ in range(min(count, len(self._data) // self._size)):
            sector = self._sector(following)
            if following >= _END or len(sector) < self._size:
                break
            numbers = struct.unpack(f"<{per_sector}I", sector)
            if len(listed) * self._size * per_sector > len(self._data) + 109 * self._size * per_sector:
                break
            listed += numbers[:-1]
            following = numbers[-1]
        fat: list[int] = []
        for number in listed:
            if len(fat) * self._size > len(self._data):
                break  # it tells of more sectors than there are: a list in a circle names one sector again and again
            if number < _END and len(sector := self._sector(number)) == self._size:
                fat += struct.unpack(f"<{per_sector}I", sector)
        return fat

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in _walk(start, self._fat))

    def _mini_chain(self, start: int) -> bytes:
        return b"".join(self._mini[number << 6 : (number + 1) << 6] for number in _walk(start, self._mini_fat))

    def _read_directory(self, start: int) -> Iterator[tuple[str, int, int, int]]:
        data = self._chain(start)
        for place in range(0, len(data) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", data, place + 64)
            first, size = struct.unpack_from("<2I", data, place + 116)
            name = data[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            yield name, kind, first, size


def _walk(start: int, table: Sequence[int]) -> Iterator[int]:
    number = start
    for _ in range(len(table)):
        if number >= _END or number >= len(table):
            return
        yield number
        number = table[number]


def _broken(why: str) -> ReadProblem:
    return ReadProblem("corrupt_file", f"The workbook cannot be opened: {why}")
