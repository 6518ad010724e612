"""Files that LibreOffice wrote of one list: cover first, hidden sheet, formats, formulas, a merge, hidden and filtered rows."""

from pathlib import Path

import pytest

from service.uploads.limits import Limits
from tests.workbooks import MAIN, RawSheet, RawWorkbook, checked_file, codes, row

CORPUS = Path(__file__).parents[4] / "corpus" / "workbooks"
EAN = "5901234123457"
Found = list[tuple[str, str | None, list[str]]]
WORKBOOK: Found = [
    ("A2", EAN, []),
    ("A3", "0000000000123", ["leading_zeros_restored"]),
    ("A4", "4006381333931", []),
    ("A5", None, ["date_value"]),
    ("A6", EAN, ["duplicate"]),
    ("A7", None, ["error_value"]),
    ("A8", None, ["boolean_value"]),
    ("A9", "96385074", ["merged_cell"]),
    ("A10", None, ["empty_code"]),
    ("A11", None, ["hidden_row"]),
    ("A12", None, ["hidden_row"]),
]
TEXT: Found = [
    ("A2", EAN, []),
    ("A3", None, ["wrong_length"]),
    ("A4", "4006381333931", []),
    ("A5", None, ["bad_characters"]),
    ("A6", EAN, ["duplicate"]),
    ("A7", None, ["error_value"]),
    ("A8", None, ["bad_characters"]),
    ("A9", "96385074", []),
    ("A10", None, ["empty_code"]),
    ("A11", "4006381333931", ["duplicate"]),
    ("A12", EAN, ["duplicate"]),
]
FILES: dict[str, tuple[str, str | None, Found]] = {
    "libreoffice.xlsx": ("xlsx", "Liste", WORKBOOK),
    "libreoffice-97.xls": ("xls", "Liste", WORKBOOK),
    "libreoffice-semicolon-1252.csv": ("csv", None, TEXT),
    "libreoffice-tab-utf8.csv": ("tsv", None, TEXT),
    # LibreOffice stored TRUE as a formula whose value is the number 1.
    "libreoffice.ods": (
        "ods",
        "Liste",
        [(at, code, ["wrong_length"] if at == "A8" else found) for at, code, found in WORKBOOK],
    ),
}


def test_every_file_of_the_corpus_is_read_here() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_file_of_libreoffice_is_judged(name: str, tmp_path: Path) -> None:
    format_, sheet, expected = FILES[name]
    found = checked_file((CORPUS / name).read_bytes(), tmp_path, limits=Limits())
    assert (found.format, found.sheet, found.header_row) == (format_, sheet, 1)
    assert [(item.cell, item.encoded, codes(item)) for item in found.rows] == expected


def test_rows_that_are_there_are_shown_where_rows_have_no_height_by_default(tmp_path: Path) -> None:
    """`zeroHeight` speaks of rows without an element of their own (ECMA-376 part 1, 18.3.1.81)."""
    rows = row(1, "EAN") + row(2, EAN) + row(3, "96385074", attributes=' hidden="1"')
    xml = (
        f'<worksheet xmlns="{MAIN}"><sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )
    data = RawWorkbook([RawSheet("", xml=xml)]).data()
    assert [codes(item) for item in checked_file(data, tmp_path).rows] == [[], ["hidden_row"]]
