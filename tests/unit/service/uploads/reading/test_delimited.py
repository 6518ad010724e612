"""csv and tsv: encodings, delimiters, and what programs write to make Excel keep a text."""

from pathlib import Path

import pytest

from service.uploads.limits import Limits
from service.uploads.model import Cell, letter
from service.uploads.reading import read
from service.uploads.reading.delimited import find_delimiter
from service.uploads.reading.encoding import code_page
from tests.workbooks import checked_file


def cells(data: bytes, tmp_path: Path) -> dict[str, Cell]:
    path = tmp_path / "upload"
    path.write_bytes(data)
    rows = read(path, Limits()).sheets[0].load().rows
    return {f"{letter(column)}{row.number}": cell for row in rows for column, cell in row.cells.items()}


ENCODINGS: dict[str, tuple[str, str]] = {
    "UTF-8": ("utf-8", "Größe Żółć Чай"),
    "UTF-8 with a mark": ("utf-8-sig", "Größe"),
    "UTF-16 with a mark": ("utf-16", "Größe Чай"),
    "UTF-16, big end first, with a mark": ("utf-16-be-sig", "Größe"),
    "UTF-16 without a mark": ("utf-16-le", "Groesse"),
    "Western: German": ("cp1252", "Größe, Süßigkeiten, Käse"),
    "Western: French": ("cp1252", "Crème brûlée à la française"),
    "Western: Spanish": ("cp1252", "Piñata, jamón, niño"),
    "Western: Swedish": ("cp1252", "Smörgåsbord, räksmörgås"),
    "Western: a price in euros": ("cp1252", "Tea 2 €"),
    "Central European: Polish": ("cp1250", "Żółta gęś, ciąg dalszy"),
    "Central European: Czech": ("cp1250", "Žluťoučký kůň, čaj s příchutí"),
    "Central European: Hungarian": ("cp1250", "Árvíztűrő tükörfúrógép"),
    "Cyrillic: Russian": ("cp1251", "Чай чёрный, конфеты"),
    "Cyrillic: Ukrainian": ("cp1251", "Цукор, їжа, ґудзики"),
}


@pytest.mark.parametrize(("encoding", "text"), ENCODINGS.values(), ids=ENCODINGS)
def test_encoding_is_found(encoding: str, text: str, tmp_path: Path) -> None:
    whole = f"EAN;Name\r\n5901234123457;{text}\r\n"
    data = b"\xfe\xff" + whole.encode("utf-16-be") if encoding == "utf-16-be-sig" else whole.encode(encoding)
    assert cells(data, tmp_path)["B2"].text == text


def test_umlaut_alone_is_western() -> None:
    assert code_page("Müller".encode("cp1252")) == "cp1252"


DELIMITERS: dict[str, tuple[str, str]] = {
    "semicolons, with commas in names and prices": ("EAN;Name;Price\n1;Tea, green;2,50\n2;Tea, black;3,00\n", ";"),
    "commas": ("EAN,Name\n1,Tea\n2,Milk\n", ","),
    "commas, with a semicolon in a name": ("EAN,Name\n1,Tea; green\n2,Milk\n3,Cake\n", ","),
    "tabs": ("EAN\tName\n1\tTea, green\n", "\t"),
    "bars": ("EAN|Name\n1|Tea\n", "|"),
    "a title block above": ("Price list, spring\n\nEAN;Name\n1;Tea\n2;Milk\n", ";"),
    "delimiters within quotes": ('EAN,Name\n1,"a;b;c;d"\n2,"e;f;g;h"\n', ","),
    "a single column": ("EAN\n1\n2\n", ","),
}


@pytest.mark.parametrize(("text", "delimiter"), DELIMITERS.values(), ids=DELIMITERS)
def test_delimiter_is_found(text: str, delimiter: str) -> None:
    assert find_delimiter(text) == delimiter


FIELDS: dict[str, tuple[str, dict[str, Cell]]] = {
    "as it stands": ("a;b", {"A1": Cell("bare", "a"), "B1": Cell("bare", "b")}),
    "a formula of a text is that text": ('="0123";b', {"A1": Cell("text", "0123"), "B1": Cell("bare", "b")}),
    "the same in quotes": ('"=""0123""";b', {"A1": Cell("text", "0123"), "B1": Cell("bare", "b")}),
    "an apostrophe in front makes a text": ("'0123;b", {"A1": Cell("text", "0123"), "B1": Cell("bare", "b")}),
    "a delimiter within quotes": ('"a;b";c', {"A1": Cell("bare", "a;b"), "B1": Cell("bare", "c")}),
    "a line break within quotes is no row": ('"a\nb";c\nd;e', {
        "A1": Cell("bare", "a\nb"), "B1": Cell("bare", "c"), "A2": Cell("bare", "d"), "B2": Cell("bare", "e")}),
    "a quote within a field": ('Pipe 5";c\nd;e', {
        "A1": Cell("bare", 'Pipe 5"'), "B1": Cell("bare", "c"), "A2": Cell("bare", "d"), "B2": Cell("bare", "e")}),
    "a quote that is never closed swallows nothing": ('a;"b\nc;"d"', {
        "A1": Cell("bare", "a"), "B1": Cell("bare", '"b'), "A2": Cell("bare", "c"), "B2": Cell("bare", "d")}),
    "empty lines count": ("a;b\n\nc;d", {
        "A1": Cell("bare", "a"), "B1": Cell("bare", "b"), "A3": Cell("bare", "c"), "B3": Cell("bare", "d")}),
    "a line of sep= is an order, not a row": ("sep=|\na;x|b", {"A1": Cell("bare", "a;x"), "B1": Cell("bare", "b")}),
    "line ends of old Macs": ("a;b\rc;d", {
        "A1": Cell("bare", "a"), "B1": Cell("bare", "b"), "A2": Cell("bare", "c"), "B2": Cell("bare", "d")}),
    "the end mark of DOS": ("a;b\r\n\x1a", {"A1": Cell("bare", "a"), "B1": Cell("bare", "b")}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FIELDS.values(), ids=FIELDS)
def test_fields(text: str, expected: dict[str, Cell], tmp_path: Path) -> None:
    assert cells(text.encode(), tmp_path) == expected


def test_format_follows_from_the_delimiter(tmp_path: Path) -> None:
    assert checked_file(b"EAN\tName\n5901234123457\tTea\n", tmp_path).format == "tsv"
    assert checked_file(b"EAN;Name\n5901234123457;Tea\n", tmp_path).format == "csv"


def test_one_control_character_is_a_fault_of_its_row(tmp_path: Path) -> None:
    found = checked_file(b"SKU;Name\nA\x01B;Tea\nAB;Milk\n", tmp_path)
    assert [row.status for row in found.rows] == ["error", "ok"]
