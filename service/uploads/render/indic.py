"""Vowel signs of South and South-East Asian scripts that are written after their consonant and stand before it."""

import unicodedata
from typing import Final

# Indic_Positional_Category=Left of Unicode 15, for the scripts that our fonts have. Thai and Lao are typed as they stand.
_LEFT: Final = frozenset(
    "\u093f\u09bf\u09c7\u09c8\u0a3f\u0abf\u0bc6\u0bc7\u0bc8\u0d46\u0d47\u0d48\u0dd9\u0dda\u0ddb\u1031\u17c1\u17c2\u17c3"
)
_LEFT_HALVES: Final = frozenset(f"{ord(sign):04X}" for sign in _LEFT)
_VIRAMA: Final = 9  # canonical combining class


def visual(text: str) -> str:
    """Return `text` with such signs moved before their syllable. Joined consonants keep their visible virama."""
    if text.isascii() or max(text) < "\u0900":
        return text
    apart = unicodedata.normalize("NFD", text) if any(_splits(character) for character in text) else text
    placed: list[str] = []
    for character in apart:
        if character in _LEFT:
            placed.insert(_syllable_start(placed), character)
        else:
            placed.append(character)
    return "".join(placed)


def _splits(character: str) -> bool:
    """Tell a vowel sign of two parts, of which the first stands before the consonant: ொ is ெ and ா."""
    return "\u0900" <= character < "\u1800" and unicodedata.decomposition(character)[:4] in _LEFT_HALVES


def _syllable_start(placed: list[str]) -> int:
    """The place of the consonant before, or of the first of those that a virama joins to it."""
    at = len(placed) - 1
    while at > 0 and unicodedata.category(placed[at]) in ("Mn", "Mc"):
        at -= 1
    while at > 1 and unicodedata.combining(placed[at - 1]) == _VIRAMA:
        at -= 2
    return max(at, 0)
