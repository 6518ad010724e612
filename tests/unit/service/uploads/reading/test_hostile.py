"""Files that are damaged, something else, or meant to do harm: each ends with its code, and cheaply."""

import io
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
import xlwt  # type: ignore[import-untyped]

from service.uploads.limits import Limits
from service.uploads.problems import ReadProblem
from tests.workbooks import MAIN, RawSheet, RawWorkbook, checked_file, raw, row

LIMITS = Limits(inflated_bytes=20_000_000)
GOOD = RawWorkbook([RawSheet(row(1, "EAN") + row(2, "5901234123457"))])


def zipped(parts: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def with_lying_sizes(data: bytes, size: int) -> bytes:
    """Return the archive with another inflated size of sheet1 in both of its headers."""
    name = b"xl/worksheets/sheet1.xml"
    local = data.find(name) - 30
    central = data.rfind(name) - 46
    lying = bytearray(data)
    struct.pack_into("<I", lying, local + 22, size)
    struct.pack_into("<I", lying, central + 24, size)
    return bytes(lying)


def twice(name: str) -> bytes:
    out = io.BytesIO(GOOD.data())
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as package:
        warnings.simplefilter("ignore")
        package.writestr(name, RawSheet("").part())
    return out.getvalue()


def encrypted_entry() -> bytes:
    data = bytearray(GOOD.data())
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(512)


def damaged_deflate() -> bytes:
    data = bytearray(RawWorkbook([RawSheet("".join(row(n, f"text {n * 7919}") for n in range(1, 300)))]).data())
    middle = data.find(b"xl/worksheets/sheet1.xml") + 400
    data[middle : middle + 40] = b"\xff" * 40
    return bytes(data)


def xls_bytes() -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("List").write(0, 0, "EAN")
    book.save(out)
    return out.getvalue()


def encrypted_xls() -> bytes:
    """Return an xls whose second record says that there is a password."""
    data = bytearray(xls_bytes())
    second = 512 + 4 + int.from_bytes(data[514:516], "little")  # the stream begins with the first sector
    struct.pack_into("<H", data, second, 0x002F)
    return bytes(data)


BOMB = f'<worksheet xmlns="{MAIN}"><sheetData>' + " " * 30_000_000 + "</sheetData></worksheet>"
EMPTY = f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'

FILES: dict[str, tuple[bytes, str]] = {
    "0 bytes": (b"", "empty_file"),
    "random bytes": (bytes(range(256)) * 4, "not_a_spreadsheet"),
    "a web page named .xls": (b"<html><table><tr><td>EAN</td></tr></table></html>", "not_a_spreadsheet"),
    "a web page with a document type": (b"\xef\xbb\xbf<!DOCTYPE html><html>", "not_a_spreadsheet"),
    "a flat OpenDocument sheet": (b'<?xml version="1.0"?><office:document office:mimetype="x">', "not_a_spreadsheet"),
    "a PDF": (b"%PDF-1.7\n%abc", "not_a_spreadsheet"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(20), "not_a_spreadsheet"),
    "JSON": (b'[{"ean": "5901234123457"}]', "not_a_spreadsheet"),
    "a Word document named .xlsx": (zipped({"word/document.xml": "<x/>"}), "not_a_spreadsheet"),
    "an archive of pictures": (zipped({"a.png": "x"}), "not_a_spreadsheet"),
    "a binary workbook": (zipped({"xl/workbook.bin": "x"}), "not_a_spreadsheet"),
    "an OpenDocument text": (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "not_a_spreadsheet"),
    "a Word document of old": (ole("WordDocument"), "not_a_spreadsheet"),
    "a compression that no spreadsheet uses": (GOOD.data(zipfile.ZIP_LZMA), "not_a_spreadsheet"),
    "an xls with a password": (encrypted_xls(), "encrypted_workbook"),
    "a workbook with a password": (ole("EncryptedPackage"), "encrypted_workbook"),
    "an archive with encrypted entries": (encrypted_entry(), "encrypted_workbook"),
    "an OpenDocument sheet with a password": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": "<m:encryption-data/>"}),
        "encrypted_workbook"),
    "an upload that broke off": (GOOD.data()[:-200], "corrupt_file"),
    "a part that is damaged": (damaged_deflate(), "corrupt_file"),
    "a part that is missing": (
        RawWorkbook([RawSheet("")], parts={"xl/worksheets/sheet1.xml": None}).data(), "corrupt_file"),
    "XML that breaks off": (raw('<row r="1">'), "corrupt_file"),
    "bytes that are no UTF-8": (RawWorkbook([RawSheet("", xml=b"<worksheet><sheetData>\xff\xfe</sheetData></worksheet>")]).data(),
                                "corrupt_file"),
    "two entries of one name": (twice("xl/worksheets/sheet1.xml"), "corrupt_file"),
    "two entries of one name in another case": (twice("xl/worksheets/SHEET1.xml"), "corrupt_file"),
    "entities in a sheet": (RawWorkbook([RawSheet("", xml=LAUGHS + EMPTY)]).data(), "corrupt_file"),
    "entities in the strings": (raw(row(1, "EAN"), strings=LAUGHS + f'<sst xmlns="{MAIN}"/>'), "corrupt_file"),
    "a file of ours as an entity": (RawWorkbook([RawSheet("", xml=XXE + EMPTY)]).data(), "corrupt_file"),
    "an entity in the workbook": (
        RawWorkbook([RawSheet("")], parts={"xl/workbook.xml": XXE + f'<workbook xmlns="{MAIN}"/>'}).data(), "corrupt_file"),
    "a bomb that says so": (RawWorkbook([RawSheet("", xml=BOMB)]).data(), "expands_too_much"),
    "a bomb that says it is small": (
        with_lying_sizes(RawWorkbook([RawSheet("", xml=BOMB)]).data(), 5_000), "expands_too_much"),
    "a part that nobody reads is a bomb, too": (
        RawWorkbook([RawSheet(row(1, "EAN"))], parts={"xl/media/a.bin": bytes(30_000_000)}).data(), "expands_too_much"),
    "a size that lies a little": (with_lying_sizes(GOOD.data(), 50), "corrupt_file"),
    "2,001 entries": (zipped({f"p{n}": "" for n in range(2_001)}), "expands_too_much"),
    "30,000 entries": (zipped({f"p{n}": "" for n in range(30_000)}), "expands_too_much"),
    "strings that are shrunk 400 times": (
        raw(row(1, "EAN"), strings=f'<sst xmlns="{MAIN}">' + "<si><t>a</t></si>" * 700_000 + "</sst>"), "expands_too_much"),
    "an xls that breaks off": (xls_bytes()[:2_000], "corrupt_file"),
    "a row number beyond all sheets": (raw('<row r="4294967295"><c><v>1</v></c></row>'), "corrupt_file"),
    "a workbook whose sheets are all empty": (RawWorkbook([RawSheet("")]).data(), "no_data_rows"),
    "rows without end": (raw("<row><c><v>1</v></c></row>" * 300_000), "too_many_rows"),
    "lines without end": (b"1,2\n" * 300_000, "too_many_rows"),
    "fields without end": (b"a," * 1_000_000, "expands_too_much"),
    "blanks": (b" \n;;\n\t\n", "no_data_rows"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), FILES.values(), ids=FILES)
def test_file_ends_with_its_code(data: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(ReadProblem) as raised:
        checked_file(data, tmp_path, limits=LIMITS)
    assert raised.value.code == code


HARMLESS: dict[str, bytes] = {
    "a count of 4,000,000,000 strings": raw(
        row(1, "EAN") + row(2, "5901234123457"), strings=f'<sst xmlns="{MAIN}" uniqueCount="4000000000"/>'
    ),
    "a cell in the last corner": raw(
        row(1, "EAN") + row(2, "5901234123457") + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "a merge over the whole sheet": raw(
        row(1, "EAN") + row(2, "5901234123457"),
        after='<mergeCells><mergeCell ref="B3:XFD1048576"/></mergeCells>',
    ),
    "100,000 merges": raw(
        row(1, "EAN") + row(2, "5901234123457"),
        after="<mergeCells>" + "".join(f'<mergeCell ref="B{n}:C{n}"/>' for n in range(1, 100_000)) + "</mergeCells>",
    ),
    "a dimension over the whole sheet": RawWorkbook(
        [
            RawSheet(
                "",
                xml=f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>'
                f'{row(1, "EAN")}{row(2, "5901234123457")}</sheetData></worksheet>',
            )
        ]
    ).data(),
    "100,000 formatted rows that are empty": raw(
        row(1, "EAN") + row(2, "5901234123457") + "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(3, 100_003))
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_file_that_kills_others_is_read(data: bytes, tmp_path: Path) -> None:
    found = checked_file(data, tmp_path)
    assert [item.encoded for item in found.rows] == ["5901234123457"]
