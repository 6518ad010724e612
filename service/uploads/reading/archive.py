"""The ZIP around xlsx and ods: path in, parts out, each inflated under one budget and judged before it is read."""

import zipfile
import zlib
from typing import BinaryIO, Final

from service.uploads.limits import Limits
from service.uploads.problems import ReadProblem

MAX_ENTRIES: Final = 2_000
MAX_DIRECTORY_BYTES: Final = 1_000_000
# Honest sheets reach 1:30, ordinary styles and drawings more: a ratio says something about large parts only
# (a rule of 1:100 without a floor refuses real files: dataverse #7854, poiji #107).
RATIO: Final = 150
RATIO_FLOOR_BYTES: Final = 10_000_000
_ENCRYPTED_FLAG: Final = 0x1
_LOCAL_HEADER_BYTES: Final = 30
_EOCD: Final = b"PK\x05\x06"
_ZIP64_LOCATOR: Final = b"PK\x06\x07"


class Archive:
    """The parts of one file, by name; case and backslashes in names do not matter."""

    def __init__(self, file: BinaryIO, entries: dict[str, zipfile.ZipInfo], limits: Limits) -> None:
        self._file = file
        self._entries = entries
        self.limits = limits
        self._left = limits.inflated_bytes

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._entries

    def head(self, name: str, count: int) -> bytes:
        """Return at most `count` bytes of the beginning of a part, unproven; b"" where it is missing.

        For telling what a file is, in a process that a bomb must not harm.
        """
        if (entry := self._entries.get(_plain(name))) is None:
            return b""
        data = self._compressed(entry)[: 2 * count]
        return data[:count] if entry.compress_type == zipfile.ZIP_STORED else _inflate(data, count - 1)

    def files(self) -> tuple[str, ...]:
        """Return the names of all parts as they are written."""
        return tuple(entry.filename for entry in self._entries.values())

    def names(self) -> tuple[str, ...]:
        """Return the names of all parts, in lower case with slashes."""
        return tuple(self._entries)

    def read(self, name: str) -> bytes:
        """Return a part. Raises ReadProblem where it is missing, damaged or too large."""
        if (entry := self._entries.get(_plain(name))) is None:
            raise ReadProblem("corrupt_file", f"The part {name} is missing")
        data = self._compressed(entry)
        if entry.compress_type != zipfile.ZIP_STORED:
            data = _inflate(data, self._left)
        if len(data) > self._left:
            raise _too_much(self.limits)
        self._left -= len(data)
        if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
            raise ReadProblem("corrupt_file", f"The part {name} is damaged")
        return data

    def _compressed(self, entry: zipfile.ZipInfo) -> bytes:
        try:
            self._file.seek(entry.header_offset)
        except (OSError, ValueError):  # before the beginning: `zipfile` corrects offsets for what stands in front
            header = b""
        else:
            header = self._file.read(_LOCAL_HEADER_BYTES)
        if len(header) < _LOCAL_HEADER_BYTES or header[:4] != b"PK\x03\x04":
            raise ReadProblem("corrupt_file", "A part of the file does not begin where its directory says")
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        self._file.seek(lengths, 1)
        return self._file.read(entry.compress_size)


def open_archive(file: BinaryIO, limits: Limits) -> Archive:
    """Return the archive in `file`, after looking at its directory only. Raises ReadProblem."""
    _bounded_directory(file)
    try:
        with zipfile.ZipFile(file) as listed:
            entries = listed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ReadProblem("corrupt_file", f"The directory of the file cannot be read ({error})") from None
    _judge(entries, limits)
    by_name = {_plain(entry.filename): entry for entry in entries}
    if len(by_name) != len(entries):
        raise ReadProblem("corrupt_file", "Two parts of the file have the same name")
    _refuse_overlaps(entries)
    return Archive(file, by_name, limits)


def _bounded_directory(file: BinaryIO) -> None:
    """Refuse a directory that costs memory merely to list: `zipfile` reads it whole, whatever its size."""
    end = file.seek(0, 2)
    file.seek(max(0, end - 65_633))  # the comment has at most 65,535 bytes (APPNOTE 4.3.16), ZIP64's records 76
    tail = file.read()
    place = tail.rfind(_EOCD)
    if place < 0 or len(tail) < place + 22:
        raise ReadProblem("corrupt_file", "The end of the file is missing")
    listed = int.from_bytes(tail[place + 12 : place + 16], "little")
    if max(listed, _zip64_directory_bytes(tail[:place])) > MAX_DIRECTORY_BYTES:
        raise ReadProblem("expands_too_much", f"The file has more than {MAX_ENTRIES} parts", limit=MAX_ENTRIES)
    file.seek(0)


def _zip64_directory_bytes(before: bytes) -> int:
    """Return the size that a ZIP64 record tells, which `zipfile` believes before the old one; 0: there is none."""
    if not before[-20:].startswith(_ZIP64_LOCATOR):
        return 0
    return int.from_bytes(before[-36:-28], "little")  # it looks right before the locator only (APPNOTE 4.3.14)


def _refuse_overlaps(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse parts that share bytes: no writer makes them, and a small file tells of very much (Fifield, 2019)."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise ReadProblem("corrupt_file", "Two parts of the file share bytes")
        end = entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size


def _judge(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > MAX_ENTRIES:
        raise ReadProblem("expands_too_much", f"The file has more than {MAX_ENTRIES} parts", limit=MAX_ENTRIES)
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise ReadProblem("encrypted_workbook", "The parts of the file are encrypted")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise ReadProblem("not_a_spreadsheet", "The file is compressed in a way that spreadsheets do not use")
    if sum(entry.file_size for entry in entries) > limits.inflated_bytes:
        raise _too_much(limits)
    for entry in entries:
        _judge_ratio(entry.file_size, entry.compress_size)


def _judge_ratio(inflated: int, compressed: int) -> None:
    if inflated > RATIO_FLOOR_BYTES and inflated > RATIO * compressed:
        raise ReadProblem(
            "expands_too_much",
            f"A part of the file unpacks to {inflated // max(compressed, 1):,} times its size",
            limit=RATIO,
        )


def _inflate(data: bytes, budget: int) -> bytes:
    """Return the inflated bytes, at most one more than `budget`: sizes in the directory may lie."""
    stream = zlib.decompressobj(-15)
    try:
        return stream.decompress(data, budget + 1)
    except zlib.error as error:
        raise ReadProblem("corrupt_file", f"A part of the file cannot be inflated ({error})") from None


def _too_much(limits: Limits) -> ReadProblem:
    return ReadProblem(
        "expands_too_much",
        f"The file unpacks to more than {limits.inflated_bytes:,} bytes",
        limit=limits.inflated_bytes,
    )


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
