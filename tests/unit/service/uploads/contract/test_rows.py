"""Section 3: blank rows, totals, repeated headers, hidden rows and merged cells, alone and together."""

from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import NO_VALUE, csv, raw, table

EAN, EAN2, EAN3 = "5901234123457", "4006381333931", "9501101530003"
HEAD = ("EAN", "Name", "Qty")
USE = {"hidden_rows": "use"}
BLANKS: dict[str, Case] = {
    "blank rows are passed over and counted nowhere": (
        table(HEAD, (EAN,), (), (" ", "\t", "\u200b"), (EAN2,)),
        [f"A2 ean13 {EAN}", f"A5 ean13 {EAN2}", "# rows 2 ok 2 labels 2"],
    ),
    "a row with something in an unmapped column only is blank": (
        table((*HEAD, "Remark"), (EAN, "Tea", 1, "x"), (None, None, None, "see above")),
        [f"A2 ean13 {EAN}"],
    ),
    "a row with a name only is not": (
        table(HEAD, (EAN,), (None, "Coffee")),
        [f"A2 ean13 {EAN}", "A3 error  empty_code"],
    ),
    "a row with a quantity only is not": (
        table(HEAD, (EAN,), (None, None, 0)),
        [f"A2 ean13 {EAN}", "A3 error  x0 empty_code"],
    ),
    "an error in a name is something": (
        table(HEAD, (EAN,), (None, "#N/A")),
        [f"A2 ean13 {EAN}", "A3 error  empty_code"],
    ),
    "a formula without stored value in a name is something": (
        table(HEAD, (EAN,), (None, NO_VALUE)),
        [f"A2 ean13 {EAN}", "A3 error  empty_code"],
    ),
    "rows far below": (table(HEAD, (EAN,), *((),) * 500, (EAN2,)), [f"A2 ean13 {EAN}", f"A503 ean13 {EAN2}"]),
}
TOTALS: dict[str, Case] = {
    **{
        f"{word!r} beside an empty code": (
            table(HEAD, (EAN, "Tea", 2), (None, word, 2)),
            [f"A2 ean13 {EAN} x2", "A3 -  x0 totals_row", "# rows 2 ok 1 warning 1 labels 2"],
        )
        for word in (
            "Total",
            "TOTAL:",
            "Sum",
            "Grand total",
            "Subtotal",
            "Summe",
            "Gesamt",
            "Gesamtsumme",
            "Zwischensumme",
            "итого",
            "Всего",
            "Разом",
            "Totale",
            "Totaal",
            "Suma",
            "Razem",
            "Celkem",
            "Toplam",
            "Summa",
            "I alt",
            "Yhteensä",
            "合计",
            "总计",
            "合計",
            "小計",
            "الإجمالي",
            "المجموع",
            "Totaux",
            "Total général",
            "Összesen",
            "Σύνολο",
            "סה״כ",
            "합계",
            "Tổng cộng",
        )
    },
    "as the code": (table(HEAD, (EAN,), ("Total", None, 17)), [f"A2 ean13 {EAN}", "A3 - Total x0 totals_row"]),
    "as the code with a colon": (table(HEAD, (EAN,), ("Итого:",)), [f"A2 ean13 {EAN}", "A3 - Итого: x0 totals_row"]),
    "only as a whole cell": (table(HEAD, (EAN,), (None, "Total of tea")), [f"A2 ean13 {EAN}", "A3 error  empty_code"]),
    "not beside a code": (table(HEAD, (EAN, "Total")), [f"A2 ean13 {EAN}"]),
    "in an unmapped column: a blank row": (
        table(("Remark", *HEAD), ("x", EAN), ("Total", None, None, None)),
        [f"B2 ean13 {EAN}"],
    ),
    "in an unmapped column beside a quantity: an empty code": (
        table(("Remark", *HEAD), ("x", EAN), ("Total", None, None, 5)),
        [f"B2 ean13 {EAN}", "B3 error  x5 empty_code"],
    ),
    "with a quantity that is a formula without value": (
        table(HEAD, (EAN,), (None, "Total", NO_VALUE)),
        [f"A2 ean13 {EAN}", "A3 -  x0 totals_row"],
    ),
    "with a quantity of thousands": (
        table(HEAD, (EAN,), (None, "Total", 123456)),
        [f"A2 ean13 {EAN}", "A3 -  x0 totals_row"],
    ),
    "among article numbers": (
        table(("SKU", "Name"), ("A", "x"), ("Sum", None)),
        ["A2 code128 A", "A3 - Sum x0 totals_row"],
    ),
    "under a named symbology": (
        table(("SKU", "Name"), ("A", "x"), ("Total", None)),
        {"symbology": "qr"},
        ["A2 qr A", "A3 - Total x0 totals_row"],
    ),
    "in a CSV": (csv("EAN;Name;Qty", f"{EAN};Tea;2", ";Summe;2"), [f"A2 ean13 {EAN} x2", "A3 -  x0 totals_row"]),
    "a totals row alone": (table(HEAD, (None, "Total", 0)), ["A2 -  x0 totals_row", "# rows 1 warning 1"]),
    "with a merged code cell": (
        table(HEAD, (EAN,), ("Total", None, 5), merged=("A3:B3",)),
        [f"A2 ean13 {EAN}", "A3 - Total x0 totals_row"],
    ),
}
REPEATED: dict[str, Case] = {
    "in another case": (
        table(HEAD, (EAN,), ("ean", "NAME", "qty."), (EAN2,)),
        [f"A2 ean13 {EAN}", "A3 - ean x0 repeated_header", f"A4 ean13 {EAN2}"],
    ),
    "unmapped columns do not count": (
        table((*HEAD, "Remark"), (EAN,), ("EAN", "Name", "Qty", "page 2")),
        [f"A2 ean13 {EAN}", "A3 - EAN x0 repeated_header"],
    ),
    "with one cell else it is a row": (
        table(HEAD, (EAN,), ("EAN", "Name", None)),
        [f"A2 ean13 {EAN}", "A3 error EAN bad_characters"],
    ),
    "in one column": (table(("SKU",), ("A",), ("SKU",)), ["A2 code128 A", "A3 - SKU x0 repeated_header"]),
}
HIDDEN: dict[str, Case] = {
    "skipped by default": (
        table(HEAD, (EAN, "Tea", 2), (EAN2, "Coffee", 3), hidden=(3,)),
        [f"A2 ean13 {EAN} x2", f"A3 - {EAN2} x0 hidden_row", "# rows 2 ok 1 warning 1 labels 2 hidden 1"],
    ),
    "used": (
        table(HEAD, (EAN, "Tea", 2), (EAN2, "Coffee", 3), hidden=(3,)),
        USE,
        [f"A2 ean13 {EAN} x2", f"A3 ean13 {EAN2} x3 hidden_row", "# rows 2 ok 1 warning 1 labels 5 hidden 1"],
    ),
    "a skipped one is never in error": (
        table(HEAD, (EAN,), ("wrong", None, "x"), hidden=(3,)),
        [f"A2 ean13 {EAN}", "A3 - wrong x0 hidden_row"],
    ),
    "a used one may be": (
        table(HEAD, (EAN,), ("wrong", None, "x"), hidden=(3,)),
        USE,
        [f"A2 ean13 {EAN}", "A3 error wrong x? bad_characters bad_quantity hidden_row"],
    ),
    "a skipped totals row carries hidden_row only": (
        table(HEAD, (EAN,), (None, "Total"), hidden=(3,)),
        [f"A2 ean13 {EAN}", "A3 -  x0 hidden_row"],
    ),
    "a skipped repeated header too": (
        table(HEAD, (EAN,), HEAD, hidden=(3,)),
        [f"A2 ean13 {EAN}", "A3 - EAN x0 hidden_row"],
    ),
    "a used totals row draws nothing": (
        table(HEAD, (EAN,), (None, "Total"), hidden=(3,)),
        USE,
        [f"A2 ean13 {EAN}", "A3 -  x0 hidden_row totals_row"],
    ),
    "a hidden blank row is counted nowhere": (
        table(HEAD, (EAN,), (), (EAN2,), hidden=(3,)),
        [f"A2 ean13 {EAN}", f"A4 ean13 {EAN2}", "# rows 2 ok 2 labels 2"],
    ),
    "a skipped one is no first of duplicates": (
        table(HEAD, (EAN,), (EAN,), hidden=(2,)),
        [f"A2 - {EAN} x0 hidden_row", f"A3 ean13 {EAN}"],
    ),
    "a used one is": (
        table(HEAD, (EAN,), (EAN,), hidden=(2,)),
        USE,
        [f"A2 ean13 {EAN} hidden_row", f"A3 ean13 {EAN} duplicate"],
    ),
    "a used duplicate": (
        table(HEAD, (EAN,), (EAN,), hidden=(3,)),
        USE,
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN} duplicate hidden_row"],
    ),
    "all of them": (
        table(HEAD, (EAN,), (EAN2,), hidden=(2, 3)),
        [f"A2 - {EAN} x0 hidden_row", f"A3 - {EAN2} x0 hidden_row", "# rows 2 warning 2 hidden 2"],
    ),
    "beside rows that are all wrong": (
        table(HEAD, ("wrong",), (EAN,), hidden=(3,)),
        ["A2 error wrong bad_characters", f"A3 - {EAN} x0 hidden_row"],
    ),
    "the header is hidden": (table(HEAD, (EAN,), hidden=(1,)), [f"A2 ean13 {EAN}", "# rows 1 ok 1 labels 1"]),
    "filtered rows are hidden ones": (
        raw(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c></row><row r="2" hidden="1"><c r="A2"><v>1</v></c></row>'
            '<row r="3"><c r="A3"><v>2</v></c></row>',
            after='<autoFilter ref="A1:A3"><filterColumn colId="0"><filters><filter val="2"/></filters></filterColumn>'
            "</autoFilter>",
        ),
        ["A2 - 1 x0 hidden_row", "A3 code128 2"],
    ),
    "rows of height 0": (
        raw(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c></row>'
            '<row r="2" ht="0" customHeight="1"><c r="A2"><v>1</v></c></row>'
            '<row r="3"><c r="A3"><v>2</v></c></row>'
        ),
        ["A2 - 1 x0 hidden_row", "A3 code128 2"],
    ),
    "a hidden column is read": (
        raw(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
            after='<cols><col min="1" max="1" hidden="1"/></cols>',
        ),
        ["A2 code128 1"],
    ),
}
MERGED: dict[str, Case] = {
    "the top row is drawn, covered ones are empty": (
        table(HEAD, (EAN, "Tea", 2), (None, "Green tea", 1), (EAN2, "Coffee", 1), merged=("A2:A3",)),
        [f"A2 ean13 {EAN} x2 merged_cell", "A3 error  empty_code", f"A4 ean13 {EAN2}"],
    ),
    "one that covers no other row's code loses nothing": (
        table(("EAN", "Foo", "Name"), (EAN, None, "Tea"), (EAN2, "x", "Coffee"), merged=("A2:B2",)),
        [f"A2 ean13 {EAN} merged_cell", f"A3 ean13 {EAN2}"],
    ),
    "a merged header": (
        table(("EAN", None, "Name"), (EAN, None, "Tea"), merged=("A1:B1",)),
        ["@ xlsx Sheet1 1 code=A:EAN name=C:Name", f"A2 ean13 {EAN}"],
    ),
    "a header merged down": (
        table(("EAN", "Name"), (None, None), (EAN, "Tea"), merged=("A1:A2", "B1:B2")),
        [f"A3 ean13 {EAN}"],
    ),
    "a merged title": (
        table(("Our list", None), ("EAN", "Name"), (EAN, "Tea"), merged=("A1:B1",)),
        [f"A3 ean13 {EAN}"],
    ),
    "a merged name": (
        table(HEAD, (EAN, "Tea"), (EAN2, None), merged=("B2:B3",)),
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN2}"],
    ),
    "a merged wrong code": (
        table(HEAD, ("wrong", "Tea"), (None, "x"), (EAN, "y"), merged=("A2:A3",)),
        ["A2 error wrong bad_characters merged_cell", "A3 error  empty_code", f"A4 ean13 {EAN}"],
    ),
    "a covered row that is hidden": (
        table(HEAD, (EAN, "Tea"), (None, "x"), merged=("A2:A3",), hidden=(3,)),
        [f"A2 ean13 {EAN} merged_cell", "A3 -  x0 hidden_row"],
    ),
    "a covered totals row": (
        table(HEAD, (EAN, "Tea"), (None, "Total"), merged=("A2:A3",)),
        [f"A2 ean13 {EAN} merged_cell", "A3 -  x0 totals_row"],
    ),
    "a hidden top row": (
        table(HEAD, (EAN, "Tea"), (None, "x"), (EAN2, "y"), merged=("A2:A3",), hidden=(2,)),
        [f"A2 - {EAN} x0 hidden_row", "A3 error  empty_code", f"A4 ean13 {EAN2}"],
    ),
    "a covered row with a code of its own cannot be; a blank covered row": (
        table(HEAD, (EAN, "Tea"), (EAN2, "y"), (None, None), merged=("A3:A4",)),
        [f"A2 ean13 {EAN}", f"A3 ean13 {EAN2} merged_cell"],
    ),
}
TABLES = BLANKS | REPEATED | MERGED


@pytest.mark.parametrize("case", TABLES.values(), ids=TABLES)
def test_rows(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", TOTALS.values(), ids=TOTALS)
def test_totals_rows(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", HIDDEN.values(), ids=HIDDEN)
def test_hidden_rows(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
