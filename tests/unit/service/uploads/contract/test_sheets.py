"""Section 3: which sheet, lists without a header, and files with nothing in them."""

from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import Tab, book, column, csv, table

EAN, EAN2 = "5901234123457", "4006381333931"
LIST = (("EAN", "Name"), (EAN, "Tea"))
OTHER = (("EAN", "Name"), (EAN2, "Coffee"))
FOUND = [f"A2 ean13 {EAN}"]
SHEETS: dict[str, Case] = {
    "behind a cover sheet": (
        book(Tab((("Price list", None), (None, "2026")), "Cover"), Tab(LIST, "List")),
        ["@ xlsx List 1 code=A:EAN name=B:Name", *FOUND],
    ),
    "behind an empty sheet": (
        book(Tab((), "Empty"), Tab(LIST, "List")),
        ["@ xlsx List 1 code=A:EAN name=B:Name", *FOUND],
    ),
    "behind a hidden one": (
        book(Tab(OTHER, "Old", "hidden"), Tab(LIST, "List")),
        ["@ xlsx List 1 code=A:EAN name=B:Name", *FOUND],
    ),
    "behind a very hidden one": (book(Tab(OTHER, "Old", "veryHidden"), Tab(LIST)), FOUND),
    "the first of two": (book(Tab(LIST), Tab(OTHER, "B")), FOUND),
    "behind one with a header and no rows": (book(Tab(LIST[:1], "A"), Tab(OTHER, "B")), [f"A2 ean13 {EAN2}"]),
    "a header without rows before a bare column": (book(Tab(LIST[:1], "A"), Tab(((EAN,),), "B")), ["! no_data_rows"]),
    "only a header": (table(*LIST[:1]), ["! no_data_rows"]),
    "a header and blank rows": (table(*LIST[:1], (" ", "\u00a0"), ("", None)), ["! no_data_rows"]),
    "all sheets hidden cannot be, so one visible and empty": (
        book(Tab((), "A"), Tab(LIST, "B", "hidden")),
        ["! no_data_rows"],
    ),
    "by name": (
        book(Tab(LIST, "A"), Tab(OTHER, "B")),
        {"sheet": "B"},
        ["@ xlsx B 1 code=A:EAN name=B:Name", f"A2 ean13 {EAN2}"],
    ),
    "by number": (book(Tab(LIST, "A"), Tab(OTHER, "B")), {"sheet": 2}, [f"A2 ean13 {EAN2}"]),
    "by number as text": (book(Tab(LIST, "A"), Tab(OTHER, "B")), {"sheet": "2"}, [f"A2 ean13 {EAN2}"]),
    "a name that is a number": (book(Tab(OTHER, "2"), Tab(LIST, "B")), {"sheet": "2"}, [f"A2 ean13 {EAN2}"]),
    "a number given as one is no name": (book(Tab(OTHER, "2"), Tab(LIST, "B")), {"sheet": 2}, FOUND),
    "a hidden one that is asked for": (
        book(Tab(LIST, "A"), Tab(OTHER, "B", "hidden")),
        {"sheet": "B"},
        [f"A2 ean13 {EAN2}"],
    ),
    "an unknown name": (table(*LIST), {"sheet": "Prices"}, ["! unknown_sheet"]),
    "a number too high": (table(*LIST), {"sheet": 2}, ["! unknown_sheet"]),
    "number 0": (table(*LIST), {"sheet": 0}, ["! invalid_options"]),
    "an empty one that is asked for": (book(Tab(LIST, "A"), Tab((), "B")), {"sheet": "B"}, ["! no_data_rows"]),
    "the one of a CSV by number": (
        csv("EAN;Name", f"{EAN};Tea"),
        {"sheet": 1},
        ["@ csv None 1 code=A:EAN name=B:Name", *FOUND],
    ),
    "one of a CSV by name": (csv("EAN;Name", f"{EAN};Tea"), {"sheet": "Sheet1"}, ["! unknown_sheet"]),
    "two tables on one sheet: the header counts, the other has no names": (
        table(("EAN", "Name"), (EAN, "Tea"), (), ("Total", None), (EAN2, "Coffee")),
        [f"A2 ean13 {EAN}", "A4 - Total x0 totals_row", f"A5 ean13 {EAN2}"],
    ),
}
BARE: dict[str, Case] = {
    "a single column of codes": (
        column(EAN, EAN2),
        ["@ xlsx Sheet1 None code=A", f"A1 ean13 {EAN}", f"A2 ean13 {EAN2}"],
    ),
    "under a heading that is no known name": (
        column("Our things", EAN, EAN2),
        ["@ xlsx Sheet1 1 code=A:Our things", f"A2 ean13 {EAN}", f"A3 ean13 {EAN2}"],
    ),
    "a first cell with a digit is data": (
        column("Item 1", EAN, EAN2),
        ["@ xlsx Sheet1 None code=A", "A1 code128 Item 1", f"A2 ean13 {EAN}", f"A3 ean13 {EAN2}"],
    ),
    "a first cell like others is data": (
        column("AB", "CD", EAN),
        ["A1 code128 AB", "A2 code128 CD", f"A3 ean13 {EAN}"],
    ),
    "one cell alone": (table((EAN,)), [f"A1 ean13 {EAN}"]),
    "in column C from row 4": (
        table((), (), (), (None, None, EAN), (), (None, None, EAN2)),
        ["@ xlsx Sheet1 None code=C", f"C4 ean13 {EAN}", f"C6 ean13 {EAN2}"],
    ),
    "it is neutral": (column("1234567", "36000291453"), ["A1 code128 1234567", "A2 code128 36000291453"]),
    "a number that lost its zeros": (
        table((36000291452,)),
        ["A1 ean13 36000291452>0036000291452 leading_zeros_restored"],
    ),
    "two columns without a header": (table((EAN, "Tea"), (EAN2, "Coffee")), ["! header_not_found"]),
    "two columns under unknown names": (table(("Foo", "Bar"), (EAN, "Tea")), ["! header_not_found"]),
    "a title above a single column": (
        table(("List",), (), (EAN,), (EAN2,)),
        ["@ xlsx Sheet1 1 code=A:List", f"A3 ean13 {EAN}", f"A4 ean13 {EAN2}"],
    ),
    "on the first visible sheet with data": (
        book(Tab(((EAN2,),), "Old", "hidden"), Tab((), "Empty"), Tab(((EAN,),), "List")),
        ["@ xlsx List None code=A", f"A1 ean13 {EAN}"],
    ),
    "a first sheet of two columns, then a single one": (
        book(Tab((("a", "b"),), "A"), Tab(((EAN,),), "B")),
        ["! header_not_found"],
    ),
    "in a CSV of one column": (csv(EAN, EAN2), ["@ csv None None code=A", f"A1 ean13 {EAN}", f"A2 ean13 {EAN2}"]),
    "the word Total in it": (table((EAN,), ("Total",)), [f"A1 ean13 {EAN}", "A2 - Total x0 totals_row"]),
}
NOTHING: dict[str, Case] = {
    "an empty file": (lambda: b"", ["! empty_file"]),
    "an empty workbook": (table(), ["! no_data_rows"]),
    "a CSV of blanks": (csv("", "  ", ""), ["! no_data_rows"]),
    "a CSV of separators": (csv(";;;", ";;;"), ["! no_data_rows"]),
    "a CSV of a header": (csv("EAN;Name"), ["! no_data_rows"]),
    "only blanks in cells": (table((" ", "\u00a0")), ["! no_data_rows"]),
}
TABLES = SHEETS | BARE | NOTHING


@pytest.mark.parametrize("case", TABLES.values(), ids=TABLES)
def test_which_sheet(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
