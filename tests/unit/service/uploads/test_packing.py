"""From child to child: what is packed comes back equal."""

from dataclasses import replace
from pathlib import Path

from service.uploads.checking import check_table, find_table
from service.uploads.limits import Limits
from service.uploads.options import UploadOptions
from service.uploads.packing import (
    pack_checked,
    pack_drawn,
    pack_table,
    unpack_checked,
    unpack_drawn,
    unpack_labels,
    unpack_table,
)
from service.uploads.reading import read
from service.uploads.render.draw import draw
from service.uploads.sheet import sheet_options, to_draw
from tests.lists import ean, xlsx

OPTIONS = UploadOptions()
ROWS = (("EAN", "Name", "Price"), (ean(1), "one", 2.5), (int(ean(2)), "two", 3), ("12", "bad", None))


def test_table_verdicts_and_drawing_come_back_equal(tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(xlsx(ROWS))
    workbook = read(file, Limits())
    table = find_table(workbook, OPTIONS, Limits())
    assert unpack_table(pack_table(workbook.format, table)) == (workbook.format, table)
    checked = check_table(workbook.format, table, OPTIONS, Limits())
    assert unpack_checked(pack_checked(checked)) == checked
    assert unpack_labels(pack_checked(checked)) == replace(checked, rows=())
    drawn = draw(to_draw(checked.labels, OPTIONS), sheet_options(OPTIONS))
    assert unpack_drawn(pack_drawn(drawn)) == drawn
