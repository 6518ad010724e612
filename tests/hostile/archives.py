"""ZIP bombs, and directories that lie about what is in the file."""

import bz2
import lzma
import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace

from tests.hostile.case import Hostile
from tests.hostile.zips import (
    BZIP2,
    ENCRYPTED,
    LZMA,
    Entry,
    archive,
    closing64,
    lying,
    part,
    repeated,
)
from tests.workbooks import RawSheet, RawWorkbook, row

ROWS = row(1, "EAN") + row(2, "5901234123457")
SHEET = "xl/worksheets/sheet1.xml"
MEGABYTE = bytes(1_000_000)


def workbook(*more: Entry, sheet: Entry | None = None) -> list[Entry]:
    """Return the parts of a good list, one of them exchanged, some more added."""
    parts = RawWorkbook([RawSheet(ROWS)]).contents()
    entries = [part(name, content) for name, content in parts.items() if name != SHEET or sheet is None]
    return [*entries, *([sheet] if sheet else []), *more]


def _sheet_part() -> bytes:
    return str(RawSheet(ROWS).part()).encode()


def _large_sheet(times: int) -> Entry:
    before, _, after = _sheet_part().partition(b"</sheetData>")
    return repeated(SHEET, before, b" " * 1_000_000, times, b"</sheetData>" + after)


def _nested() -> bytes:
    inner = archive([repeated("zeros", b"", MEGABYTE, 1_000, b"")])
    for _ in range(5):
        inner = archive([part(f"{n}.zip", inner) for n in range(16)])
    return inner


def _nested_in_a_workbook() -> bytes:
    return archive(workbook(part("xl/embeddings/oleObject1.bin", _nested())))


def _overlapping(size: int, count: int) -> bytes:
    """Return many names for one packed part (D. Fifield, A better zip bomb, 2019)."""
    kernel = repeated("xl/media/0.bin", b"", bytes(size // 100), 100, b"")
    names = [replace(kernel, name=f"xl/media/{n:04}.bin".encode(), at=0) for n in range(1, count)]
    return archive([replace(kernel, name=b"xl/media/0000.bin"), *names, *workbook()])


def _one_within_another() -> bytes:
    """Return a workbook in whose first part another begins."""
    good = part("xl/worksheets/sheet2.xml", _sheet_part())
    outer = Entry(b"a.bin", good.local() + b"!" * 20, zlib.crc32(good.local() + b"!" * 20), 0, method=0)
    outer = replace(outer, size=len(outer.data))
    return archive([outer, replace(good, at=len(outer.local()) - len(outer.data)), *workbook()])


def _compressed(method: int) -> bytes:
    plain = _sheet_part()
    if method == BZIP2:
        data = bz2.compress(plain)
    else:
        filters = [{"id": lzma.FILTER_LZMA1, "preset": 6}]
        raw = lzma.compress(plain, lzma.FORMAT_RAW, filters=filters)
        data = struct.pack("<BBH", 9, 4, 5) + b"\x5d\x00\x00\x80\x00" + raw
    sheet = Entry(SHEET.encode(), data, zlib.crc32(plain), len(plain), method)
    return archive(workbook(sheet=sheet))


def _encrypted() -> bytes:
    return archive(workbook(sheet=replace(part(SHEET, _sheet_part()), flags=ENCRYPTED)))


def _sizes_of_zip64() -> bytes:
    sheet = part(SHEET, _sheet_part())
    extra = struct.pack("<2H2Q", 1, 16, 1 << 62, len(sheet.data))
    return archive(workbook(sheet=replace(sheet, size=0xFFFFFFFF, extra=extra)))


def _directory_behind_zip64(count: int) -> bytes:
    """Return a directory of very many entries, of which the old record says that there is one."""
    body = part("a", b"").local()
    directory = part("a", b"").central(0) * count
    return body + directory + closing64(count, len(directory), len(body), len(body) + len(directory))


def _zip64_at_the_end_of_all_files() -> bytes:
    good = archive(workbook())
    end = closing64(1 << 60, 1 << 60, 1 << 62, len(good))
    return good[:-22] + end


def _many(count: int) -> bytes:
    return archive([part(f"xl/p{n}", b"") for n in range(count)])


def _twice(second: str) -> bytes:
    return archive(workbook(part(second, RawSheet(row(1, "EAN") + row(2, "96385074")).part())))


def _directory_that_is_cut() -> bytes:
    good = archive(workbook())
    place = good.rfind(b"PK\1\2")
    return good[:place] + good[-22:]


def _damaged() -> bytes:
    sheet = part(SHEET, _sheet_part())
    broken = bytearray(sheet.data)
    broken[len(broken) // 2] ^= 0xFF
    return archive(workbook(sheet=replace(sheet, data=bytes(broken))))


def _without_end() -> bytes:
    """Return a part whose deflate stream never says that it is over."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = stream.compress(_sheet_part()) + stream.flush(zlib.Z_SYNC_FLUSH)
    return archive(workbook(sheet=replace(part(SHEET, _sheet_part()), data=data)))


def _traversing(names: Sequence[str]) -> bytes:
    return archive(workbook(*(part(name, "root:x:0:0") for name in names)))


def _relation_out_of_the_package() -> bytes:
    parts = RawWorkbook([RawSheet(ROWS)]).contents()
    related = str(parts["xl/_rels/workbook.xml.rels"]).replace("worksheets/sheet1.xml", "../../../../etc/passwd")
    return archive([part(name, content) for name, content in (parts | {"xl/_rels/workbook.xml.rels": related}).items()])


TOO_MUCH = ("expands_too_much",)
CORRUPT = ("corrupt_file",)

ARCHIVES: dict[str, Hostile] = {
    "a part that unpacks to 250 MB": (
        lambda: archive(workbook(repeated("xl/media/image1.png", b"", MEGABYTE, 250, b""))), TOO_MUCH),
    "a sheet that unpacks to 4 GB": (lambda: archive(workbook(sheet=_large_sheet(4_000))), TOO_MUCH),
    "a sheet that unpacks to 4 GB and says 5,000 bytes": (
        lambda: archive(workbook(sheet=lying(_large_sheet(4_000), 5_000))), TOO_MUCH),
    "a part shrunk a thousand times, of 50 MB": (
        lambda: archive(workbook(repeated("xl/media/a.bin", b"", MEGABYTE, 50, b""))), TOO_MUCH),
    "archives within archives within a workbook": (_nested_in_a_workbook, ("succeeded",)),  # nobody opens them
    "archives within archives": (_nested, ("not_a_spreadsheet",)),
    "1,500 names of one part, 150 GB together": (lambda: _overlapping(100_000_000, 1_500), TOO_MUCH),
    "1,500 names of one small part": (lambda: _overlapping(100_000, 1_500), CORRUPT),
    "a part within another": (_one_within_another, CORRUPT),
    "2,001 parts": (lambda: _many(2_001), TOO_MUCH),
    "100,000 parts": (lambda: _many(100_000), TOO_MUCH),
    "a size that lies a little": (
        lambda: archive(workbook(sheet=lying(part(SHEET, _sheet_part()), 50))), CORRUPT),
    "a size of 4 EiB in a ZIP64 field": (_sizes_of_zip64, TOO_MUCH),
    "350,000 parts that only ZIP64 tells of": (lambda: _directory_behind_zip64(350_000), TOO_MUCH),
    "a ZIP64 directory beyond all files": (_zip64_at_the_end_of_all_files, CORRUPT + TOO_MUCH),
    "a sheet that stands twice in the archive": (lambda: _twice(SHEET), CORRUPT),
    "a sheet that stands twice, in another case": (lambda: _twice("xl/Worksheets/Sheet1.xml"), CORRUPT),
    "a sheet that stands twice, with backslashes": (lambda: _twice("xl\\worksheets\\sheet1.xml"), CORRUPT),
    "parts in bzip2": (lambda: _compressed(BZIP2), ("not_a_spreadsheet",)),
    "parts in LZMA": (lambda: _compressed(LZMA), ("not_a_spreadsheet",)),
    "parts with a password": (_encrypted, ("encrypted_workbook",)),
    "names that climb out of the archive": (
        lambda: _traversing(["../../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "a\0b", "x" * 60_000]),
        ("succeeded",)),  # nothing is ever unpacked to a path
    "a relation that climbs out of the archive": (_relation_out_of_the_package, CORRUPT),
    "a directory that is cut": (_directory_that_is_cut, CORRUPT),
    "a stream that is damaged": (_damaged, CORRUPT),
    "a stream that never ends": (_without_end, ("succeeded", *CORRUPT)),
    "a workbook cut off": (lambda: archive(workbook())[:-100], ("corrupt_file", "upload_incomplete")),
}  # fmt: skip
