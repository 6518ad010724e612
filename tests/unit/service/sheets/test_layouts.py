"""Layouts by name, and layouts of one's own."""

import pytest

from service.sheets import LAYOUTS, LayoutError, custom_layout, layout_named

SPOKEN = {
    "L7160": "L7160",
    "l7160": "L7160",
    "7160": "L7160",
    "Avery L7163": "L7163",
    "avery-5160": "5160",
    "L4731": "4731",
    "4731": "4731",
    "roll-100x50": "roll-100x50",
    "Roll 100×50": "roll-100x50",
    "100x50": None,
    "L7161": None,
    "": None,
}


@pytest.mark.parametrize(("spoken", "name"), SPOKEN.items())
def test_layouts_are_found_by_what_people_call_them(spoken: str, name: str | None) -> None:
    found = layout_named(spoken)
    assert (found and found.name) == name


def test_every_layout_is_found_by_its_own_name() -> None:
    assert [layout_named(name) for name in LAYOUTS] == list(LAYOUTS.values())


# Printed by the maker on the box: size of the label in mm, labels a sheet.
BOXES = {
    "L7160": (63.5, 38.1, 21),
    "L7163": (99.1, 38.1, 14),
    "L7651": (38.1, 21.2, 65),
    "5160": (66.675, 25.4, 30),
    "5163": (101.6, 50.8, 10),
    "5167": (44.45, 12.7, 80),
    "4731": (25.4, 10.0, 189),
}


@pytest.mark.parametrize(("name", "box"), BOXES.items())
def test_sizes_are_those_on_the_box(name: str, box: tuple[float, float, int]) -> None:
    layout = LAYOUTS[name]
    assert (layout.label_width_mm, layout.label_height_mm, layout.per_page) == pytest.approx(box)


GIVEN: dict[str, object] = {
    "page_mm": [210, 297],
    "grid": [3, 7],
    "label_mm": [63.5, 38.1],
    "origin_mm": [7.21, 15.15],
    "pitch_mm": [66.04, 38.1],
}


def test_a_layout_of_ones_own_is_as_good_as_ours() -> None:
    assert [custom_layout(GIVEN).corner(slot) for slot in range(21)] == [
        LAYOUTS["L7160"].corner(slot) for slot in range(21)
    ]


def test_the_size_of_a_label_is_enough_for_a_roll() -> None:
    layout = custom_layout({"label_mm": [50, 25]})
    assert (layout.page_width_mm, layout.page_height_mm, layout.per_page, layout.corner(0)) == (50, 25, 1, (0, 0))


FAULTS: dict[str, tuple[dict[str, object], str]] = {
    "a member that there is not": ({"colour": "red"}, "colour"),
    "a text": ({"label_mm": "50x25"}, "label_mm"),
    "three numbers": ({"label_mm": [1, 2, 3]}, "label_mm"),
    "true is no number": ({"label_mm": [True, 25]}, "label_mm"),
    "not a number at all": ({"label_mm": [float("nan"), 25]}, "label_mm"),
    "half a column": ({"grid": [1.5, 7]}, "grid"),
    "no column": ({"grid": [0, 7]}, "grid"),
    "a million labels a page": ({"grid": [1000, 1000]}, "grid"),
    "labels that leave the page": ({"origin_mm": [20, 15]}, "leave a page"),
    "labels that overlap": ({"pitch_mm": [60, 38.1]}, "overlap"),
    "a label larger than the page": ({"label_mm": [300, 38]}, "the page the larger"),
    "a label of no height": ({"label_mm": [63, 0]}, "above 0"),
}


@pytest.mark.parametrize(("changes", "told"), FAULTS.values(), ids=FAULTS)
def test_what_can_not_be_printed_is_told(changes: dict[str, object], told: str) -> None:
    with pytest.raises(LayoutError, match=told):
        custom_layout({**GIVEN, **changes})


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(LayoutError) as raised:
        custom_layout({"colour": "red", "label_mm": 3, "grid": "x"})
    assert len(raised.value.problems) >= 3
