"""Geometry of the sheets and where labels come to stand on them."""

import pytest

from service.sheets import LAYOUTS, DoesNotFit, Fit, Layout, fits, next_start, page_count, place
from service.symbology import SymbologyName, encode

L7160 = LAYOUTS["L7160"]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_labels_lie_on_the_page_and_do_not_overlap(layout: Layout) -> None:
    right, bottom = layout.corner(layout.per_page - 1)
    assert layout.origin_x_mm >= 0
    assert right + layout.label_width_mm <= layout.page_width_mm
    assert bottom + layout.label_height_mm <= layout.page_height_mm
    assert layout.columns == 1 or layout.pitch_x_mm >= layout.label_width_mm
    assert layout.rows == 1 or layout.pitch_y_mm >= layout.label_height_mm - 1e-9


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_margins_are_the_same_on_both_sides(layout: Layout) -> None:
    right, bottom = layout.corner(layout.per_page - 1)
    assert layout.page_width_mm - right - layout.label_width_mm == pytest.approx(layout.origin_x_mm, abs=0.02)
    assert layout.page_height_mm - bottom - layout.label_height_mm == pytest.approx(layout.origin_y_mm, abs=0.02)


def test_places_run_row_by_row_from_the_start_and_copies_stand_together() -> None:
    places = [tuple(each) for each in place([1, 0, 2], L7160, start=20, copies=2)]
    assert places == [(0, 0, 19), (0, 0, 20), (2, 1, 0), (2, 1, 1), (2, 1, 2), (2, 1, 3)]


PAGES = {
    "no labels": (0, 5, 0, 5),
    "one": (1, 1, 1, 2),
    "a full sheet": (21, 1, 1, 1),
    "one more": (22, 1, 2, 2),
    "the last label of a started sheet": (1, 21, 1, 1),
    "over the end of a started sheet": (2, 21, 2, 2),
}


@pytest.mark.parametrize(("labels", "start", "pages", "following"), PAGES.values(), ids=PAGES)
def test_pages_and_the_next_free_label(labels: int, start: int, pages: int, following: int) -> None:
    assert page_count(labels, L7160, start) == pages
    assert next_start(labels, L7160, start) == following


def fit(symbology: SymbologyName, text: str, layout: str = "L7160", dpi: int = 300, lines: int = 1) -> Fit:
    fitted = fits(encode(symbology, text), LAYOUTS[layout], dpi=dpi, lines=lines)
    assert isinstance(fitted, Fit)
    return fitted


EAN = "5901234123457"


@pytest.mark.parametrize(("dpi", "dots"), [(203, 3), (300, 4), (600, 8)])
def test_the_nominal_module_is_the_nearest_whole_number_of_dots(dpi: int, dots: int) -> None:
    assert fit("ean13", EAN, dpi=dpi).x_dots == dots


@pytest.mark.parametrize("dpi", [203, 300, 600, 1200])
@pytest.mark.parametrize("layout", ["L7160", "5160"])
def test_an_ean_with_its_name_keeps_the_sizes_of_gs1(layout: str, dpi: int) -> None:
    fitted = fit("ean13", EAN, layout, dpi)
    assert fitted.below_gs1_size is None
    assert 0.264 <= fitted.x_mm <= 0.66
    assert fitted.bars_height * 25.4 / dpi >= 18.28 - 0.05


def test_quiet_zones_are_part_of_the_box() -> None:
    fitted = fit("ean13", EAN)
    left, _, width, _ = fitted.box
    assert fitted.symbol_x - left == 11 * fitted.x_dots
    assert width == (11 + 95 + 7) * fitted.x_dots


@pytest.mark.parametrize("lines", [0, 1, 2, 3])
def test_nothing_leaves_the_label_and_nothing_touches(lines: int) -> None:
    fitted = fit("ean13", EAN, "5160", lines=lines)
    height = LAYOUTS["5160"].label_height_mm * 300 / 25.4
    _, text_bottom, _, text_height = fitted.text_box
    assert 0 < fitted.hri_baseline < fitted.symbol_y - fitted.hri_size * 0.7
    assert fitted.symbol_y + fitted.bars_height <= text_bottom
    assert text_bottom + text_height <= height


def test_a_long_code_is_drawn_smaller_before_it_is_refused() -> None:
    assert fit("code128", "ABCDEFGHIJ", dpi=600).x_mm == pytest.approx(0.33, abs=0.02)
    assert 0.19 <= fit("code128", "ABCDEFGHIJKLMNOPQRST", dpi=600).x_mm < 0.3


def test_what_does_not_fit_names_the_layouts_that_would_do() -> None:
    narrow = Layout("narrow", "", 210, 297, 1, 1, 20, 20, 0, 0, 20, 20)
    refused = fits(encode("ean13", EAN), narrow)
    assert isinstance(refused, DoesNotFit)
    assert set(refused.layouts) >= {"L7160", "5160"}
    assert "L7160" in refused.detail


def test_a_low_label_gets_low_bars_and_a_warning() -> None:
    low = Layout("low", "", 210, 297, 1, 1, 63.5, 15, 0, 0, 63.5, 15)
    fitted = fits(encode("ean13", EAN), low)
    assert isinstance(fitted, Fit)
    assert "18.28 mm" in (fitted.below_gs1_size or "")


def test_a_narrow_label_gets_narrow_modules_and_a_warning() -> None:
    narrow = Layout("narrow", "", 210, 297, 1, 1, 30, 38, 0, 0, 30, 38)
    fitted = fits(encode("ean13", EAN), narrow)
    assert isinstance(fitted, Fit)
    assert 0.25 <= fitted.x_mm < 0.264
    assert "0.264 mm" in (fitted.below_gs1_size or "")
