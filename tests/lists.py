"""Lists as people upload them, made for tests."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from openpyxl import Workbook

from service.symbology import check_digit


def xlsx(rows: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook with these rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("List")
    for row in rows:
        sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ean_list(count: int, first: int = 0) -> bytes:
    """Return a workbook of so many valid EANs, all different."""
    return xlsx([("EAN", "Name", "Quantity"), *((ean(first + n), f"Item {n}", 1) for n in range(count))])


def ean(number: int) -> str:
    """Return the valid EAN-13 of a number."""
    digits = f"{400_000_000_000 + number}"
    return digits + check_digit(digits)
