"""The empty list that people start from: columns set up, codes formatted as text, two examples."""

from io import BytesIO
from typing import Final

_ROWS: Final = (
    ("EAN", "Name", "Quantity"),
    ("5901234123457", "Espresso cup, white", 2),
    ("4006381333931", "Highlighter, yellow", 1),
)
_TEXT_ROWS: Final = 1_000  # formatted as text, so that what is typed keeps its zeros
_WIDTHS: Final = {"A": 20, "B": 40, "C": 12}


def template_workbook() -> bytes:
    """Return the workbook as .xlsx."""
    from openpyxl import Workbook  # heavy, and needed by this address only

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Labels"
    for row in _ROWS:
        sheet.append(row)
    for number in range(1, _TEXT_ROWS + 1):
        sheet.cell(number, 1).number_format = "@"
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()
