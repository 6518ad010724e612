"""Texts of 20 MB that are no list, and files that are something else than their name says."""

from tests.hostile.archives import TOO_MUCH
from tests.hostile.case import Hostile
from tests.hostile.zips import archive, closing, part

SIZE = 19_900_000
_HEAD = b"EAN\n5901234123457\n"
NOTHING = ("no_data_rows", "header_not_found", "all_rows_invalid", "succeeded_with_errors")
OTHER = ("not_a_spreadsheet",)


def _filled(head: bytes, block: bytes, tail: bytes = b"") -> bytes:
    return head + block * ((SIZE - len(head) - len(tail)) // len(block)) + tail


TEXTS: dict[str, Hostile] = {
    "csv: one line of 20 MB": (lambda: _filled(b"", b"a"), NOTHING),
    "csv: a code of 20 MB": (lambda: _filled(b"EAN;Name\n5901234123457;Tea\n", b"1"), NOTHING),
    "csv: 20,000,000 delimiters in a line": (lambda: _filled(_HEAD, b";"), TOO_MUCH),
    "csv: 6,000,000 delimiters in lines of 100,000": (lambda: _HEAD + (b";" * 100_000 + b"\n") * 60, (*TOO_MUCH, "succeeded")),
    "csv: a quote that is never closed": (lambda: _filled(b'EAN;Name\n5901234123457;"', b"a\n"), ("too_many_rows",)),
    "csv: a quote that is never closed in one line": (lambda: _filled(b'EAN;Name\n5901234123457;"', b"a"), ("succeeded",)),
    "csv: 20,000,000 quotes": (lambda: _filled(_HEAD, b'"'), NOTHING),
    "csv: a formula that is never closed": (lambda: _filled(b'EAN;Name\n5901234123457;="', b"a"), ("succeeded",)),
    "csv: one record over all lines": (lambda: _filled(b"EAN;Name\n", b';"\n"' * 100), (*TOO_MUCH, *NOTHING)),
    "csv: 20,000,000 empty lines": (lambda: _filled(_HEAD, b"\n"), TOO_MUCH),
    "csv: 20,000,000 empty lines and a quote": (lambda: _filled(_HEAD, b"\n", b'a;"b'), TOO_MUCH),
    "csv: 7,000,000 rows": (lambda: _filled(b"", b"1;\n"), ("too_many_rows",)),
    "csv: NUL bytes": (lambda: _filled(_HEAD, b"\0"), OTHER),
    "csv: NUL bytes far behind": (lambda: _HEAD + b"96385074\n" * 20_000 + b"\0" * 1_000_000, ("succeeded_with_errors",)),
    "csv: 20 MB of bytes that are no text": (lambda: _filled(_HEAD, b"\xff\xfe\x81\x8d"), NOTHING),
    "csv: UTF-16 that breaks off": (lambda: b"\xff\xfe" + "EAN\n5901234123457\n".encode("utf-16-le")[:-1], ("corrupt_file",)),
    "csv: blanks": (lambda: _filled(b"", b" ;\n"), ("no_data_rows",)),
    "a web page named .xls": (lambda: b"<html><table><tr><td>EAN</td></tr></table></html>", OTHER),
    "an XML file named .xlsx": (lambda: b'<?xml version="1.0"?><list><ean>5901234123457</ean></list>', OTHER),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj", OTHER),
    "a Word document": (lambda: archive([part("[Content_Types].xml", "<Types/>"), part("word/document.xml", "<w/>")]), OTHER),
    "an archive of something else": (lambda: archive([part("notes.txt", "EAN")]), OTHER),
    "an archive of nothing": (lambda: closing(0, 0, 0), OTHER),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(1_000), OTHER),
    "0 bytes": (lambda: b"", ("empty_file",)),
}  # fmt: skip
