"""Rows that are special: totals, repeated headers, hidden ones, merged cells, duplicates; and what becomes of the job."""

import json
from collections.abc import Sequence

import pytest

from service.uploads.checking import check
from service.uploads.limits import Limits
from service.uploads.model import Merge, Workbook, row_json
from service.uploads.options import parse_options
from tests.workbooks import Given, MemorySheet, checked, codes

EAN, OTHER = "5901234123457", "4006381333931"
HEAD: list[Given] = ["EAN", "Name", "Qty"]

PASSED_OVER: dict[str, tuple[list[Given], list[str]]] = {
    "no code and a total word beside": ([None, "Total", 17], ["totals_row"]),
    "a total word with a colon": ([None, "SUMME:", 17], ["totals_row"]),
    "a total word as the code": (["Итого", None, 17], ["totals_row"]),
    "a total word within a name is a name": ([None, "Total War", 1], ["empty_code"]),
    "a total word beside a code is a name": ([EAN, "Total", 1], []),
    "the header once more": (["ean", "NAME", "Qty."], ["repeated_header"]),
    "the header in part is a row": (["EAN", "Name", 1], ["bad_characters"]),
}


@pytest.mark.parametrize(("given", "expected"), PASSED_OVER.values(), ids=PASSED_OVER)
def test_row_that_is_no_item(given: list[Given], expected: list[str]) -> None:
    row = checked([HEAD, given]).rows[0]
    assert codes(row) == expected
    if "totals_row" in expected or "repeated_header" in expected:
        assert (row.status, row.quantity, row.encoded) == ("warning", 0, None)


def test_hidden_rows_are_listed_and_not_drawn() -> None:
    found = checked([HEAD, [EAN, "a", 2], ["wrong", "b", "x"]], hidden_rows=[2, 3])
    assert [codes(row) for row in found.rows] == [["hidden_row"], ["hidden_row"]]
    assert (found.counts.labels, found.counts.hidden, found.counts.error, found.rows[0].quantity) == (0, 2, 0, 0)
    assert found.problem is None


def test_hidden_rows_are_drawn_on_demand_with_the_same_warning() -> None:
    found = checked([HEAD, [EAN, "a", 2], ["wrong", "b", "x"]], '{"hidden_rows": "use"}', hidden_rows=[2, 3])
    assert [codes(row) for row in found.rows] == [["hidden_row"], ["hidden_row", "bad_characters", "bad_quantity"]]
    assert (found.counts.labels, found.counts.hidden) == (2, 2)


def test_merged_code_counts_for_its_first_row() -> None:
    found = checked([HEAD, [EAN, "a"], [None, "b"], [None, "c"], [OTHER, "d"]], merges=[Merge(2, 4, 1, 1)])
    assert [codes(row) for row in found.rows] == [["merged_cell"], ["empty_code"], ["empty_code"], []]
    assert "A2:A4" in found.rows[1].problems[0].detail


def test_merge_of_another_column_is_nothing_to_us() -> None:
    assert codes(checked([HEAD, [EAN, "a"], [OTHER, None]], merges=[Merge(2, 3, 2, 2)]).rows[1]) == []


def test_merge_over_the_whole_sheet_costs_nothing() -> None:
    found = checked([HEAD, [EAN, "a"], [OTHER, "b"]], merges=[Merge(3, 1_048_576, 1, 16_384)])
    assert [codes(row) for row in found.rows] == [[], ["merged_cell"]]


DUPLICATES: dict[str, tuple[str, list[list[str]], list[int | None]]] = {
    "are marked from the second on": ("warn", [[], ["duplicate"], []], [1, 1, 1]),
    "are let through": ("allow", [[], [], []], [1, 1, 1]),
    "are dropped": ("drop", [[], ["duplicate"], []], [1, 0, 1]),
}


@pytest.mark.parametrize(("wish", "expected", "quantities"), DUPLICATES.values(), ids=DUPLICATES)
def test_duplicates(wish: str, expected: list[list[str]], quantities: list[int | None]) -> None:
    found = checked([["EAN"], [EAN], [EAN], [OTHER]], json.dumps({"duplicates": wish}))
    assert [codes(row) for row in found.rows] == expected
    assert [row.quantity for row in found.rows] == quantities


def test_gtins_are_equal_whatever_symbol_they_are_printed_in() -> None:
    found = checked([["GTIN"], ["036000291452"], ["0036000291452"]])
    assert [codes(row) for row in found.rows] == [[], ["duplicate"]]


def test_row_that_is_not_drawn_is_no_first_one() -> None:
    found = checked([["EAN", "Qty"], [EAN, 0], [EAN, "x"], [EAN, 1], [EAN, 1]])
    assert [codes(row) for row in found.rows] == [[], ["bad_quantity"], [], ["duplicate"]]


def test_equal_texts_in_different_symbologies_are_different_symbols() -> None:
    found = checked([["SKU", "Symbology"], ["A1", "code128"], ["A1", "qr"]])
    assert "duplicate" not in codes(found.rows[1])


JOBS: dict[str, tuple[Sequence[Sequence[Given]], dict[str, object], str | None]] = {
    "all rows in error fail the job": ([["EAN"], ["x"], ["y"]], {}, "all_rows_invalid"),
    "a total among them does not help": ([["EAN", "Qty"], ["x", 1], ["Total", 1]], {}, "all_rows_invalid"),
    "one good row is enough": ([["EAN"], ["x"], [EAN]], {}, None),
    "unless the job is to fail": ([["EAN"], ["x"], [EAN]], {"on_error": "fail"}, "rows_invalid"),
    "a row of quantity 0 is no error": ([["EAN", "Qty"], [EAN, 0], ["x", 1]], {}, None),
    "warnings fail nothing": ([["EAN"], [EAN], [EAN]], {"on_error": "fail"}, None),
    "copies count": ([["EAN", "Qty"], [EAN, 101]], {"copies": 1000}, "too_many_labels"),
    "100,000 labels are allowed": ([["EAN", "Qty"], [EAN, 100]], {"copies": 1000}, None),
}


@pytest.mark.parametrize(("rows", "options", "code"), JOBS.values(), ids=JOBS)
def test_what_becomes_of_the_job(rows: Sequence[Sequence[Given]], options: dict[str, object], code: str | None) -> None:
    problem = checked(rows, json.dumps(options)).problem
    assert (problem and problem.code) == code


def test_labels_carry_name_price_and_quantity() -> None:
    found = checked([["EAN", "Name", "Qty", "Price"], [EAN, " Tea ", 3, 2.5]])
    label = found.labels[0]
    assert (label.row, label.symbology, label.encoded) == (2, "ean13", EAN)
    assert (label.name, label.price, label.quantity) == ("Tea", "2.5", 3)


def test_row_as_the_api_shows_it() -> None:
    shown = row_json(checked([["Name", "EAN"], ["Tea", "5901234123450"]]).rows[0])
    assert shown.pop("problems")[0].keys() == {"code", "severity", "detail", "suggestion"}
    assert shown == {
        "row": 2,
        "cell": "B2",
        "status": "error",
        "value": "5901234123450",
        "encoded": None,
        "symbology": "ean13",
        "quantity": 1,
    }


def test_50_000_rows_are_judged() -> None:
    rows: Sequence[Sequence[Given]] = [["SKU"], *[[f"A{n}"] for n in range(50_000)]]
    found = check(Workbook("xlsx", (MemorySheet(rows),)), parse_options(None), Limits())
    assert (found.counts.rows, found.counts.ok) == (50_000, 50_000)
