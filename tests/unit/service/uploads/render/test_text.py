"""Lines in any script: joined, ordered, wrapped, shrunk, cut, and what was lost."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sheets import LAYOUTS, Fit, fits
from service.symbology import encode
from service.uploads.render.arabic import joined
from service.uploads.render.flow import flow
from service.uploads.render.fonts import plain_face
from service.uploads.render.indic import visual
from service.uploads.render.text import fit_line, plain_width, shape


def names(text: str) -> list[str]:
    """Which form each letter took: the last word of "ARABIC LETTER BEH INITIAL FORM" before FORM."""
    return [unicodedata.name(letter).removesuffix(" FORM").split()[-1] for letter in text]


JOINED = {
    "a word of three that join": ("بيت", ["INITIAL", "MEDIAL", "FINAL"]),
    "alef joins only what stands before it": ("باب", ["INITIAL", "FINAL", "ISOLATED"]),
    "a letter alone": ("ب", ["ISOLATED"]),
    "lam and alef are one": ("لا", ["ISOLATED"]),
    "lam and alef behind a letter that joins": ("بلا", ["INITIAL", "FINAL"]),
    "a blank parts": ("ب ب", ["ISOLATED", "SPACE", "ISOLATED"]),
    "Persian letters": ("پچ", ["INITIAL", "FINAL"]),
    "a vowel mark is looked through": ("بَب", ["INITIAL", "FATHA", "FINAL"]),
}


@pytest.mark.parametrize(("text", "forms"), JOINED.values(), ids=JOINED)
def test_arabic_letters_take_the_form_of_their_place(text: str, forms: list[str]) -> None:
    assert names(joined(text)) == forms


REORDERED = {
    "Devanagari i stands before its consonant": ("कि", "िक"),
    "and before two that a virama joins": ("स्ति", "िस्त"),
    "and only there": ("कमि", "किम"[0] + "िम"),
    "Tamil o stands on both sides": ("கொ", "ெகா"),
    "Thai is typed as it stands": ("เก", "เก"),
    "Latin is left alone": ("Café", "Café"),
    "a sign without a consonant stays": ("ि", "ि"),
}


@pytest.mark.parametrize(("text", "shown"), REORDERED.values(), ids=REORDERED)
def test_vowels_stand_where_they_are_written(text: str, shown: str) -> None:
    assert visual(text) == shown


SCRIPTS = {
    "Latin": "Žluťoučký",
    "Vietnamese": "Cà phê sữa",
    "Greek": "Καφές",
    "Cyrillic": "Молоко",
    "Hebrew": "קפה",
    "Arabic": "قهوة",
    "Persian": "پنیر",
    "Armenian": "Սուրճ",
    "Georgian": "ყავა",
    "Chinese": "咖啡豆",
    "Japanese": "コーヒー豆",
    "Korean": "커피",
    "Thai": "กาแฟ",
    "Hindi": "कॉफ़ी",
    "Bengali": "কফি",
    "Tamil": "காபி",
    "Telugu": "కాఫీ",
    "Amharic": "ቡና",
    "Khmer": "កាហ្វេ",
    "signs": "€ ½ ² ° № ™ ₹ ₽ ₺ ✓",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_a_font_of_ours_has_every_script(text: str) -> None:
    _, runs, lost = shape(text)
    assert lost == ""
    assert sum(run.width for run in runs) > 0


def test_hebrew_runs_from_right_to_left_and_its_numbers_do_not() -> None:
    _, (run,), _ = shape("אבג 123")
    assert run.text == "123 גבא"


@given(st.text(max_size=80), st.integers(20, 60), st.integers(1, 900))
def test_no_line_is_wider_than_its_room(text: str, size: int, room: int) -> None:
    line = fit_line(text, size, 20, room)
    assert line.width <= room
    assert line.size <= size


def label_fit(layout: str = "L7160", lines: int = 1) -> Fit:
    fit = fits(encode("ean13", "5901234123457"), LAYOUTS[layout], lines=lines)
    assert isinstance(fit, Fit)
    return fit


WRAPPED = {
    "a short name takes one line at full size": ("Coffee", ["Coffee"], True),
    "a longer one two, at full size": (
        "Coffee beans Arabica whole, dark roast 500 g",
        ["Coffee beans Arabica whole,", "dark roast 500 g"],
        True,
    ),
    "no word is left over": (
        "Coffee beans Arabica whole, dark roast A",
        ["Coffee beans Arabica", "whole, dark roast A"],
        True,
    ),
    "ideographs break anywhere": ("咖啡" * 12, ["咖啡" * 6, "咖啡" * 6], True),
    "a word that is too long is shrunk": ("Donaudampfschifffahrtsgesellschaftskapitänsmütze", None, False),
}


@pytest.mark.parametrize(("text", "lines", "full_size"), WRAPPED.values(), ids=WRAPPED)
def test_names_are_wrapped_before_they_are_shrunk(text: str, lines: list[str] | None, full_size: bool) -> None:
    flowed = flow((text,), label_fit())
    shown = [line.text for line, _ in flowed.lines]
    assert shown == lines or (lines is None and shown == [text])
    assert {line.size == 38 for line, _ in flowed.lines} == {full_size}  # 9 pt
    assert flowed.lost == ()


@given(st.lists(st.text(max_size=120), min_size=1, max_size=3), st.sampled_from(["L7160", "5160", "L7651", "5167"]))
def test_texts_stay_in_their_box(texts: list[str], layout: str) -> None:
    fit = label_fit(layout, len(texts))
    _, bottom, width, height = fit.text_box
    flowed = flow(tuple(texts[: fit.lines]), fit)
    assert all(line.width <= width for line, _ in flowed.lines)
    assert all(
        bottom <= baseline and baseline + line.size * 0.75 <= bottom + height + 1 for line, baseline in flowed.lines
    )


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_the_quick_way_to_a_width_is_exact(text: str) -> None:
    assert plain_width(text) == sum(plain_face().widths[ord(character)] for character in text)


@pytest.mark.parametrize("text", ["Äpfel", "a\tb", "a\x7f"], ids=["beyond ASCII", "a tab", "a control character"])
def test_other_texts_go_the_long_way(text: str) -> None:
    assert plain_width(text) is None
