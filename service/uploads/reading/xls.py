"""xls: bytes in, a Workbook out. BIFF8 ([MS-XLS]) with number formats, hidden rows and merges; older ones by calamine."""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from service.uploads.model import Cell, SheetContent, Workbook
from service.uploads.problems import ReadProblem
from service.uploads.reading.biff import Globals, read_sheet
from service.uploads.reading.biff_strings import shared_strings, short_string, unicode_string
from service.uploads.reading.excel95 import open_excel95
from service.uploads.reading.formats import NumberFormat, number_format
from service.uploads.reading.ole import CompoundFile

Record = tuple[int, bytes]
_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_FILEPASS: Final = 0x002F
MAX_RECORDS: Final = 5_000_000  # a file of 20 MB has no more
_RECORDS_BEFORE_FILEPASS: Final = 20  # it follows the BOF and a few that nobody writes ([MS-XLS] 2.1.7.20.3)
_SST: Final = 0x00FC
_BIFF5: Final = 0x0500
_OLDER_BOFS: Final = (0x0009, 0x0209, 0x0409)  # of Excel 2, 3 and 4
_OLE: Final = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class XlsSheet:
    """A tab; see `Sheet`."""

    name: str
    visible: bool
    holds_cells: bool
    offset: int
    stream: bytes
    shared: Globals
    budget: "Budget"

    def load(self) -> SheetContent:
        """Return what is in it. Raises ReadProblem."""
        try:
            return read_sheet(self.budget.spent(records(self.stream, self.offset)), self.shared)
        except (struct.error, IndexError) as error:
            raise _broken(error) from None


@dataclass(slots=True)
class Budget:
    """How many records all sheets together may have: sheets that begin within each other are read again and again."""

    left: int = MAX_RECORDS

    def spent(self, found: Iterator[Record]) -> Iterator[Record]:
        """Yield the records. Raises ReadProblem where there are too many."""
        for record in found:
            self.left -= 1
            if self.left < 0:
                raise ReadProblem("expands_too_much", "The workbook has far too many records", limit=MAX_RECORDS)
            yield record


@dataclass(slots=True)
class _Found:
    """What the globals say, collected while they are read."""

    codes: dict[int, str] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)
    strings: list[Cell | None] = field(default_factory=list)
    tabs: list[tuple[int, int, int, str]] = field(default_factory=list)
    since_1904: bool = False


def open_xls(data: bytes) -> Workbook:
    """Return the workbook. Raises ReadProblem."""
    stream = CompoundFile(data).stream("Workbook", "Book") if data.startswith(_OLE) else data
    if not stream:
        raise ReadProblem("corrupt_file", "The workbook's own stream is missing")
    try:
        first, _, version = struct.unpack_from("<HHH", stream)
        if first in _OLDER_BOFS or (first == _BOF and version == _BIFF5):
            return open_excel95(data)
        if first != _BOF:
            raise ReadProblem("corrupt_file", "The workbook's own stream does not begin as one")
        found = _globals(stream)
    except (struct.error, IndexError) as error:
        raise _broken(error) from None
    styles: list[NumberFormat] = [number_format(number, found.codes.get(number)) for number in found.formats]
    if len({tab[0] for tab in found.tabs}) < len(found.tabs):
        raise ReadProblem("corrupt_file", "Two sheets of the workbook begin at the same place")
    shared = Globals(found.strings, styles, found.since_1904)
    budget = Budget()
    sheets = tuple(
        XlsSheet(name, state == 0, kind == 0, at, stream, shared, budget) for at, state, kind, name in found.tabs
    )
    return Workbook("xls", sheets)


def is_encrypted(data: bytes) -> bool:
    """Return whether an xls begins with the record of a password. False also where that cannot be told."""
    try:
        stream = CompoundFile(data).stream("Workbook", "Book") or b""
        first = itertools.islice(records(stream, 0), _RECORDS_BEFORE_FILEPASS)
        return any(kind == _FILEPASS for kind, _ in first)
    except (ReadProblem, struct.error):
        return False


def records(stream: bytes, start: int) -> Iterator[Record]:
    """Yield the records of a substream up to its end; what breaks off raises struct.error."""
    depth = 0
    while True:
        kind, size = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + size]
        start += 4 + size
        depth += (kind == _BOF) - (kind == _EOF)  # charts stand inside a sheet, with a begin and end of their own
        if depth <= 0:
            return


def _globals(stream: bytes) -> _Found:
    found = _Found()
    strings: list[bytes] = []
    previous = 0
    for kind, data in records(stream, 0):
        if kind == _SST or (kind == _CONTINUE and previous == _SST):
            strings.append(data)
        else:
            _note(found, kind, data)
        previous = kind if kind != _CONTINUE else previous
    if strings:
        found.strings = shared_strings(strings)
    return found


def _note(found: _Found, kind: int, data: bytes) -> None:
    match kind:
        case 0x002F:
            raise ReadProblem("encrypted_workbook", "The workbook is protected by a password")
        case 0x0022:  # Date1904
            found.since_1904 = data[0] == 1
        case 0x041E:  # Format
            found.codes[struct.unpack_from("<H", data)[0]] = unicode_string(data, 2)
        case 0x00E0:  # XF
            found.formats.append(struct.unpack_from("<H", data, 2)[0])
        case 0x0085:  # BoundSheet8
            offset, state, tab = struct.unpack_from("<IBB", data)
            found.tabs.append((offset, state & 3, tab, short_string(data, 6)))


def _broken(error: Exception) -> ReadProblem:
    return ReadProblem("corrupt_file", f"The workbook breaks off or is damaged ({error})")
