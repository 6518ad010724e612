"""Old workbooks: compound files whose chains go in circles, and streams of records without end ([MS-CFB], [MS-XLS])."""

import io
import struct
from dataclasses import dataclass

import xlwt  # type: ignore[import-untyped]

from tests.hostile.archives import CORRUPT
from tests.hostile.case import Hostile

SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_BOF, _EOF = 0x0809, 0x000A
ENDED = (*CORRUPT, "expands_too_much", "no_data_rows", "no_worksheet", "header_not_found")


@dataclass
class Header:
    """The header of a compound file, to be wrong in each of its fields."""

    directory: int = 1
    fats: tuple[int, ...] = (0,)
    fat_count: int = 1
    difat: int = _END
    difat_count: int = 0
    mini_fat: int = _END
    cutoff: int = 0
    shift: int = 9

    def data(self) -> bytes:
        fields = struct.pack("<8s16x5H6xI", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, self.shift, 6, 0)
        chains = (self.fat_count, self.directory, 0, self.cutoff, self.mini_fat, 0, self.difat, self.difat_count)
        listed = (*self.fats, *(_FREE for _ in range(109 - len(self.fats))))
        return fields + struct.pack("<8I109I", *chains, *listed)


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack("<64sHBB3I36xIQ", encoded, len(encoded) + 2, kind, 1, _FREE, _FREE, _FREE, start, size)


def _sectors(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers).ljust(SECTOR, b"\xff")


def container(stream: bytes, header: Header | None = None) -> bytes:
    """Return a compound file that holds a workbook stream: FAT first, then directory, then the stream."""
    count = -(-len(stream) // SECTOR)
    per_fat = SECTOR // 4
    fats = -(-(count + 2) // per_fat)
    while fats * per_fat < count + 1 + fats:
        fats += 1
    chain = [_FAT] * fats + [_END] + [fats + 2 + n for n in range(count - 1)] + [_END]
    chain += [_FREE] * (fats * per_fat - len(chain))
    directory = _entry("Root Entry", 5, _END, 0) + _entry("Workbook", 2, fats + 1, len(stream))
    given = header or Header(directory=fats, fats=tuple(range(min(fats, 109))), fat_count=fats)
    body = struct.pack(f"<{len(chain)}I", *chain) + directory.ljust(SECTOR, b"\0") + stream.ljust(count * SECTOR, b"\0")
    return given.data() + body


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


BOF = record(_BOF, struct.pack("<HHHH2I", 0x0600, 5, 0, 0, 0, 0))
SHEET = record(_BOF, struct.pack("<HHHH2I", 0x0600, 0x10, 0, 0, 0, 0))
EOF = record(_EOF)


def _tab(offset: int, name: bytes) -> bytes:
    return record(0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name), 0) + name)


def _stream(*globals_: bytes, sheet: bytes = b"") -> bytes:
    """Return a stream of one sheet that holds these records."""
    start = len(BOF) + sum(map(len, globals_)) + len(_tab(0, b"S")) + len(EOF)
    return BOF + b"".join(globals_) + _tab(start, b"S") + EOF + SHEET + sheet + EOF


def written() -> bytes:
    """Return a good list as xlwt writes it."""
    book, out = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("List")
    for number, text in enumerate(("EAN", "5901234123457", "96385074")):
        sheet.write(number, 0, text)
    book.save(out)
    return out.getvalue()


def _fat_in_a_circle() -> bytes:
    """Return a file whose sectors each follow themselves."""
    data = bytearray(container(_stream()))
    for place in range(SECTOR, 2 * SECTOR, 4):
        struct.pack_into("<I", data, place, (place - SECTOR) // 4)
    return bytes(data)


def _difat_in_a_circle() -> bytes:
    """Return a file of 20 MB whose list of FAT sectors follows itself and names one sector again and again."""
    sectors = 38_000
    circle = _sectors(*[0] * 127, 2)  # sector 2, which is followed by itself
    header = Header(directory=1, fats=(0,) * 109, fat_count=sectors, difat=2, difat_count=sectors)
    directory = (_entry("Root Entry", 5, _END, 0) + _entry("Workbook", 2, 3, 4096)).ljust(SECTOR, b"\0")
    return header.data() + _sectors(_FAT, _END, _FAT, _END) + directory + circle + bytes(sectors * SECTOR)


def _sectors_beyond_the_file() -> bytes:
    return container(_stream(), Header(directory=0x00FFFFFF, fats=(0x00FFFFFF,) * 109, fat_count=0xFFFFFF))


def _sectors_of_an_impossible_size() -> bytes:
    return container(_stream(), Header(shift=63))


def _stream_larger_than_the_file() -> bytes:
    data = bytearray(container(_stream()))
    place = data.index("Workbook".encode("utf-16-le"))
    struct.pack_into("<Q", data, place + 120, 1 << 62)
    return bytes(data)


def _records(kind: int, data: bytes, count: int) -> bytes:
    return container(_stream(sheet=record(kind, data) * count))


def _many_tabs(tabs: int, records: int) -> bytes:
    """Return a workbook whose tabs all begin at one long sheet, or within it."""
    start = len(BOF) + tabs * len(_tab(0, b"S")) + len(EOF)
    sheets = b"".join(_tab(start, b"S") for _ in range(tabs))
    return container(BOF + sheets + EOF + SHEET + record(0x0201, bytes(6)) * records + EOF)


def _strings(unique: int, data: bytes) -> bytes:
    table = struct.pack("<2I", unique, unique) + data
    pieces = [table[n : n + 8_000] for n in range(0, len(table), 8_000)]
    listed = record(0x00FC, pieces[0]) + b"".join(record(0x003C, piece) for piece in pieces[1:])
    return container(_stream(listed))


COMPOUND: dict[str, Hostile] = {
    "xls: 1,700,000 records that nobody knows": (lambda: _records(0x4242, b"", 1_700_000), ENDED),
    "xls: a sheet without an end": (lambda: container(_stream()[:-4]), (*CORRUPT, "no_data_rows")),
    "xls: 300,000 sheets within each other": (lambda: container(_stream(sheet=SHEET * 300_000)), ENDED),
    "xls: a chain of sectors in a circle": (_fat_in_a_circle, ENDED),
    "xls: a list of FAT sectors in a circle": (_difat_in_a_circle, ENDED),
    "xls: sectors beyond the file": (_sectors_beyond_the_file, CORRUPT),
    "xls: sectors of an impossible size": (_sectors_of_an_impossible_size, CORRUPT),
    "xls: a stream of 4 EiB": (_stream_larger_than_the_file, ("no_data_rows", *CORRUPT)),
    "xls: 3,000 tabs that show one long sheet": (lambda: _many_tabs(3_000, 500_000), ENDED),
    "xls: four billion strings": (lambda: _strings(0xFFFFFFFF, b"\x01\0\0a"), CORRUPT),
    "xls: 2,900,000 empty strings": (lambda: _strings(2_900_000, b"\0\0\0" * 2_900_000), ENDED),
    "xls: a string of four billion runs": (lambda: _strings(1, b"\1\0\x0c\xff\xff\xff\xff\xff\xffa"), CORRUPT),
    "xls: cells in the last corner": (
        lambda: container(_stream(sheet=record(0x0203, struct.pack("<3Hd", 65_535, 65_535, 0, 1.0)))), ("succeeded",)),
    "xls: 800,000 merges": (
        lambda: _records(0x00E5, struct.pack("<H", 1_000) + struct.pack("<4H", 0, 65_535, 0, 255) * 1_000, 800), ENDED),
    "xls: a workbook cut off": (lambda: written()[:2_000], CORRUPT),
}  # fmt: skip
