"""Workbooks that tests are made of: rows in, a workbook in memory, or the bytes of a file in each format, out."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from service.uploads.checking import check
from service.uploads.limits import Limits
from service.uploads.model import Cell, Checked, Format, Merge, Row, SheetContent, SheetRow, Workbook, letter
from service.uploads.options import UploadOptions, parse_options
from service.uploads.reading import read

Given = str | int | float | bool | Cell | None

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass(frozen=True)
class MemorySheet:
    """A sheet that was never a file."""

    rows: Sequence[Sequence[Given]]
    name: str | None = "Sheet1"
    visible: bool = True
    holds_cells: bool = True
    hidden_rows: Sequence[int] = ()
    merges: Sequence[Merge] = ()
    bare: bool = False

    def load(self) -> SheetContent:
        rows = []
        for number, given in enumerate(self.rows, start=1):
            cells = {column: cell for column, value in enumerate(given, start=1) if (cell := self._cell(value))}
            if cells:
                rows.append(SheetRow(number, cells, number in self.hidden_rows))
        return SheetContent(tuple(rows), tuple(self.merges))

    def _cell(self, value: Given) -> Cell | None:
        if value is None or isinstance(value, Cell):
            return value
        if isinstance(value, bool):
            return Cell("boolean", str(value).upper())
        if isinstance(value, str):
            return Cell("bare" if self.bare else "text", value) if value else None
        return Cell("number", str(int(value)) if value == int(value) else repr(value))


def checked(
    rows: Sequence[Sequence[Given]],
    options: str | UploadOptions | None = None,
    *,
    format: Format = "xlsx",
    **sheet: Any,
) -> Checked:
    """Return the verdicts on one sheet with these rows; `csv` rows are bare fields."""
    chosen = options if isinstance(options, UploadOptions) else parse_options(options)
    only = MemorySheet(rows, bare=format in ("csv", "tsv"), **sheet)
    return check(Workbook(format, (only,)), chosen, Limits())


def verdict(header: str, value: Given, options: str | None = None, *, format: Format = "xlsx") -> Row:
    """Return the verdict on one code under one header."""
    return checked([[header, "Name"], [value, "Tea"]], options, format=format).rows[0]


def codes(row: Row) -> list[str]:
    """Return the codes of a row's problems."""
    return [problem.code for problem in row.problems]


def checked_file(data: bytes, tmp_path: Path, options: str | None = None, limits: Limits | None = None) -> Checked:
    """Return the verdicts on a file."""
    limits = limits or Limits()
    path = tmp_path / "upload"
    path.write_bytes(data)
    return check(read(path, limits), parse_options(options), limits)


@dataclass(frozen=True)
class RawSheet:
    """A worksheet as XML, to be wrong in every way that XML allows."""

    data: str  # what stands in <sheetData>
    name: str = "Sheet1"
    state: str = "visible"
    after: str = ""  # behind <sheetData>
    kind: str = "worksheet"
    xml: str | bytes | None = None  # the whole part, instead

    def part(self) -> str | bytes:
        if self.xml is not None:
            return self.xml
        return (
            f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{self.data}</sheetData>{self.after}</worksheet>'
        )


@dataclass(frozen=True)
class RawWorkbook:
    """A package of xlsx written part by part."""

    sheets: Sequence[RawSheet]
    strings: str | None = None
    styles: str | None = None
    workbook_properties: str = ""
    parts: Mapping[str, str | bytes | None] = field(default_factory=dict)  # further parts; None: left out
    main: str = MAIN
    relations: str = RELATIONS

    def data(self, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as package:
            for name, content in self.contents().items():
                package.writestr(name, content)
        return out.getvalue()

    def contents(self) -> dict[str, str | bytes]:
        """Return the parts by name."""
        return {name: content for name, content in {**self._usual(), **self.parts}.items() if content is not None}

    def _usual(self) -> dict[str, str | bytes]:
        listed = "".join(
            f'<sheet name="{escape(sheet.name)}" sheetId="{n}" state="{sheet.state}" r:id="rId{n}"/>'
            for n, sheet in enumerate(self.sheets, start=1)
        )
        related = "".join(
            f'<Relationship Id="rId{n}" Type="{self.relations}/{sheet.kind}" Target="worksheets/sheet{n}.xml"/>'
            for n, sheet in enumerate(self.sheets, start=1)
        )
        parts: dict[str, str | bytes] = {
            "[Content_Types].xml": content_types(len(self.sheets)),
            "_rels/.rels": _related(
                f'<Relationship Id="r" Type="{self.relations}/officeDocument" Target="xl/workbook.xml"/>'
            ),
            "xl/workbook.xml": f'<workbook xmlns="{self.main}" xmlns:r="{self.relations}">{self.workbook_properties}'
            f"<sheets>{listed}</sheets></workbook>",
        }
        for part, content in (("sharedStrings", self.strings), ("styles", self.styles)):
            if content is not None:
                related += f'<Relationship Id="{part}" Type="{self.relations}/{part}" Target="{part}.xml"/>'
                parts[f"xl/{part}.xml"] = content
        parts["xl/_rels/workbook.xml.rels"] = _related(related)
        return parts | {f"xl/worksheets/sheet{n}.xml": sheet.part() for n, sheet in enumerate(self.sheets, start=1)}


def raw(data: str, **options: Any) -> bytes:
    """Return an xlsx of one sheet with this <sheetData>."""
    after = options.pop("after", "")
    return RawWorkbook([RawSheet(data, after=after)], **options).data()


def shared_strings(*texts: str) -> str:
    """Return the part of these strings; each is XML."""
    return f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'


def styles(*formats: str) -> str:
    """Return a part of styles: style 0 is General, 1 and on are these format codes."""
    listed = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for n, code in enumerate(formats)
    )
    cells = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(formats)))
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{listed}</numFmts><cellXfs><xf numFmtId="0"/>{cells}</cellXfs></styleSheet>'


def inline(reference: str, text: str) -> str:
    """Return a cell with an inline string; `text` is XML."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number: int, *cells: str | int, attributes: str = "") -> str:
    """Return a row: texts are inline strings, numbers are numbers."""
    written = "".join(
        inline(f"{letter(n)}{number}", escape(cell))
        if isinstance(cell, str)
        else f'<c r="{letter(n)}{number}"><v>{cell}</v></c>'
        for n, cell in enumerate(cells, start=1)
    )
    return f'<row r="{number}"{attributes}>{written}</row>'


def content_types(sheets: int, workbook: str = f"{OFFICE}.sheet.main+xml", more: str = "") -> str:
    """Return the part that says what the others are, without which openpyxl opens nothing."""
    listed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{OFFICE}.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{workbook}"/>{listed}{more}</Types>'
    )


def _related(relations: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>'
