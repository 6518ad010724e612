"""XML of workbooks that is valid and made to hurt, or no XML that anyone needs."""

import random

from tests.hostile.archives import CORRUPT, ROWS, SHEET, TOO_MUCH, workbook
from tests.hostile.case import Hostile
from tests.hostile.zips import Entry, archive, part, repeated
from tests.workbooks import MAIN, RawSheet, RawWorkbook, content_types, raw, row

GOOD = ("succeeded",)
ONE_BAD = ("succeeded_with_errors",)
EAN = "5901234123457"
_SST = f'<sst xmlns="{MAIN}" count="1" uniqueCount="1">'
_OPEN = f'<worksheet xmlns="{MAIN}"><sheetData>{ROWS}'
_CLOSE = "</sheetData></worksheet>"
_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">' + "".join(
    f'<!ENTITY {chr(99 + n)} "{f"&{chr(98 + n)};" * 10}">' for n in range(8)
)
_QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>'
_FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
_HTTP = '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/a">]>'
_PARAMETER = '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a.dtd"> %a;]>'


def _sheet(prolog: str, data: str = ROWS) -> bytes:
    xml = f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>'
    return RawWorkbook([RawSheet("", xml=xml)]).data()


def _said(prolog: str, name: str) -> bytes:
    """Return a workbook whose strings are the entity `name` many times."""
    text = f"&{name};" * 1_000
    return raw(ROWS, strings=f"{prolog}{_SST}<si><t>{text}</t></si></sst>")


def _elsewhere(name: str, prolog: str = _FILE) -> bytes:
    """Return a workbook with a document type in another of its parts."""
    usual = RawWorkbook([RawSheet(ROWS)], styles=f'<styleSheet xmlns="{MAIN}"/>')
    return RawWorkbook(
        [RawSheet(ROWS)],
        styles=f'<styleSheet xmlns="{MAIN}"/>',
        parts={name: prolog + str(usual.contents()[name])},
    ).data()


def _strings(block: bytes, times: int, before: str = "", after: str = "") -> bytes:
    listed = repeated("xl/sharedStrings.xml", (_SST + before).encode(), block, times, f"{after}</sst>".encode())
    return archive(_with_strings(listed))


def _with_strings(strings: Entry) -> list[Entry]:
    parts = RawWorkbook([RawSheet(ROWS)], strings="x").contents()
    return [strings if name == strings.name.decode() else part(name, content) for name, content in parts.items()]


def _in_rows(before: str, block: str, times: int, after: str) -> bytes:
    """Return a workbook whose sheet holds, after two good rows, a block very many times, little packed."""
    sheet = repeated(SHEET, (_OPEN + before).encode(), block.encode(), times, (after + _CLOSE).encode())
    # What cannot be packed keeps the ratio of the part honest.
    noise = random.Random(1).randbytes(3_000_000)
    return archive(workbook(part("xl/media/noise.bin", noise), sheet=sheet))


def _merges(count: int) -> bytes:
    listed = "".join(f'<mergeCell ref="B{n}:C{n}"/>' for n in range(3, count + 3))
    return raw(ROWS, after=f'<mergeCells count="{count}">{listed}</mergeCells>')


def _overlapping_merges(count: int) -> bytes:
    listed = f'<mergeCell ref="A1:XFD1048576"/><mergeCell ref="A2:A{1_048_576}"/>' * (count // 2)
    return raw(ROWS, after=f"<mergeCells>{listed}</mergeCells>")


def _one_sheet_many_tabs(tabs: int) -> bytes:
    """Return a workbook whose tabs all show one large sheet without a table."""
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, tabs + 1))
    data = "".join(row(n, f"a {n}", f"b {n}") for n in range(1, 30_000))
    usual = str(RawWorkbook([RawSheet("")]).contents()["xl/workbook.xml"])
    start = usual.index("<sheets>")
    return RawWorkbook(
        [RawSheet(data)], parts={"xl/workbook.xml": f"{usual[:start]}<sheets>{listed}</sheets></workbook>"}
    ).data()


def _macros() -> bytes:
    types = content_types(1, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    return RawWorkbook(
        [RawSheet(ROWS)],
        parts={
            "[Content_Types].xml": types,
            "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Auto_Open" * 50,
        },
    ).data()


def _deep_workbook(depth: int) -> bytes:
    usual = str(RawWorkbook([RawSheet(ROWS)]).contents()["xl/workbook.xml"])
    xml = usual.replace("<sheets>", "<ext>" + "<a>" * depth + "</a>" * depth + "</ext><sheets>")
    return RawWorkbook([RawSheet(ROWS)], parts={"xl/workbook.xml": xml}).data()


def _long_format() -> bytes:
    code = "[" * 1_000_000
    styles = f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="{code}"/></numFmts>' \
             '<cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>'  # fmt: skip
    return raw(ROWS, styles=styles)


def _inline(content: str) -> bytes:
    return raw(f'{row(1, "EAN")}<row r="2"><c r="A2" t="inlineStr"><is>{content}</is></c></row>')


PARTS: dict[str, Hostile] = {
    "a count of four billion strings": (
        lambda: raw(ROWS, strings=f'<sst xmlns="{MAIN}" count="4000000000" uniqueCount="4000000000"><si><t>a</t></si></sst>'),
        GOOD),
    "a cell at XFD1048576": (
        lambda: raw(ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), GOOD),
    "a cell in column ZZZZ": (lambda: raw(ROWS + '<row r="3"><c r="ZZZZ3"><v>1</v></c></row>'), CORRUPT),
    "row 4294967295": (lambda: raw(ROWS + '<row r="4294967295"><c><v>1</v></c></row>'), CORRUPT),
    "row 2000000": (lambda: raw(ROWS + '<row r="2000000"><c><v>1</v></c></row>'), CORRUPT),
    "a row number of 5,000 digits": (lambda: raw(ROWS + f'<row r="{"9" * 5_000}"><c><v>1</v></c></row>'), CORRUPT),
    "a row twice": (lambda: raw(ROWS + row(2, "96385074")), CORRUPT),
    "a merge of the whole sheet": (
        lambda: raw(ROWS, after='<mergeCells count="1"><mergeCell ref="B3:XFD1048576"/></mergeCells>'), GOOD),
    "200,000 merges": (lambda: _merges(200_000), GOOD),
    "100,000 merges one upon the other": (lambda: _overlapping_merges(100_000), GOOD),
    "a dimension of the whole sheet": (
        lambda: RawWorkbook([RawSheet("", xml=f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/>'
                                              f"<sheetData>{ROWS}</sheetData></worksheet>")]).data(), GOOD),
    "1,000,000 rows of nothing but a format": (
        lambda: raw(ROWS + "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(3, 1_000_003))), GOOD),
    "4,000,000 numbers": (
        lambda: _in_rows("", "<row>" + "<c><v>1</v></c>" * 40 + "</row>", 100_000, ""), ("too_many_rows", *TOO_MUCH)),
    "a billion laughs in the sheet": (lambda: _sheet(_LAUGHS + "]>", row(1, "EAN") + "<row><c><v>&j;</v></c></row>"), CORRUPT),
    "a billion laughs in the strings": (lambda: _said(_LAUGHS + "]>", "j"), CORRUPT),
    "a billion laughs in the workbook": (lambda: _elsewhere("xl/workbook.xml", _LAUGHS + "]>"), CORRUPT),
    "a billion laughs in the styles": (lambda: _elsewhere("xl/styles.xml", _LAUGHS + "]>"), CORRUPT),
    "quadratic blow-up": (lambda: _said(_QUADRATIC, "a"), CORRUPT),
    "a file of ours as an entity": (lambda: _said(_FILE, "a"), CORRUPT),
    "a file of ours in the relations": (lambda: _elsewhere("xl/_rels/workbook.xml.rels"), CORRUPT),
    "an address as an entity": (lambda: _said(_HTTP, "a"), CORRUPT),
    "an address as a parameter entity": (lambda: _sheet(_PARAMETER), CORRUPT),
    "a document type at all": (lambda: _sheet("<!DOCTYPE worksheet>"), CORRUPT),
    "one string of 1 GB": (lambda: _strings(b"a" * 1_000_000, 1_000, "<si><t>", "</t></si>"), TOO_MUCH),
    "one string of 50 MB, little packed": (
        lambda: _strings(b"a" * 200 + b"&lt;", 250_000, "<si><t>", "</t></si>"), (*GOOD, *TOO_MUCH)),
    "10,000,000 strings": (lambda: _strings(b"<si><t>a</t></si>" * 10_000, 1_000), TOO_MUCH),
    "9,900,000 strings, little packed": (
        lambda: _strings(b"<si><t/></si>" * 10, 990_000), TOO_MUCH),
    "elements nested 1,000,000 deep": (lambda: _in_rows("", "<a>" * 1_000, 1_000, "</a>" * 1_000_000), (*GOOD, *TOO_MUCH)),
    "elements nested 100,000 deep in the workbook": (lambda: _deep_workbook(100_000), (*GOOD, *CORRUPT, *TOO_MUCH)),
    "a row of 500,000 attributes": (
        lambda: raw(ROWS + "<row " + " ".join(f'a{n}="1"' for n in range(500_000)) + "/>"), GOOD),
    "a cell of 1,000,000 blanks": (lambda: raw(f'{ROWS}<row r="3"><c{" " * 1_000_000}r="B3"><v>1</v></c></row>'), GOOD),
    "a row of 1,000,000 blanks": (lambda: raw(f'{ROWS}<row{" " * 1_000_000}r="3"><c r="B3"><v>1</v></c></row>'), GOOD),
    "300,000 cells with a blank where they end": (
        lambda: _in_rows('<row r="3">', '<c r="B3"></c >', 300_000, "</row>"), CORRUPT),
    "1,000,000 phonetic runs that hold nothing": (
        lambda: _inline('<rPh/>' * 1_000_000 + f"<t>{EAN}</t>"), GOOD),
    "a character reference of 100,000 zeros": (
        lambda: _inline(f"<t>&#{'0' * 100_000}53;{EAN[1:]}</t>"), GOOD),
    "a number of 1,000,000 digits": (
        lambda: raw(ROWS + f'<row r="3"><c r="A3"><v>{"9" * 1_000_000}</v></c></row>'), ONE_BAD),
    "a string index of 1,000,000 digits": (
        lambda: raw(ROWS + f'<row r="3"><c r="A3" t="s"><v>{"9" * 1_000_000}</v></c></row>'), ONE_BAD),
    "a format code of 1,000,000 characters": (_long_format, GOOD),
    "2,000 tabs that show one large sheet": (lambda: _one_sheet_many_tabs(2_000), CORRUPT),
    "macros": (_macros, GOOD),
}  # fmt: skip
