"""Arabic letters to the forms in which they join their neighbours; fonts have these as characters of their own."""

import unicodedata
from functools import cache
from typing import Final, NamedTuple

_FORMS: Final = (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEFD))  # Presentation Forms-A (letters) and -B
_LAM: Final = "\u0644"
_TATWEEL: Final = "\u0640"
_LIGATURES: Final = {
    "\u0622": 0xFEF5,
    "\u0623": 0xFEF7,
    "\u0625": 0xFEF9,
    "\u0627": 0xFEFB,
}  # lam and an alef: isolated


class Forms(NamedTuple):
    isolated: str
    final: str
    initial: str  # "": the letter does not join the one behind it
    medial: str


def joined(text: str) -> str:
    """Return `text`, in logical order, with each Arabic letter in its contextual form (Unicode 9.2, rules R1 to R7)."""
    if not any("\u0600" <= character <= "\u06ff" for character in text):
        return text
    shaped: list[str] = []
    letters = list(text)
    at = 0
    while at < len(letters):
        before, after = _neighbour(letters, at, -1), _neighbour(letters, at, 1)
        ligature = letters[at] == _LAM and at + 1 < len(letters) and letters[at + 1] in _LIGATURES
        if ligature:
            shaped.append(chr(_LIGATURES[letters[at + 1]] + _joins_on(before)))
        else:
            shaped.append(_form(letters[at], _joins_on(before), _joins_back(after)))
        at += 2 if ligature else 1
    return "".join(shaped)


def _form(letter: str, from_before: bool, from_after: bool) -> str:
    forms = _forms().get(letter)
    if forms is None:
        return letter
    onward = from_after and bool(forms.initial)
    if from_before and forms.final:
        return forms.medial if onward else forms.final
    return forms.initial if onward else forms.isolated


def _neighbour(letters: list[str], at: int, step: int) -> str:
    """The next letter on one side; marks such as fatha are looked through (R1)."""
    at += step
    while 0 <= at < len(letters) and unicodedata.category(letters[at]) == "Mn":
        at += step
    return letters[at] if 0 <= at < len(letters) else ""


def _joins_on(letter: str) -> bool:
    """Tell whether a letter joins the one behind it."""
    return letter == _TATWEEL or (letter in _forms() and bool(_forms()[letter].initial))


def _joins_back(letter: str) -> bool:
    return letter == _TATWEEL or (letter in _forms() and bool(_forms()[letter].final))


@cache
def _forms() -> dict[str, Forms]:
    """Return the forms of each letter, from Unicode's own decompositions ("<initial> 0628")."""
    found: dict[str, dict[str, str]] = {}
    for code in _FORMS:
        kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if len(letters) == 1 and kind.startswith("<"):
            found.setdefault(chr(int(letters[0], 16)), {})[kind.strip("<>")] = chr(code)
    names = Forms._fields
    return {
        letter: Forms(*(kinds.get(name, "") for name in names))
        for letter, kinds in found.items()
        if "isolated" in kinds
    }
