"""The calibration page."""

import pypdfium2
import pytest

from service.sheets import LAYOUTS, Layout
from service.uploads.render.calibration import calibration
from service.uploads.render.model import SheetOptions


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_it_is_one_page_of_the_size_of_the_layout(layout: Layout) -> None:
    document = pypdfium2.PdfDocument(calibration(SheetOptions(layout)))
    assert len(document) == 1
    size = layout.page_width_mm / 25.4 * 72, layout.page_height_mm / 25.4 * 72
    assert document[0].get_size() == pytest.approx(size, abs=0.01)


def test_it_tells_what_to_do_and_is_not_scaled() -> None:
    pdf = calibration(SheetOptions())
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "100 %" in text
    assert "offset_mm" in text
    assert b"/PrintScaling /None" in pdf


def test_offset_and_scale_are_applied() -> None:
    assert calibration(SheetOptions(offset_mm=(1, 0))) != calibration(SheetOptions())
    assert calibration(SheetOptions(scale=1.01)) != calibration(SheetOptions())
