"""Text and states keep WCAG 2 AA contrast (4.5:1) on every surface, in the light and in the dark theme."""

import re
from pathlib import Path

import pytest

import observability.detector.web

CSS = (Path(observability.detector.web.__file__).parent / "static/incidents.css").read_text("utf-8")
THEMES = dict(
    zip(
        ("light", "dark"),
        (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in CSS.split(":root {")[1:]),
        strict=True,
    )
)
INKS = ("text", "muted", "accent", "bad", "warn", "good")
SURFACES = ("bg", "surface")


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2, section 1.4.3)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("ink", INKS)
def test_ink_is_readable(theme: str, surface: str, ink: str) -> None:
    assert contrast(THEMES[theme][ink], THEMES[theme][surface]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_a_button_are_readable(theme: str) -> None:
    assert contrast(THEMES[theme]["on-accent"], THEMES[theme]["accent"]) >= 4.5
