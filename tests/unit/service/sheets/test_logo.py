"""A logo takes room that nothing else needs, or none."""

import pytest

from service.sheets import LAYOUTS, Fit, custom_layout, fits, logo_box
from service.symbology import SymbologyName, encode

WITH_LOGO = [layout for layout in LAYOUTS.values() if layout.logo_mm is not None]
CODES: dict[SymbologyName, str] = {
    "ean13": "5901234123457",
    "itf14": "15901234123454",
    "code128": "AB-1234",
    "gs1_128": "(01)05901234123457(10)AB12",
    "qr": "https://example.com/1",
    "datamatrix": "AB-1234",
}


def fit_of(symbology: SymbologyName, layout_name: str, lines: int = 1, hri: bool = True) -> Fit:
    fit = fits(encode(symbology, CODES[symbology]), LAYOUTS[layout_name], lines=lines, hri=hri)
    assert isinstance(fit, Fit)
    return fit


@pytest.mark.parametrize("layout", WITH_LOGO, ids=lambda layout: layout.name)
@pytest.mark.parametrize("lines", [0, 1, 2])
def test_beside_an_ean_there_is_room_on_each_layout_that_says_so(layout: object, lines: int) -> None:
    name = getattr(layout, "name", "")
    box = logo_box(LAYOUTS[name], fit_of("ean13", name, lines), 1.5)
    assert box is not None
    assert box[2] == pytest.approx(1.5 * box[3], abs=2)


@pytest.mark.parametrize("layout", WITH_LOGO, ids=lambda layout: layout.name)
@pytest.mark.parametrize("symbology", CODES)
@pytest.mark.parametrize("hri", [True, False])
def test_it_never_touches_a_symbol_with_its_quiet_zones(layout: object, symbology: SymbologyName, hri: bool) -> None:
    name = getattr(layout, "name", "")
    fit = fit_of(symbology, name, 1, hri)
    box = logo_box(LAYOUTS[name], fit, 1.0)
    if box is not None:
        assert not _overlap(box, fit.box)
        assert not _overlap(box, fit.text_box)
        assert box[0] >= 0
        assert box[1] >= 0


def test_a_layout_without_a_place_has_no_logo() -> None:
    assert logo_box(LAYOUTS["L7160"], fit_of("ean13", "L7160"), 1.0) is None


def test_where_the_symbol_needs_the_place_there_is_no_logo_and_the_symbol_keeps_its_size() -> None:
    given = {"label_mm": [60, 40], "logo_mm": [10, 20, 20, 10]}
    symbol = encode("ean13", CODES["ean13"])
    plain, crowded = custom_layout({"label_mm": [60, 40]}), custom_layout(given)
    fit = fits(symbol, crowded)
    assert fit == fits(symbol, plain)
    assert isinstance(fit, Fit)
    assert logo_box(crowded, fit, 1.0) is None


WRONG = {
    "three numbers": [1, 2, 3],
    "a word": "left",
    "beyond the edge": [50, 0, 20, 10],
    "above the label": [0, -1, 10, 10],
    "no height": [0, 0, 10, 0],
}


@pytest.mark.parametrize("box", WRONG.values(), ids=WRONG)
def test_a_place_that_is_none_is_refused(box: object) -> None:
    with pytest.raises(ValueError, match="logo_mm"):
        custom_layout({"label_mm": [60, 40], "logo_mm": box})


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    across = one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
    return across and one[1] < other[1] + other[3] and other[1] < one[1] + one[3]
