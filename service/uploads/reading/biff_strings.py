"""Strings of BIFF8 ([MS-XLS] 2.5.293 and 2.5.294): bytes in, text out."""

import struct
from collections.abc import Sequence
from typing import Final

from service.uploads.model import Cell
from service.uploads.problems import ReadProblem
from service.uploads.reading.values import text_cell

_WIDE, _EXTENDED, _RICH = 1, 4, 8
MAX_STRINGS: Final = 3_000_000


def unicode_string(data: bytes, start: int) -> str:
    """Return the string whose length stands in two bytes at `start`."""
    length, flags = struct.unpack_from("<HB", data, start)
    start += 3 + (2 if flags & _RICH else 0) + (4 if flags & _EXTENDED else 0)
    return _decoded(data[start : start + (length << (flags & _WIDE))], flags)


def short_string(data: bytes, start: int) -> str:
    """Return the string whose length stands in one byte at `start`."""
    length, flags = struct.unpack_from("<BB", data, start)
    return _decoded(data[start + 2 : start + 2 + (length << (flags & _WIDE))], flags)


def shared_strings(pieces: Sequence[bytes]) -> list[Cell | None]:
    """Return the strings of the SST record and the records that continue it. What breaks off raises struct.error."""
    unique = struct.unpack_from("<I", pieces[0], 4)[0]
    if unique > min(MAX_STRINGS, sum(map(len, pieces))):
        raise ReadProblem("corrupt_file", f"The workbook claims {unique:,} strings, more than it can hold")
    reader = _Pieces(pieces)
    return [text_cell(reader.string()) for _ in range(unique)]


def _decoded(data: bytes, flags: int) -> str:
    return data.decode("utf-16-le" if flags & _WIDE else "latin-1", "replace")


class _Pieces:
    """Reads across records: characters that go on in the next one begin there with a flag byte of their own."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._piece, self._place = 0, 8

    def string(self) -> str:
        length, flags = self._unpack("<HB")
        runs = self._unpack("<H")[0] if flags & _RICH else 0
        extra = self._unpack("<I")[0] if flags & _EXTENDED else 0
        text = self._characters(length, flags)
        self._skip(4 * runs + extra)
        return text

    def _unpack(self, form: str) -> tuple[int, ...]:
        if self._place >= len(self._pieces[self._piece]):
            self._next()
        values = struct.unpack_from(form, self._pieces[self._piece], self._place)
        self._place += struct.calcsize(form)
        return values

    def _characters(self, length: int, flags: int) -> str:
        text = ""
        while length:
            if self._place >= len(self._pieces[self._piece]):
                self._next()
                flags = self._unpack("<B")[0]
            wide = flags & _WIDE
            taken = self._pieces[self._piece][self._place : self._place + (length << wide)]
            self._place += len(taken)
            text += _decoded(taken, flags)
            length -= max(1, len(taken) >> wide)
        return text

    def _skip(self, count: int) -> None:
        while count:
            left = len(self._pieces[self._piece]) - self._place
            step = min(count, left)
            self._place += step
            count -= step
            if count:
                self._next()

    def _next(self) -> None:
        self._piece, self._place = self._piece + 1, 0
        if self._piece >= len(self._pieces):
            raise struct.error("the strings break off")
