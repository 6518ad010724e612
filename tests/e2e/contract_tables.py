"""UPLOADS.md section 3 as cases: which sheet, which header, which columns, which rows."""

# ruff: noqa: E501 — a case is one line of a table

from tests.e2e.contract_case import Case, book, case, column, csv
from tests.workbooks import RawSheet, RawWorkbook, raw, row

E13, E8 = "5901234123457", "96385074"
OK = f"2: ean13 {E13} x1"

TABLES: dict[str, Case] = {
    "a title block above": case(book(["Price list"], [], ["EAN", "Name"], [E13, "a"]), f"4: ean13 {E13} x1", header_row=3),
    "punctuation and case": case(column("  ean - 13\n", E13), OK),
    "GTIN/EAN": case(column("GTIN/EAN", E13), OK),
    "full-width header": case(column("ＥＡＮ", E13), OK),
    "the most known names win": case(
        book(["EAN", "x"], ["EAN", "Name", "Qty"], [E13, "a", 2]), f"3: ean13 {E13} x2", header_row=2),
    "of equals the first": case(book(["EAN"], ["EAN"], [E13]), "2: repeated_header", f"3: ean13 {E13} x1", header_row=1),
    "EAN beats SKU": case(book(["SKU", "EAN"], ["A", E13]), OK),
    "an empty EAN column gives way": case(book(["EAN", "SKU"], [None, "A"]), "2: code128 A x1"),
    "barcode beats SKU": case(book(["SKU", "Barcode"], ["A", E13]), OK),
    "two filled of equal rank": case(book(["EAN", "GTIN"], [E13, E13]), problem="ambiguous_header"),
    "SKU and article number are equal": case(book(["SKU", "Article number"], ["A", "B"]), problem="ambiguous_header"),
    "one of two filled": case(book(["EAN", "GTIN"], [E13, None]), OK),
    "columns by text": case(book(["Foo", "Bar"], ["A", E13]), OK, options={"columns": {"code": "bar"}}),
    "columns by letter": case(book(["Foo", "Bar"], ["A", "B1"]), "1: code128 Bar x1", "2: code128 B1 x1", options={"columns": {"code": "B"}}),
    "columns by number without header": case(book(["A", E13], ["B", E8]), f"1: ean13 {E13} x1", f"2: ean8 {E8} x1", options={"columns": {"code": 2}}),
    "a text before a letter": case(book(["B", "A"], ["X1", "Y1"]), "2: code128 X1 x1", options={"columns": {"code": "B"}}),
    "an unknown column": case(column("EAN", E13), problem="unknown_column", options={"columns": {"code": "Nowhere"}}),
    "a column number beyond": case(column("EAN", E13), problem="unknown_column", options={"columns": {"code": 99}}),
    "the first sheet with rows": case(book(["hello"], ["world"], sheet="Cover", Data=[["EAN"], [E13]]), OK, sheet="Data"),
    "a sheet by name": case(book(["EAN"], [E8], sheet="A", B=[["EAN"], [E13]]), OK, options={"sheet": "b"}, sheet="B"),
    "a sheet by number": case(book(["EAN"], [E8], sheet="A", B=[["EAN"], [E13]]), OK, options={"sheet": 2}, sheet="B"),
    "a name that looks like a number wins": case(
        book(["EAN"], [E13], sheet="2", B=[["EAN"], [E8]]), OK, options={"sheet": "2"}, sheet="2"),
    "an unknown sheet": case(column("EAN", E13), problem="unknown_sheet", options={"sheet": "X"}),
    "only hidden sheets": case(RawWorkbook([RawSheet(row(1, "EAN"), state="hidden")]).data(), problem="no_worksheet"),
    "a header without rows": case(column("EAN"), problem="no_data_rows"),
    "an empty workbook": case(book(), problem="no_data_rows"),
    "a CSV of blanks": case(csv("  \n \n"), problem="no_data_rows"),
    "a single column without header": case(book([E13], [E8]), f"1: ean13 {E13} x1", f"2: ean8 {E8} x1", header_row=None),
    "a single column with an unknown heading": case(book(["Foo"], [E13]), OK, header_row=1),
    "a single column of letters": case(book(["Foo"], ["Bar"], ["X1"]), "1: code128 Foo x1", "2: code128 Bar x1", "3: code128 X1 x1"),
    "two columns without header": case(book(["Foo", "Bar"], [E13, "a"]), problem="header_not_found"),
    "totals": case(
        book(["EAN", "Name", "Qty"], [E13, "a", 2], [None, "Total", 2], ["Summe", None, 2], [None, "Totally", 1]),
        f"2: ean13 {E13} x2", "3: totals_row", "4: totals_row", "5: empty_code"),
    "a Russian total with a colon": case(book(["EAN", "Name"], [E13, "a"], [None, "Итого:"]), OK, "3: totals_row"),
    "a repeated header": case(book(["EAN", "Name"], [E13, "a"], ["ean", "NAME"], [E8, "b"]), OK, "3: repeated_header", f"4: ean8 {E8} x1"),
    "blank rows are passed over": case(book(["EAN", "x"], [E13], [], [" "], [None, "note"], [E8]), OK, f"6: ean8 {E8} x1"),
    "a row without code": case(book(["EAN", "Name"], [E13, "a"], [None, "b"]), OK, "3: empty_code"),
    "hidden rows are listed": case(
        raw(row(1, "EAN") + row(2, E13) + row(3, "12", attributes=' hidden="1"')), OK, "3: hidden_row"),
    "hidden rows are drawn when asked": case(
        raw(row(1, "EAN") + row(2, E13) + row(3, E8, attributes=' hidden="1"')), OK, f"3: ean8 {E8} x1 hidden_row",
        options={"hidden_rows": "use"}),
    "merged codes": case(
        raw(row(1, "EAN", "Name") + row(2, E13, "a") + '<row r="3"><c r="B3"><v>1</v></c></row>',
            after='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'), f"{OK} merged_cell", "3: empty_code"),
    "semicolons": case(csv(f"EAN;Name\n{E13};a;b\n"), OK, format="csv"),
    "tabs": case(csv(f"EAN\tName\n{E13}\ta\n"), OK, format="tsv"),
    "pipes": case(csv(f"EAN|Name\n{E13}|a\n"), OK),
    "a line sep=;": case(csv(f"sep=;\nEAN;Name\n{E13};a\n"), OK),
    "UTF-16": case(csv(f"EAN\tName\n{E13}\tž\n", "utf-16"), OK),
    "UTF-8 with BOM": case(csv(f"EAN,Name\n{E13},ž\n", "utf-8-sig"), OK),
    "Windows-1252": case(csv(f"EAN;Größe\n{E13};ä\n", "cp1252"), OK),
    "Windows-1251": case(csv(f"Штрихкод;Название\n{E13};чай\n", "cp1251"), OK),
    '="0123"': case(csv('SKU,Name\n="0123",a\n'), "2: code128 0123 x1"),
    "a leading '": case(csv("SKU,Name\n'0123,a\n"), "2: code128 0123 x1"),
    "a quoted line break in a name": case(csv(f'EAN,Name\n{E13},"a\nb"\n{E8},c\n'), OK, f"3: ean8 {E8} x1"),
}  # fmt: skip
