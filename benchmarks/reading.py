"""Reading a list: 100,000 rows of four cells, number formats honoured, from the file to cells, one core.

The peer reads value and number format of each cell; the limit in the same run, calamine, knows no number formats.
"""

import gc
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

import openpyxl
from openpyxl.cell import WriteOnlyCell
from python_calamine import CalamineWorkbook

from benchmarks.table import Row
from service.uploads.limits import Limits
from service.uploads.reading import read
from tests.lists import ean

ROWS = 100_000
ROUNDS = 3
AIM = 5


def written() -> bytes:
    """Return the list: codes as numbers in a format, names, quantities, prices in a format."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("List")
    sheet.append(["EAN", "Name", "Quantity", "Price"])
    for n in range(ROWS):
        code, price = WriteOnlyCell(sheet, int(ean(n))), WriteOnlyCell(sheet, n % 9_999 / 100)
        code.number_format, price.number_format = "0000000000000", "0.00"
        sheet.append([code, f"Item {n}", n % 9, price])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def ours(path: Path) -> int:
    return len(read(path, Limits(rows=ROWS)).sheets[0].load().rows)


def by_openpyxl(path: Path) -> int:
    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    sheet.reset_dimensions()
    return sum(any((cell.value, cell.number_format) for cell in row) for row in sheet.iter_rows())


def by_calamine(path: Path) -> int:
    return len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False))


def seconds(reader: Callable[[Path], int], path: Path) -> float:
    """Return the seconds of CPU time that a reader takes. Raises RuntimeError where it did not read all."""
    gc.collect()
    began = time.process_time()
    rows = reader(path)
    took = time.process_time() - began
    if rows != ROWS + 1:
        raise RuntimeError(f"{reader.__name__} read {rows} rows")
    return took


async def rows() -> list[Row]:
    """Measure all three in turns."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "list.xlsx"
        path.write_bytes(written())
        turns = [[seconds(reader, path) for reader in (ours, by_openpyxl, by_calamine)] for _ in range(ROUNDS)]
    mine, peer, limit = (median(turn[n] for turn in turns) for n in range(3))
    what = f"xlsx of {ROWS:,} rows × 4 → cells with number formats, one core"
    return [
        Row(
            what,
            f"{mine:.2f} s",
            f"openpyxl read-only: {peer:.2f} s",
            f"{peer / mine:.1f}",
            f"≥ {AIM} ×",
            peer / mine >= AIM,
        ),
        Row(
            what,
            f"{mine:.2f} s",
            f"limit: calamine, without number formats: {limit:.2f} s",
            f"{limit / mine:.2f}",
            "–",
            None,
        ),
    ]
