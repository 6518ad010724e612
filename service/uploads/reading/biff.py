"""A sheet of BIFF8: its records in, rows of cells out ([MS-XLS] 2.4)."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from service.uploads.meter import Meter
from service.uploads.model import Cell, Merge, SheetContent, SheetRow
from service.uploads.reading.biff_strings import unicode_string
from service.uploads.reading.formats import PLAIN, NumberFormat
from service.uploads.reading.values import number_cell, text_cell

_ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_HIDDEN: Final = 0x20  # Row: fDyZero


@dataclass(frozen=True, slots=True)
class Globals:
    """What cells refer to: shared strings by index, number formats by XF."""

    strings: Sequence[Cell | None]
    styles: Sequence[NumberFormat]
    since_1904: bool


def read_sheet(records: Iterable[tuple[int, bytes]], shared: Globals) -> SheetContent:
    """Return the rows that hold something. A record that breaks off raises struct.error."""
    reader = _SheetReader(shared)
    for kind, data in records:
        reader.take(kind, data)
    reader.settle()
    rows = sorted(reader.cells)
    return SheetContent(
        tuple(SheetRow(row + 1, reader.cells[row], row in reader.hidden) for row in rows), tuple(reader.merges)
    )


class _SheetReader:
    """Collects the cells of one sheet; a formula whose result is a text gets it from the record that follows."""

    def __init__(self, shared: Globals) -> None:
        self.cells: dict[int, dict[int, Cell]] = {}
        self.hidden: set[int] = set()
        self.merges: list[Merge] = []
        self._shared = shared
        self._meter = Meter()
        self._awaits_text: tuple[int, int] | None = None
        self._showing_nothing: list[tuple[int, int]] = []
        self._calculated = False
        self._depth = 0
        self._rows = 0

    def take(self, kind: int, data: bytes) -> None:
        self._depth += (kind == 0x0809) - (kind == 0x000A)
        if self._depth != 1:
            return  # inside a chart
        match kind:
            case 0x0208:
                self._row(data)
            case 0x0203 | 0x027E | 0x00FD | 0x0204 | 0x00D6 | 0x0205 | 0x0006:
                row, column, style = struct.unpack_from("<3H", data)
                self._put(row, column, self._cell(kind, data, style, (row, column)))
            case 0x00BD:
                self._several_numbers(data)
            case 0x0207 if self._awaits_text is not None:
                self._put(*self._awaits_text, text_cell(unicode_string(data, 0)))
            case 0x00E5:
                self._merged(data)

    def settle(self) -> None:
        """Tell formulas that show "" from those never calculated: programs that do not calculate store "" for each."""
        if not self._calculated:
            for row, column in self._showing_nothing:
                self._put(row, column, Cell("formula", "a formula"))

    def _put(self, row: int, column: int, cell: Cell | None) -> None:
        if cell is not None:
            self.cells.setdefault(row, {})[column + 1] = cell

    def _row(self, data: bytes) -> None:
        row, _, _, height = struct.unpack_from("<4H", data)
        if struct.unpack_from("<H", data, 12)[0] & _HIDDEN or height & 0x7FFF == 0:
            self.hidden.add(row)
        self._rows += 1
        self._meter.at(self._rows)

    def _cell(self, kind: int, data: bytes, style: int, place: tuple[int, int]) -> Cell | None:
        match kind:
            case 0x0203:
                return self._number(struct.unpack_from("<d", data, 6)[0], style)
            case 0x027E:
                return self._number(_rk(struct.unpack_from("<I", data, 6)[0]), style)
            case 0x00FD:
                index = struct.unpack_from("<I", data, 6)[0]
                known = index < len(self._shared.strings)
                return self._shared.strings[index] if known else Cell("error", f"no shared string {index}")
            case 0x0205:
                return _error(data[6]) if data[7] else Cell("boolean", "TRUE" if data[6] else "FALSE")
            case 0x0006:
                return self._formula(data, style, place)
        return text_cell(unicode_string(data, 6))

    def _formula(self, data: bytes, style: int, place: tuple[int, int]) -> Cell | None:
        if data[12:14] != b"\xff\xff":
            self._calculated = True
            return self._number(struct.unpack_from("<d", data, 6)[0], style)
        self._awaits_text = place if data[6] == 0 else None
        if data[6] == 3:
            self._showing_nothing.append(place)
        else:
            self._calculated = True
        match data[6]:
            case 1:
                return Cell("boolean", "TRUE" if data[8] else "FALSE")
            case 2:
                return _error(data[8])
        return None

    def _number(self, number: float, style: int) -> Cell:
        styles = self._shared.styles
        return number_cell(repr(number), styles[style] if style < len(styles) else PLAIN, self._shared.since_1904)

    def _several_numbers(self, data: bytes) -> None:
        row, first = struct.unpack_from("<2H", data)
        for place, column in zip(range(4, len(data) - 2, 6), range(first, 1 << 14), strict=False):
            style, packed = struct.unpack_from("<HI", data, place)
            self._put(row, column, self._number(_rk(packed), style))

    def _merged(self, data: bytes) -> None:
        (count,) = struct.unpack_from("<H", data)
        for place in range(2, min(2 + 8 * count, len(data) - 7), 8):
            first_row, last_row, first_column, last_column = struct.unpack_from("<4H", data, place)
            self.merges.append(Merge(first_row + 1, last_row + 1, first_column + 1, last_column + 1))


def _rk(packed: int) -> float:
    """Return a number in the short form ([MS-XLS] 2.5.217 RkNumber): 30 bits, an integer or the top of a double."""
    if packed & 2:
        number: float = (packed >> 2) - (1 << 30 if packed & 0x8000_0000 else 0)
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFF_FFFC) << 32))
    return number / 100 if packed & 1 else number


def _error(code: int) -> Cell:
    return Cell("error", _ERRORS.get(code, f"error {code}"))
