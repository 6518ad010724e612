"""GS1 element strings: "(01)09506000134352(10)A1" in, checked by the Syntax Dictionary, identifiers and values out."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from service.symbology.code128 import FNC1
from service.symbology.digits import check_digit
from service.symbology.gs1_dictionary import CharacterSet, Component, Identifier, identifiers
from service.symbology.gs1_linters import LINTERS
from service.symbology.symbol import SymbologyError

_BRACKET: Final = re.compile(r"\((\d{2,4})\)", re.ASCII)
# GS1 General Specifications figures 7.11-1 to 7.11-3 (sets 82, 39 and base64url).
_SETS: Final[dict[CharacterSet, re.Pattern[str]]] = {
    "N": re.compile(r"[0-9]*"),
    "X": re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*"),
    "Y": re.compile(r"[#\-/0-9A-Z]*"),
    "Z": re.compile(r"[-_0-9A-Za-z=]*"),
}
_SET_NAMES: Final = {"N": "digits", "X": "characters of GS1 set 82", "Y": "characters of set 39", "Z": "base64url"}


class Element(NamedTuple):
    identifier: Identifier
    value: str


def parse(text: str) -> tuple[Element, ...]:
    """Return the elements of a text with brackets around each identifier. Raises SymbologyError."""
    parts = _BRACKET.split(text)
    if parts[0] or len(parts) == 1:
        raise SymbologyError("gs1_bad_ai", "it begins with an identifier in brackets, as in (01)09506000134352")
    return tuple(_element(parts, at) for at in range(1, len(parts), 2))


def payload(elements: Sequence[Element]) -> str:
    """Return what stands behind the first FNC1: no brackets, FNC1 behind each value of no predefined length but the last."""
    ends = [FNC1 if not element.identifier.predefined_length else "" for element in elements[:-1]] + [""]
    return "".join(f"{element.identifier.ai}{element.value}{end}" for element, end in zip(elements, ends, strict=True))


def _element(parts: list[str], at: int) -> Element:
    ai, value = parts[at : at + 2]
    identifier = identifiers().get(ai)
    if identifier is None:
        raise SymbologyError("gs1_bad_ai", f"GS1 has no application identifier ({ai})")
    if problem := _problem(identifier, value):
        meant = _meant(identifier, value)
        suggestion = None if meant is None else _joined([*parts[: at + 1], meant, *parts[at + 2 :]])
        raise SymbologyError("gs1_bad_value", f"({ai}) {identifier.title}: {problem}", suggestion)
    return Element(identifier, value)


def _joined(parts: list[str]) -> str:
    return "".join(f"({ai}){value}" for ai, value in zip(parts[1::2], parts[2::2], strict=True))


def _problem(identifier: Identifier, value: str) -> str | None:
    """Apply each component to the part of the value that is its own, as the dictionary prescribes."""
    rest = value
    for component in identifier.components:
        part, rest = rest[: component.longest], rest[component.longest :]
        if not part and component.optional:
            continue
        if problem := _component_problem(component, part):
            return problem
    return f"{rest!r} is too much, {_lengths(identifier)}" if rest else None


def _component_problem(component: Component, part: str) -> str | None:
    if len(part) < component.shortest:
        return f"{part!r} is too short, it has {_length(component)} {_SET_NAMES[component.characters]}"
    end = _SETS[component.characters].match(part)
    if end is not None and end.end() < len(part):
        return f"{part[end.end()]!r} is not allowed, it has {_SET_NAMES[component.characters]} only"
    linters = (LINTERS[name] for name in component.linters if name in LINTERS)
    return next((problem for linter in linters if (problem := linter(part))), None)


def _lengths(identifier: Identifier) -> str:
    return "it has " + " and then ".join(_length(component) for component in identifier.components)


def _length(component: Component) -> str:
    if component.shortest == component.longest:
        return str(component.longest)
    return f"{component.shortest} to {component.longest}"


def _meant(identifier: Identifier, value: str) -> str | None:
    """The value that was probably meant: without blanks, filled up to a GTIN-14, or with the right check digit."""
    tight = value.replace(" ", "")
    first = identifier.components[0]
    if "csum" in first.linters and tight.isascii() and tight.isdigit():
        if first.longest == 14 and len(tight) in (8, 12, 13):
            tight = tight.zfill(14)
        body = tight[: first.longest - 1]
        tight = body + check_digit(body) + tight[first.longest :]
    return tight if _problem(identifier, tight) is None else None
