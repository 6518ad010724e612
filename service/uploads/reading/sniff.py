"""What a file is, told by its content: path in, container out, or a problem that says what it is instead."""

import re
from pathlib import Path
from typing import BinaryIO, Final, Literal

from service.uploads.limits import Limits
from service.uploads.problems import ReadProblem
from service.uploads.reading.archive import Archive, open_archive
from service.uploads.reading.xls import is_encrypted

Container = Literal["ooxml", "ods", "xls", "text"]
HEAD_BYTES: Final = 65_536

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF: Final = re.compile(rb"\x09[\x00\x02\x04\x08](?:\x04|\x06|\x08|\x10)\x00")  # a bare BIFF stream, without OLE
_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
    (b'{"', "JSON"),
    (b"[{", "JSON"),
)
_MARKUP: Final[tuple[tuple[bytes, str], ...]] = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", "an XML spreadsheet of 2003"),
    (b"office:spreadsheet", "a flat OpenDocument sheet (.fods)"),
    (b"<html", "a web page saved as a workbook"),
    (b"<table", "a web page saved as a workbook"),
    (b"<!doctype html", "a web page saved as a workbook"),
    (b"<?xml", "an XML file"),
    (b"<svg", "a picture"),
)
_PARTS: Final[tuple[tuple[str, str], ...]] = (
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
    ("index/document.iwa", "an Apple Numbers, Pages or Keynote document"),
    ("visio/document.xml", "a Visio drawing"),
)
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1b\x7f]")


def sniff(path: Path, limits: Limits) -> Container:
    """Return what kind of file it is; reads its head and, of an archive, the directory and heads of small parts.

    Raises ReadProblem: empty_file, not_a_spreadsheet, encrypted_workbook, or corrupt_file and expands_too_much for an
    archive whose directory says so.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if not head:
            raise ReadProblem("empty_file", "The file has 0 bytes")
        if head.startswith(b"PK"):
            return archive_kind(open_archive(file, limits))
        if head.startswith(_OLE):
            return _ole_kind(head, file)
    if _BIFF.match(head):
        return "xls"
    _refuse_others(head)
    return "text"


def archive_kind(archive: Archive) -> Container:
    """Return whether an archive is a workbook of Office or of OpenDocument. Raises ReadProblem."""
    if archive.head("mimetype", 200).startswith(b"application/vnd.oasis.opendocument"):
        return _opendocument(archive)
    for part, what in _PARTS:
        if part in archive:
            raise _not_a_spreadsheet(what)
    if "xl/workbook.xml" in archive or any(name.endswith("workbook.xml") for name in archive.names()):
        return "ooxml"
    if "content.xml" in archive and "meta-inf/manifest.xml" in archive:
        return _opendocument(archive)
    raise _not_a_spreadsheet("an archive without a workbook")


def _opendocument(archive: Archive) -> Container:
    if b"encryption-data" in archive.head("META-INF/manifest.xml", HEAD_BYTES):
        raise ReadProblem("encrypted_workbook", "The document is protected by a password")
    if "mimetype" in archive and b"spreadsheet" not in archive.head("mimetype", 200):
        raise _not_a_spreadsheet("an OpenDocument text, drawing or presentation")
    return "ods"


def _ole_kind(head: bytes, file: BinaryIO) -> Container:
    """Return "xls" for an OLE container that holds one. Its directory has names in UTF-16 ([MS-CFB] 2.6.1)."""
    content = head + file.read()
    if _utf16("EncryptedPackage") in content:
        raise ReadProblem("encrypted_workbook", "The workbook is protected by a password")
    if _utf16("Workbook") in content or _utf16("Book") in content:
        if is_encrypted(content):
            raise ReadProblem("encrypted_workbook", "The workbook is protected by a password")
        return "xls"
    if _utf16("WordDocument") in content:
        raise _not_a_spreadsheet("a Word document")
    if _utf16("Root Entry") in content:
        raise _not_a_spreadsheet("an Office document without a workbook")
    return "xls"  # broken off before its directory: what it was cannot be told, and its reader says so


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def _refuse_others(head: bytes) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, what in _OTHERS:
        if text.startswith(start):
            raise _not_a_spreadsheet(what)
    if text.startswith(b"<"):
        lower = text[:4096].lower()
        raise _not_a_spreadsheet(next((what for mark, what in _MARKUP if mark in lower), "a page of markup"))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    if _looks_utf16(head):
        return
    # One stray control character is a fault of its row; a file full of them is no text.
    if b"\x00" in head or len(_CONTROLS.findall(head)) > len(head) / 50 + 2:
        raise _not_a_spreadsheet("neither a workbook nor a text")


def _looks_utf16(head: bytes) -> bool:
    zeros = sorted((head[::2].count(0), head[1::2].count(0)))
    return len(head) > 3 and zeros[1] > len(head) * 0.3 and zeros[0] < len(head) * 0.1


def _not_a_spreadsheet(what: str) -> ReadProblem:
    return ReadProblem("not_a_spreadsheet", f"This is {what}", found=what)
