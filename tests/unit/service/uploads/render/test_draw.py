"""The PDF as its content stream tells it, and as an independent reader sees it."""

import pickle
import re

import pypdfium2
import pytest

from service.sheets import LAYOUTS, custom_layout
from service.symbology import encode
from service.uploads.render.draw import draw
from service.uploads.render.model import DrawLabel, NotDrawableError, SheetOptions
from tests.unit.service.uploads.render.content import as_modules, page_streams, rectangles

EAN = DrawLabel(2, "ean13", "5901234123457", ("Coffee 500 g",))
L7160 = SheetOptions()


def text_of(pdf: bytes, page: int = 0) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return str(document[page].get_textpage().get_text_range())


def test_bars_are_the_modules_of_the_symbol_in_whole_dots() -> None:
    drawn = rectangles(page_streams(draw([EAN], L7160).pdf)[0])
    assert as_modules(drawn, 4) == encode("ean13", EAN.encoded).modules


def test_guard_bars_reach_five_modules_into_the_digits() -> None:
    drawn = rectangles(page_streams(draw([EAN], L7160).pdf)[0])
    heights = [height for _, _, _, height in drawn]
    assert {max(heights) - height for height in heights} == {0, 5 * 4}
    assert [index for index, height in enumerate(heights) if height == max(heights)] == [0, 1, 14, 15, 28, 29]


def test_a_unit_of_the_page_is_a_dot_of_the_printer() -> None:
    assert page_streams(draw([EAN], SheetOptions(dpi=203)).pdf)[0].startswith("0.354680 0 0 0.354680 ")


def test_each_label_begins_at_the_corner_of_its_slot() -> None:
    moves = re.findall(r"^1 0 0 1 (-?\d+) (-?\d+) cm$", page_streams(draw([EAN] * 4, L7160).pdf)[0], re.M)
    assert moves == [("85", "2879"), ("780", "0"), ("780", "0"), ("-1560", "-450")]


def test_the_symbol_stands_in_the_middle_of_its_label_in_millimetres() -> None:
    (position,) = draw([EAN], L7160).positions
    mm = 25.4 / 72
    assert position.width * mm == pytest.approx(113 * 4 * 25.4 / 300, abs=0.01)
    assert (position.left + position.width / 2) * mm == pytest.approx(7.21 + 63.5 / 2, abs=0.1)
    assert 297 - (position.bottom + position.height) * mm > 15.15


def test_offset_moves_right_and_down() -> None:
    plain, moved = (draw([EAN], options).positions[0] for options in (L7160, SheetOptions(offset_mm=(1.0, 2.0))))
    mm = 25.4 / 72
    assert ((moved.left - plain.left) * mm, (moved.bottom - plain.bottom) * mm) == pytest.approx((1.0, -2.0))


def test_scale_acts_from_the_top_left_corner() -> None:
    plain, scaled = (draw([EAN], options).positions[0] for options in (L7160, SheetOptions(scale=1.02)))
    height = 297 / 25.4 * 72
    assert scaled.left == pytest.approx(plain.left * 1.02)
    assert height - scaled.bottom == pytest.approx((height - plain.bottom) * 1.02)


def test_quantity_and_copies_multiply_and_zero_draws_nothing() -> None:
    labels = [DrawLabel(2, "ean13", EAN.encoded, quantity=2), DrawLabel(3, "code128", "A", quantity=0)]
    drawn = draw(labels, SheetOptions(copies=11, start=20))
    assert [position.row for position in drawn.positions] == [2] * 22
    assert (drawn.pages, drawn.positions[1].page, drawn.positions[2].page) == (2, 0, 1)
    assert len(pypdfium2.PdfDocument(drawn.pdf)) == 2


def test_the_viewer_is_told_not_to_scale() -> None:
    assert b"/PrintScaling /None" in draw([EAN], L7160).pdf


def test_the_same_labels_give_the_same_bytes() -> None:
    assert draw([EAN], L7160).pdf == draw([EAN], L7160).pdf


def test_digits_stand_in_groups_below_the_bars_and_the_name_above() -> None:
    text = text_of(draw([EAN], L7160).pdf)
    assert "Coffee 500 g" in text
    assert re.search(r"5\s*901234\s*123457", text)


def test_digits_can_be_left_away() -> None:
    assert "901234" not in text_of(draw([EAN], SheetOptions(hri=False)).pdf)


@pytest.mark.parametrize(
    "name",
    ["Brot (frisch) \\ 5 % – Käse", "Xin chào Việt Nam", "Молоко 3,2 %", "Καφές", "Žluťoučký kůň", "€ 12,99 ½ ²"],
)
def test_names_can_be_searched_and_copied(name: str) -> None:
    assert name in text_of(draw([DrawLabel(2, "code128", "A", (name,))], L7160).pdf)


def test_a_long_name_is_wrapped_or_shrunk_first_and_nothing_is_said() -> None:
    label = DrawLabel(2, "ean13", EAN.encoded, ("Coffee beans, whole, dark roast, 500 g",))
    for layout in (LAYOUTS["L7160"], LAYOUTS["5160"]):
        drawn = draw([label], SheetOptions(layout=layout))
        assert drawn.warnings == ()
        assert label.lines[0] in " ".join(text_of(drawn.pdf).split())


def test_a_very_long_name_is_cut_and_that_is_said() -> None:
    drawn = draw([DrawLabel(7, "ean13", EAN.encoded, ("Coffee beans " * 20,))], L7160)
    (warning,) = drawn.warnings
    assert (warning.row, warning.code) == (7, "text_truncated")
    assert "…" in text_of(drawn.pdf)


def test_a_character_that_no_font_has_becomes_a_box_and_that_is_said() -> None:
    drawn = draw([DrawLabel(7, "ean13", EAN.encoded, ("Sun \U0001fae0",))], L7160)
    assert "U+1FAE0" in drawn.warnings[0].detail
    assert "Sun □" in text_of(drawn.pdf)


@pytest.mark.parametrize("label", [DrawLabel(9, "ean13", "5901234123450"), DrawLabel(9, "code128", "W" * 70)])
def test_an_unchecked_label_is_refused_with_its_row(label: DrawLabel) -> None:
    with pytest.raises(NotDrawableError) as raised:
        draw([EAN, label], L7160)
    assert raised.value.row == 9
    assert pickle.loads(pickle.dumps(raised.value)).row == 9


def test_ten_thousand_labels_stay_small() -> None:
    labels = [DrawLabel(row, "code128", f"{row:06}", (f"Shelf {row}",)) for row in range(2100)]
    assert len(draw(labels, SheetOptions(layout=LAYOUTS["5160"])).pdf) < 110 * len(labels)


def test_texts_that_have_no_room_are_left_out_and_that_is_said() -> None:
    label = DrawLabel(7, "ean8", "96385074", ("Ring, silver", "€ 12"))
    drawn = draw([label], SheetOptions(layout=LAYOUTS["4731"], dpi=600))
    assert [warning.detail for warning in drawn.warnings] == ["'€ 12': no room for it"]
    assert "Ring, silver" in text_of(drawn.pdf)


def test_a_matrix_that_needs_the_whole_label_stands_without_its_code_and_that_is_said() -> None:
    label = DrawLabel(7, "qr", "https://shop.example/p?id=1")
    drawn = draw([label], SheetOptions(layout=custom_layout({"label_mm": [10, 10]})))
    assert [warning.detail for warning in drawn.warnings] == ["'https://shop.example/p?id=1': no room for it"]
    assert not text_of(drawn.pdf).strip()
