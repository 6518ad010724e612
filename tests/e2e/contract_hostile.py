"""Files that are made to hurt whoever reads them, each with the problem codes that it may end with."""

import io
import zipfile

from tests.e2e.contract_case import column
from tests.workbooks import MAIN, RawSheet, RawWorkbook, raw, row

_ROWS = row(1, "EAN") + row(2, "5901234123457")


def _bomb() -> bytes:
    return RawWorkbook([RawSheet(_ROWS)], parts={"xl/media/image1.png": b"\0" * 250_000_000}).data()


def _twice() -> bytes:
    out = io.BytesIO(raw(_ROWS))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", RawSheet(_ROWS).part())
    return out.getvalue()


def _entity(definition: str) -> bytes:
    xml = f'<!DOCTYPE x [{definition}]><worksheet xmlns="{MAIN}"><sheetData>{_ROWS}</sheetData></worksheet>'
    return RawWorkbook([RawSheet("", xml=xml)]).data()


HOSTILE: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "a count of four billion strings": (
        raw(_ROWS, strings=f'<sst xmlns="{MAIN}" count="4000000000" uniqueCount="4000000000"><si><t>a</t></si></sst>'),
        ("succeeded",),
    ),
    "a cell at XFD1048576": (
        raw(_ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        ("succeeded",),
    ),
    "row 4294967295": (raw(_ROWS + '<row r="4294967295"><c><v>1</v></c></row>'), ("corrupt_file",)),
    "row 2000000": (raw(_ROWS + '<row r="2000000"><c><v>1</v></c></row>'), ("corrupt_file",)),
    "a merge of the whole sheet": (
        raw(_ROWS, after='<mergeCells count="1"><mergeCell ref="B3:XFD1048576"/></mergeCells>'),
        ("succeeded",),
    ),
    "an entity": (_entity('<!ENTITY a "aaaa">'), ("corrupt_file",)),
    "an external entity": (_entity('<!ENTITY a SYSTEM "file:///etc/hostname">'), ("corrupt_file",)),
    "a part that inflates to 250 MB": (_bomb(), ("expands_too_much",)),
    "a sheet that stands twice in the archive": (_twice(), ("corrupt_file",)),
    "a row twice": (raw(_ROWS + row(2, "96385074")), ("corrupt_file",)),
    "a workbook cut off": (column("EAN", "5901234123457")[:-100], ("corrupt_file", "upload_incomplete")),
}
