"""Finding the table: UPLOADS.md section 3."""

import json
from collections.abc import Sequence

import pytest

from service.uploads.checking import check
from service.uploads.checking.headers import RANKS, kind_of
from service.uploads.checking.headers import is_total as total
from service.uploads.limits import Limits
from service.uploads.model import Cell, Checked, Workbook
from service.uploads.options import parse_options
from service.uploads.problems import ReadProblem
from tests.workbooks import Given, MemorySheet, checked

EAN = "5901234123457"

HEADERS: dict[str, tuple[str, str | None]] = {
    "EAN-13": ("EAN-13", "gtin"),
    "EAN Code": ("EAN Code", "gtin"),
    "two names at once": ("GTIN/EAN", "gtin"),
    "a line break within": ("EAN\nCode", "gtin"),
    "white space around": ("\u00a0 ean \t", "gtin"),
    "full-width letters": ("ＥＡＮ", "gtin"),
    "a remark in brackets": ("EAN (13-stellig)", "gtin"),
    "a better name in brackets": ("Barcode (EAN)", "gtin"),
    "names of two things": ("EAN / Name", None),
    "UPC": ("UPC-A", "upc"),
    "ISBN": ("ISBN-13", "isbn"),
    "German": ("Artikel-Nr.", "neutral"),
    "French": ("Code à barres", "barcode"),
    "Spanish": ("Código de barras", "barcode"),
    "Italian": ("Quantità", "quantity"),
    "Portuguese": ("Preço", "price"),
    "Dutch": ("Streepjescode", "barcode"),
    "Polish": ("Kod kreskowy", "barcode"),
    "Czech": ("Množství", "quantity"),
    "Hungarian": ("Vonalkód", "barcode"),
    "Russian": ("Штрих-код", "barcode"),
    "Turkish": ("Barkod", "barcode"),
    "Swedish": ("Streckkod", "barcode"),
    "Japanese": ("JANコード", "gtin"),
    "Chinese": ("条形码", "barcode"),
    "Arabic": ("الباركود", "barcode"),
    "Greek": ("Ποσότητα", "quantity"),
    "something else": ("Lagerort", None),
    "nothing": ("--", None),
}


@pytest.mark.parametrize(("text", "kind"), HEADERS.values(), ids=HEADERS)
def test_header_is_known(text: str, kind: str | None) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize("word", ["Total", "Sum:", "SUMME", "Итого", "Gesamt", "合計", "Razem", "Összesen", "Totale"])
def test_total_words(word: str) -> None:
    assert total(word)


def test_names_of_the_file_are_kinds_that_we_know() -> None:
    from service.uploads.checking.headers import _languages

    known = {*RANKS, "name", "quantity", "price", "symbology", "total"}
    assert len(list(_languages())) >= 12
    assert all(words.keys() <= known for words in _languages())


# rows, options → header row, letter of the code column
TABLES: dict[str, tuple[Sequence[Sequence[Given]], dict[str, object], int | None, str]] = {
    "the header stands below a title block": ([["Price list"], [], ["EAN", "Name"], [EAN, "Tea"]], {}, 3, "A"),
    "of two rows that name a code the one with more names counts": (
        [["Barcode"], ["Name", "Barcode", "Qty"], ["Tea", EAN, 1]], {}, 2, "B"),
    "the first of equals": ([["EAN"], ["EAN"], [EAN]], {}, 1, "A"),
    "EAN outranks barcode, and barcode the article number": (
        [["SKU", "Barcode", "EAN"], ["A", "B", EAN]], {}, 1, "C"),
    "an empty column does not count, however good its name": ([["SKU", "EAN"], ["A", None]], {}, 1, "A"),
    "where none is filled the best name counts": ([["SKU", "EAN", "Name"], [None, None, "Tea"]], {}, 1, "B"),
    "a column is named by its header": ([["Foo", "Bar"], ["A", "B"]], {"columns": {"code": "bar"}}, 1, "B"),
    "a column is named by its letter": ([["SKU", "Bar"], ["A", "B"]], {"columns": {"code": "b"}}, 1, "B"),
    "a column is named by its number": ([["SKU", "Bar"], ["A", "B"]], {"columns": {"code": 2}}, 1, "B"),
    "a letter that is a header is that header": ([["X", "A"], ["1", "2"]], {"columns": {"code": "A"}}, 1, "B"),
    "by letters and without a header data begin in row 1": (
        [["A-1", "Tea"], ["A-2", "Milk"]], {"columns": {"code": "A"}}, None, "A"),
    "an unknown heading above a lettered column is a heading": (
        [["Foo", "Name"], ["A-1", "Tea"]], {"columns": {"code": "A"}}, 1, "A"),
    "the row that holds all given texts is the header": (
        [["Foo"], ["Foo", "Bar"], ["A", "Tea"]], {"columns": {"code": "Foo", "name": "Bar"}}, 2, "A"),
    "a header row that is named is the header": ([["EAN", "Name"], ["EAN", "Text"], [EAN, "Tea"]], {"header_row": 2}, 2, "A"),
    "a single column without a header is data from row 1": ([["A-1"], ["A-2"]], {}, None, "A"),
    "its first cell is a heading if it alone has no digit": ([["Foo"], ["A-1"], ["A-2"]], {}, 1, "A"),
    "and data if another has none": ([["Foo"], ["A-1"], ["Bar"]], {}, None, "A"),
    "below a header row that is named a single column is the one, whatever its name": (
        [["Title"], ["Foo"], ["A-1"]], {"header_row": 2}, 2, "A"),
    "a header in row 30 is found": ([*[["x", "y"]] * 29, ["EAN", "Name"], [EAN, "Tea"]], {}, 30, "A"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "options", "header_row", "letter"), TABLES.values(), ids=TABLES)
def test_table_is_found(
    rows: Sequence[Sequence[Given]], options: dict[str, object], header_row: int | None, letter: str
) -> None:
    found = checked(rows, json.dumps(options))
    assert (found.header_row, found.columns["code"].letter) == (header_row, letter)


REFUSED: dict[str, tuple[Sequence[Sequence[Given]], dict[str, object], str]] = {
    "two filled columns of equal rank": ([["EAN", "GTIN"], [EAN, EAN]], {}, "ambiguous_header"),
    "two filled columns of the same name": (
        [["Foo", "Foo"], ["A", "B"]],
        {"columns": {"code": "Foo"}},
        "ambiguous_header",
    ),
    "several columns and no header": ([["A-1", "Tea"], ["A-2", "Milk"]], {}, "header_not_found"),
    "a header in row 31": ([*[["x", "y"]] * 30, ["EAN", "Name"], [EAN, "Tea"]], {}, "header_not_found"),
    "a header without rows": ([["EAN", "Name"]], {}, "no_data_rows"),
    "a header with blank rows": ([["EAN", "Name"], [" ", "\u00a0"]], {}, "no_data_rows"),
    "nothing at all": ([], {}, "no_data_rows"),
    "a text that no row holds": ([["EAN"], [EAN]], {"columns": {"code": "Foobar"}}, "unknown_column"),
    "a letter beyond the last column": ([["EAN"], [EAN]], {"columns": {"quantity": "Z"}}, "unknown_column"),
    "a sheet that is not there": ([["EAN"], [EAN]], {"sheet": "Other"}, "unknown_sheet"),
    "an empty header row": ([["EAN"], [EAN]], {"header_row": 9}, "header_not_found"),
}


@pytest.mark.parametrize(("rows", "options", "code"), REFUSED.values(), ids=REFUSED)
def test_no_table_is_found(rows: Sequence[Sequence[Given]], options: dict[str, object], code: str) -> None:
    with pytest.raises(ReadProblem) as raised:
        checked(rows, json.dumps(options))
    assert raised.value.code == code


def _of_sheets(sheets: Sequence[MemorySheet], options: str | None = None) -> Checked:
    return check(Workbook("xlsx", tuple(sheets)), parse_options(options), Limits())


COVER = MemorySheet([["Welcome"], ["to the list"]], "Cover")
LIST = MemorySheet([["EAN"], [EAN]], "List")
HIDDEN = MemorySheet([["EAN"], ["4006381333931"]], "Hidden", visible=False)
CHART = MemorySheet([], "Chart", holds_cells=False)
EMPTY = MemorySheet([["EAN"]], "Empty")

SHEETS: dict[str, tuple[list[MemorySheet], str | None, str]] = {
    "a cover without a header is passed over": ([COVER, LIST], None, "List"),
    "a header without rows, too": ([EMPTY, LIST], None, "List"),
    "a hidden sheet, too": ([HIDDEN, LIST], None, "List"),
    "a chart, too": ([CHART, LIST], None, "List"),
    "a sheet with a header goes before one where letters name columns": (
        [MemorySheet([["x", "y"]], "Cover"), LIST],
        '{"columns": {"code": "A"}}',
        "List",
    ),
    "a hidden sheet is read when it is named": ([HIDDEN, LIST], '{"sheet": "hidden"}', "Hidden"),
    "a sheet is named by its number": ([COVER, LIST], '{"sheet": 2}', "List"),
    "a name that is a number is a name": ([LIST, MemorySheet([["EAN"], [EAN]], "1")], '{"sheet": "1"}', "1"),
}


@pytest.mark.parametrize(("sheets", "options", "name"), SHEETS.values(), ids=SHEETS)
def test_sheet_that_is_read(sheets: list[MemorySheet], options: str | None, name: str) -> None:
    assert _of_sheets(sheets, options).sheet == name


NO_SHEET: dict[str, tuple[list[MemorySheet], str]] = {
    "all are hidden": ([HIDDEN], "no_worksheet"),
    "there is only a chart": ([CHART], "no_worksheet"),
    "all visible ones are empty": ([MemorySheet([]), HIDDEN], "no_data_rows"),
    "one has a header and another has texts": ([EMPTY, COVER], "no_data_rows"),
}


@pytest.mark.parametrize(("sheets", "code"), NO_SHEET.values(), ids=NO_SHEET)
def test_no_sheet_can_be_read(sheets: list[MemorySheet], code: str) -> None:
    with pytest.raises(ReadProblem) as raised:
        _of_sheets(sheets)
    assert raised.value.code == code


def test_rows_are_counted_to_the_limit_and_not_beyond() -> None:
    rows: Sequence[Sequence[Given]] = [
        ["SKU", "Remark"],
        *[[f"A{n}", None] for n in range(5)],
        [None, "blank in what counts"],
    ]
    book = Workbook("xlsx", (MemorySheet(rows),))
    assert check(book, parse_options(None), Limits(rows=5)).counts.rows == 5
    with pytest.raises(ReadProblem) as raised:
        check(book, parse_options(None), Limits(rows=4))
    assert (raised.value.code, raised.value.fields["limit"]) == ("too_many_rows", 4)


def test_error_and_formula_without_value_make_a_row_that_is_not_blank() -> None:
    found = checked([["SKU"], [Cell("error", "#N/A")], [Cell("formula", "=1")], [" "]])
    assert [row.row for row in found.rows] == [2, 3]
