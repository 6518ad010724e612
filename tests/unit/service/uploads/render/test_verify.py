"""Reading back: what is right passes, what is spoilt anywhere is found."""

from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from service.sheets import LAYOUTS
from service.symbology import SYMBOLOGIES, SymbologyName
from service.uploads.render.draw import draw
from service.uploads.render.model import DrawLabel, DrawnPdf, SheetOptions, VerifyMode
from service.uploads.render.verify import verify
from tests.unit.service.symbology.strategies import TEXTS
from tests.unit.service.uploads.render.content import with_page_changed


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_whatever_is_drawn_reads_back(symbology: SymbologyName, dpi: int) -> None:
    @settings(max_examples=2, deadline=None, phases=[Phase.generate])
    @given(st.lists(TEXTS[symbology], min_size=10, max_size=10))
    def reads_back(texts: list[str]) -> None:
        labels = [DrawLabel(row, symbology, text) for row, text in enumerate(texts)]
        drawn = draw(labels, SheetOptions(LAYOUTS["5163"], dpi=dpi))
        assert verify(drawn.pdf, drawn.positions).unreadable == ()

    reads_back()


def pages_of(count: int) -> DrawnPdf:
    return draw([DrawLabel(row, "code128", f"{row:05}") for row in range(count)], SheetOptions())


SAMPLES: dict[str, tuple[int, VerifyMode, int]] = {
    "auto looks at all of 2,000": (2000, "auto", 2000),
    "auto looks at 400 of 2,001": (2001, "auto", 400),
    "sample looks at 400 of 401": (401, "sample", 400),
    "sample looks at all of 400": (400, "sample", 400),
    "all looks at all": (401, "all", 401),
    "none looks at none": (10, "none", 0),
    "no labels": (0, "auto", 0),
}


@pytest.mark.parametrize(("count", "mode", "checked"), SAMPLES.values(), ids=SAMPLES)
def test_how_many_are_looked_at(count: int, mode: VerifyMode, checked: int) -> None:
    drawn = pages_of(count)
    verified = verify(drawn.pdf, drawn.positions, mode)
    assert (verified.checked, verified.decoded) == (checked, checked)


def test_the_sample_is_even_and_has_both_ends() -> None:
    drawn = pages_of(2100)
    wrong = [position._replace(encoded="x") for position in drawn.positions]
    rows = verify(drawn.pdf, wrong, "sample").unreadable
    assert (rows[0], rows[-1]) == (0, 2099)
    assert {later - earlier for earlier, later in pairwise(rows)} == {5, 6}


def test_a_label_of_another_text_is_unreadable() -> None:
    drawn = draw([DrawLabel(2, "ean13", "5901234123457"), DrawLabel(3, "ean13", "4006381333931")], SheetOptions())
    other = [drawn.positions[0], drawn.positions[1]._replace(encoded="5901234123457")]
    verified = verify(drawn.pdf, other)
    assert (verified.checked, verified.decoded, verified.unreadable) == (2, 1, (3,))


def test_a_row_is_named_once_however_many_of_its_labels_fail() -> None:
    drawn = draw([DrawLabel(4, "ean13", "5901234123457", quantity=3)], SheetOptions())
    wrong = [position._replace(encoded="x") for position in drawn.positions]
    assert verify(drawn.pdf, wrong).unreadable == (4,)


def test_a_bar_too_wide_is_found() -> None:
    drawn = draw([DrawLabel(2, "ean13", "5901234123457", ())], SheetOptions(hri=False))
    first_wide = b" 12 "  # a bar of three modules
    assert verify(with_page_changed(drawn.pdf, first_wide, b" 4 "), drawn.positions).unreadable == (2,)
