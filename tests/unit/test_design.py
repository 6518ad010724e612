"""docs/design.md and both style sheets say the same, and what they say can be read: WCAG 2 AA in both themes."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
DESIGN: Final = (ROOT / "docs/design.md").read_text("utf-8")
SHEETS: Final = {
    "incidents": (ROOT / "observability/detector/web/static/incidents.css").read_text("utf-8"),
    "uploads": (ROOT / "service/web/static/page.css").read_text("utf-8"),
}
THEMES: Final = ("light", "dark")
INKS: Final = ("ink", "muted", "accent", "ok", "warn", "bad")
SURFACES: Final = ("paper", "raised")

_COLOUR: Final = re.compile(r"^\| `--([\w-]+)` \| [^|]+ \| `(#[0-9a-f]{6})` \| `(#[0-9a-f]{6})` \| ([^|]+) \|$", re.M)
_LENGTH: Final = re.compile(r"^\| `--((?:size|space)-\d)` \| (\S+) \|", re.M)
COLOURS: Final = {theme: {row[0]: row[1 + at] for row in _COLOUR.findall(DESIGN)} for at, theme in enumerate(THEMES)}
LENGTHS: Final = dict(_LENGTH.findall(DESIGN))
SAID: Final = {row[0]: row[3] for row in _COLOUR.findall(DESIGN)}


def declared(sheet: str, theme: str) -> dict[str, str]:
    """Return the custom properties of the theme's `:root`."""
    blocks = SHEETS[sheet].split(":root {")[1:]
    at = THEMES.index(theme)
    return dict(re.findall(r"--([\w-]+): ([^;]+);", blocks[at].partition("}")[0])) if at < len(blocks) else {}


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2, section 1.4.3)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def worst(theme: str, ink: str) -> float:
    """Return the contrast on the worse surface."""
    surfaces = ("accent",) if ink == "on-accent" else SURFACES
    return min(contrast(COLOURS[theme][ink], COLOURS[theme][surface]) for surface in surfaces)


@pytest.mark.parametrize("theme", THEMES)
def test_the_incident_pages_declare_all_of_it(theme: str) -> None:
    lengths = LENGTHS if theme == "light" else {}
    assert declared("incidents", theme) == COLOURS[theme] | lengths


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sheet", SHEETS)
def test_a_style_sheet_says_nothing_else(sheet: str, theme: str) -> None:
    """A sheet may have properties of its own; those of the design have its values."""
    design = COLOURS[theme] | LENGTHS
    own = {name: value for name, value in declared(sheet, theme).items() if name in design}
    assert own == {name: design[name] for name in own}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", [*INKS, "on-accent"])
def test_ink_is_readable(theme: str, ink: str) -> None:
    assert worst(theme, ink) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_edge_of_a_control_is_seen(theme: str) -> None:
    assert worst(theme, "line") >= 3


@pytest.mark.parametrize("ink", [*INKS, "line", "on-accent"])
def test_the_page_says_the_contrasts_as_they_are(ink: str) -> None:
    assert SAID[ink].startswith(f"{worst('light', ink):.1f} / {worst('dark', ink):.1f}")


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_property_that_is_used_is_declared(sheet: str) -> None:
    used = set(re.findall(r"var\(--([\w-]+)", SHEETS[sheet]))
    assert used <= set(re.findall(r"--([\w-]+):", SHEETS[sheet]))
