"""OpenDocument sheets that repeat themselves without end, or are no XML that anyone needs."""

from tests.hostile.archives import CORRUPT, TOO_MUCH
from tests.hostile.case import Hostile
from tests.hostile.zips import archive, part, repeated

_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {"office": "office", "table": "table", "text": "text"}.items()
)
_OPEN = f"<office:document-content {_NAMES}><office:body><office:spreadsheet>"
_CLOSE = "</office:spreadsheet></office:body></office:document-content>"
_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = "META-INF/manifest.xml"


def _cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell{attributes} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def _row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row{attributes}>{''.join(cells)}</table:table-row>"


def _table(rows: str, name: str = "List") -> str:
    return f'<table:table table:name="{name}">{rows}</table:table>'


_GOOD = _row(_cell("EAN")) + _row(_cell("5901234123457"))
_WIDE = ' table:number-columns-repeated="{}"'
_LONG = ' table:number-rows-repeated="{}"'


def _document(tables: str, prolog: str = "", manifest: str = "<manifest/>") -> bytes:
    content = part("content.xml", prolog + _OPEN + tables + _CLOSE)
    return archive([part("mimetype", _TYPE), part(_MANIFEST, manifest), content])


def _with_row(row: str) -> bytes:
    return _document(_table(_GOOD + row))


def _blocks(before: str, block: str, times: int, after: str) -> bytes:
    content = repeated(
        "content.xml", (_OPEN + before).encode(), block.encode(), times, (after + _CLOSE).encode()
    )  # fmt: skip
    return archive([part("mimetype", _TYPE), content])


DOCUMENTS: dict[str, Hostile] = {
    "ods: a row four billion times": (lambda: _with_row(_row(_cell("1"), attributes=_LONG.format(4294967295))), TOO_MUCH),
    "ods: a row a million times": (lambda: _with_row(_row(_cell("1"), attributes=_LONG.format(1_000_000))), ("too_many_rows",)),
    "ods: a cell four billion times": (lambda: _with_row(_row(_cell("1", _WIDE.format(4294967295)))), TOO_MUCH),
    "ods: a cell 16,384 times in a row a million times": (
        lambda: _with_row(_row(_cell("1", _WIDE.format(16_384)), attributes=_LONG.format(1_000_000))),
        ("too_many_rows",)),
    "ods: 5,000 tables of a million rows": (
        lambda: _document(_table(_GOOD) + "".join(
            _table(_row(_cell("1"), attributes=_LONG.format(1_048_576)), f"T{n}") for n in range(5_000))), ("succeeded",)),
    "ods: empty rows and cells up to the end of the sheet": (
        lambda: _with_row(_row(f"<table:table-cell{_WIDE.format(16_384)}/>", attributes=_LONG.format(1_048_574))), ("succeeded",)),
    "ods: a billion blanks in a cell": (
        lambda: _with_row(_row(_cell('<text:s text:c="1000000000"/>' * 10_000))), ("succeeded", "succeeded_with_errors")),
    "ods: a text in 500,000 pieces": (
        lambda: _with_row(_row(_cell("a<text:span/>" * 500_000))), ("succeeded_with_errors",)),
    "ods: 130,000 columns with a style": (
        lambda: _document(_table('<table:table-column table:default-cell-style-name="a"/>' * 130_000 + _GOOD + _row(
            *['<table:table-cell office:value-type="float" office:value="1"/>' * 10_000]))), ("succeeded_with_errors",)),
    "ods: elements nested 300,000 deep": (
        lambda: _blocks(_table(_GOOD), "<table:x>", 300_000, "</table:x>" * 300_000), ("succeeded", *TOO_MUCH)),
    "ods: a billion laughs": (
        lambda: _document(_table(_row(_cell("&b;"))), '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'), CORRUPT),
    "ods: a file of ours as an entity": (
        lambda: _document(_table(_row(_cell("&a;"))), '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'), CORRUPT),
    "ods: a document that unpacks to 4 GB": (lambda: _blocks("", " " * 1_000_000, 4_000, _table(_GOOD)), TOO_MUCH),
    "ods: a document with a password": (
        lambda: _document(_table(_GOOD), manifest="<manifest><encryption-data/></manifest>"), ("encrypted_workbook",)),
    "ods: no document in it": (lambda: archive([part("mimetype", _TYPE), part(_MANIFEST, "<m/>")]), CORRUPT),
}  # fmt: skip
